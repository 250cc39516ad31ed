// What kind of screen and hand this is: elder mode, WeChat's browser, reading aloud.
import { reactive } from 'vue'

const KEY = 'cuobian.elder'

function kept(): boolean {
  try {
    return localStorage.getItem(KEY) === '1'
  } catch {
    return false
  }
}

export const mode = reactive({ elder: kept() })

export function setElder(on: boolean): void {
  mode.elder = on
  document.documentElement.classList.toggle('elder', on)
  try {
    localStorage.setItem(KEY, on ? '1' : '0')
  } catch {
    // not kept, still on for this visit
  }
}

setElder(mode.elder)

export const inWeChat = (agent = navigator.userAgent): boolean => /MicroMessenger/i.test(agent)

/** Passkeys do not work inside WeChat's browser. */
export const canPasskey = (): boolean => !inWeChat() && typeof window.PublicKeyCredential !== 'undefined'

export const canSpeak = (): boolean => typeof speechSynthesis !== 'undefined' && typeof SpeechSynthesisUtterance !== 'undefined'

export function readAloud(text: string, tongue: string): void {
  if (!canSpeak()) return
  speechSynthesis.cancel()
  const u = new SpeechSynthesisUtterance(text)
  u.lang = tongue
  u.rate = 0.9
  speechSynthesis.speak(u)
}

export function hush(): void {
  if (canSpeak()) speechSynthesis.cancel()
}
