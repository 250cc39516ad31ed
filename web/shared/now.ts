// One clock for all deadlines on the page, moved twice a minute.
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { clock } from './clock'

const now = shallowRef(clock())
let watchers = 0
let timer: ReturnType<typeof setInterval> | undefined

export function useNow(): ShallowRef<Date> {
  watchers++
  now.value = clock()
  timer ??= setInterval(() => (now.value = clock()), 30_000)
  onScopeDispose(() => {
    if (--watchers === 0) {
      clearInterval(timer)
      timer = undefined
    }
  })
  return now
}
