// The two languages. Chinese comes with the door, English is fetched when chosen. Each file words/<tongue>/<area>.json
// becomes the messages under <area>.
import { createI18n } from 'vue-i18n'
import type { Tongue } from './say'

type Bundle = Record<string, unknown>
type Loaded = Record<string, Bundle>
type Lazy = Record<string, () => Promise<Bundle>>

const KEY = 'cuobian.tongue'

export const i18n = createI18n<false>({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'zh-CN',
  missingWarn: import.meta.env.DEV,
  fallbackWarn: import.meta.env.DEV,
  messages: { 'zh-CN': {}, en: {} },
})

const areaOf = (path: string) => path.replace(/^.*\//, '').replace(/\.json$/, '')

let english: Lazy = {}
let arrived = false
const heard: ((t: Tongue) => void)[] = []

/** Called once by a door with its own areas, from import.meta.glob. */
export async function openWords(zh: Loaded, en: Lazy): Promise<void> {
  for (const [path, bundle] of Object.entries(zh)) {
    i18n.global.mergeLocaleMessage('zh-CN', { [areaOf(path)]: bundle })
  }
  english = en
  const asked = new URLSearchParams(location.search).get('lang')
  const kept = keptTongue()
  await speak(asked === 'en' || (!asked && kept === 'en') ? 'en' : 'zh-CN', false)
}

function keptTongue(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

export async function speak(tongue: Tongue, keep = true): Promise<void> {
  if (tongue === 'en' && !arrived) {
    await Promise.all(
      Object.entries(english).map(async ([path, load]) => {
        i18n.global.mergeLocaleMessage('en', { [areaOf(path)]: await load() })
      }),
    )
    arrived = true
  }
  i18n.global.locale.value = tongue
  document.documentElement.lang = tongue
  if (keep) {
    try {
      localStorage.setItem(KEY, tongue)
    } catch {
      // A browser that keeps nothing still switches for this visit.
    }
  }
  for (const f of heard) f(tongue)
}

/** Tells a kit (Element Plus, Vant) which language it now speaks. */
export function onSpeak(f: (t: Tongue) => void): void {
  heard.push(f)
  f(tongue())
}

export const tongue = (): Tongue => i18n.global.locale.value as Tongue

export const t = (key: string, named: Record<string, unknown> = {}): string => i18n.global.t(key, named)

/** The message if there is one, else the given text: for codes that the server may add before the browser knows them. */
export const term = (key: string, otherwise: string): string => (i18n.global.te(key, 'zh-CN') ? t(key) : otherwise)
