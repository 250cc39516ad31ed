// One clock for all deadlines on the page, moved twice a minute.
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'

const now = shallowRef(new Date())
let watchers = 0
let timer: ReturnType<typeof setInterval> | undefined

export function useNow(): ShallowRef<Date> {
  watchers++
  now.value = new Date()
  timer ??= setInterval(() => (now.value = new Date()), 30_000)
  onScopeDispose(() => {
    if (--watchers === 0) {
      clearInterval(timer)
      timer = undefined
    }
  })
  return now
}
