// The pocket: one thumb, one question a screen, for residents and for staff on their rounds.
import { Locale } from 'vant'
import enVant from 'vant/es/locale/lang/en-US'
import zhVant from 'vant/es/locale/lang/zh-CN'
import { createApp, watch } from 'vue'
import '@/tokens.css'
import { onStranger } from '@/shared/api'
import { watchSlips } from '@/shared/ballots'
import { watchOutbox } from '@/shared/drafts'
import { session } from '@/shared/me'
import { inWeChat } from '@/shared/mode'
import { clear } from '@/shared/vote-store'
import { i18n, onSpeak, openWords } from '@/shared/words'
import { watchVisits } from './assembly/visits'
import { fitOut } from './kit'
import { router, warm } from './router'
import Shell from './Shell.vue'

type Bundle = Record<string, unknown>
const zhWords = import.meta.glob<Bundle>('../words/zh-CN/{shared,terms,pocket,vote,sweep,verify,money-phone,money-pay}.json', { eager: true, import: 'default' })
const enWords = import.meta.glob<Bundle>('../words/en/{shared,terms,pocket,vote,sweep,verify,money-phone,money-pay}.json', { import: 'default' })

async function open(): Promise<void> {
  await openWords(zhWords, enWords)
  onSpeak((t) => (t === 'en' ? Locale.use('en-US', enVant) : Locale.use('zh-CN', zhVant)))
  onStranger(() => {
    session.me = null
    const at = router.currentRoute.value
    if (at.name !== 'sign-in') void router.push({ name: 'sign-in', query: { back: at.fullPath } })
  })
  const app = createApp(Shell)
  app.use(i18n).use(router)
  fitOut(app)
  app.mount('#door')
  // What was kept for reading without a signal goes when somebody signs out; ballots and visits stay until they are sent.
  watch(() => session.me?.account, (now, before) => before && !now && void clear('pages').catch(() => undefined))
  watchOutbox()
  watchSlips(() => session.me?.account ?? '')
  watchVisits(() => session.me?.account ?? '')
  warm()
  // Inside WeChat nothing is installed and service workers stay off.
  if (!inWeChat() && 'serviceWorker' in navigator && import.meta.env.PROD) {
    void navigator.serviceWorker.register('/p/sw.js', { scope: '/p/' }).catch(() => undefined)
  }
}

void open()
