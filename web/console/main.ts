// The console: the desks of a street.
import en from 'element-plus/es/locale/lang/en'
import zhCn from 'element-plus/es/locale/lang/zh-cn'
import { createApp, shallowRef } from 'vue'
import '@/tokens.css'
import { onStranger } from '@/shared/api'
import { session, whoAmI } from '@/shared/me'
import { i18n, onSpeak, openWords } from '@/shared/words'
import { fitOut } from './kit'
import { router } from './router'
import Shell from './Shell.vue'

type Bundle = Record<string, unknown>

const zhWords = import.meta.glob<Bundle>(['../words/zh-CN/*.json', '!../words/zh-CN/{pocket,board}.json'], { eager: true, import: 'default' })
const enWords = import.meta.glob<Bundle>(['../words/en/*.json', '!../words/en/{pocket,board}.json'], { import: 'default' })

async function open(): Promise<void> {
  await openWords(zhWords, enWords)
  const kitTongue = shallowRef(zhCn)
  onSpeak((t) => (kitTongue.value = t === 'en' ? en : zhCn))

  onStranger(() => {
    session.me = null
    const at = router.currentRoute.value
    if (at.name !== 'sign-in') void router.push({ name: 'sign-in', query: { back: at.fullPath, ended: session.known ? '1' : undefined } })
  })
  router.beforeEach(async (to) => {
    if (to.meta.open) return true
    const me = await whoAmI().catch(() => session.me)
    return me ? true : { name: 'sign-in', query: to.fullPath === '/' ? {} : { back: to.fullPath } }
  })
  const app = createApp(Shell, { kitTongue })
  app.use(i18n).use(router)
  fitOut(app)
  app.mount('#door')
}

void open()
