// Doing something to a thing of a room: one at a time, with what went wrong, and the reason where one is due.
import { ElMessage, ElMessageBox } from 'element-plus'
import { ref, shallowRef } from 'vue'
import { post } from '@/shared/api'
import { asFault, type Fault } from '@/shared/fault'
import { lighten, type Held } from '@/shared/files'
import { t } from '@/shared/words'

export function useDoing(after: () => unknown = () => undefined) {
  const busy = ref('')
  const fault = shallowRef<Fault | null>(null)
  async function run(name: string, f: () => Promise<unknown>, said = true): Promise<boolean> {
    if (busy.value) return false
    busy.value = name
    fault.value = null
    try {
      await f()
      if (said) ElMessage.success(t('shared.done'))
      await after()
      return true
    } catch (e) {
      fault.value = asFault(e)
      return false
    } finally {
      busy.value = ''
    }
  }
  return { busy, fault, run }
}

/** A reason in a sentence, or null when somebody thinks better of it. */
export async function askReason(title: string, label: string, as: 'textarea' | 'text' = 'textarea'): Promise<string | null> {
  const r = (await ElMessageBox.prompt(label, title, {
    confirmButtonText: title, cancelButtonText: t('shared.cancel'), inputType: as, inputValidator: (v: string) => Boolean(v?.trim()) || label,
  }).catch(() => null)) as { value?: string } | null
  return r?.value?.trim() || null
}

export async function sure(title: string, text: string): Promise<boolean> {
  return ElMessageBox.confirm(text, title, { confirmButtonText: title, cancelButtonText: t('shared.cancel') }).then(() => true, () => false)
}

/** Uploads a picture or a scanned letter; the server keeps it until it belongs to something. */
export async function upload(f: globalThis.File): Promise<string> {
  const photo = f.type.startsWith('image/')
  const form = new FormData()
  form.append('file', photo ? await lighten(f) : f, f.name)
  return (await post<Held>('/api/blobs?kind=' + (photo ? 'photo' : 'file'), form)).id
}
