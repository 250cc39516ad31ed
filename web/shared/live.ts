// Server-sent events: lists and the inbox stay current. One connection per tab, opened when somebody listens; the
// pause between tries doubles up to a minute; a tab that nobody looks at lets go, and a stranger opens none.
import { onScopeDispose, reactive, watch } from 'vue'
import { session } from './me'

/** Something of this kind changed; what exactly, the listener asks for. */
export interface Happening {
  kind: string
  id?: string
}

type Ear = (h: Happening) => void
const ears = new Map<Ear, string[]>()
let source: EventSource | null = null
let pause = 1000
let timer: ReturnType<typeof setTimeout> | undefined

export const live = reactive({ on: false })

function open(): void {
  if (source || !ears.size || !session.me || typeof EventSource === 'undefined' || document.hidden) return
  const s = new EventSource('/api/events')
  source = s
  s.onopen = () => {
    live.on = true
    pause = 1000
  }
  s.onerror = () => {
    live.on = false
    s.close()
    if (source === s) source = null
    clearTimeout(timer)
    timer = setTimeout(open, pause)
    pause = Math.min(pause * 2, 60_000)
  }
  s.addEventListener('change', (e) => tell(e as MessageEvent<string>))
}

function tell(e: MessageEvent<string>): void {
  let h: Happening
  try {
    h = JSON.parse(e.data) as Happening
  } catch {
    return
  }
  for (const [ear, kinds] of ears) if (!kinds.length || kinds.includes(h.kind)) ear(h)
}

function close(): void {
  source?.close()
  source = null
  live.on = false
}

if (typeof document !== 'undefined') {
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()))
}

watch(() => session.me?.account, (a) => (a ? open() : close()))

/** Hears happenings whose kind is one of kinds (any if none) until the component goes. */
export function listen(kinds: string[], ear: Ear): void {
  ears.set(ear, kinds)
  open()
  onScopeDispose(() => {
    ears.delete(ear)
    if (!ears.size) close()
  })
}
