// The public board: paper on a wall. No sign-in, no kit, readable from a step away and printable as it is.
import { createApp } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import '@/tokens.css'
import { i18n, openWords } from '@/shared/words'
import { inWeChat } from '@/shared/mode'
import Shell from './Shell.vue'

type Bundle = Record<string, unknown>
const zhWords = import.meta.glob<Bundle>('../words/zh-CN/{shared,terms,board,vote,verify}.json', { eager: true, import: 'default' })
const enWords = import.meta.glob<Bundle>('../words/en/{shared,terms,board,vote,verify}.json', { import: 'default' })

const router = createRouter({
  history: createWebHistory('/'),
  routes: [
    { path: '/', component: () => import('./Front.vue') },
    { path: '/b', component: () => import('./Front.vue') },
    { path: '/b/:id', component: () => import('./Compound.vue') },
    { path: '/b/:id/money', component: () => import('./Money.vue') },
    { path: '/vote/:id', component: () => import('./Vote.vue') },
    { path: '/verify', component: () => import('./Verify.vue') },
    { path: '/log', component: () => import('./Log.vue') },
    { path: '/r/:word', component: () => import('./ReceiptView.vue') },
    { path: '/screen', component: () => import('./Screen.vue') },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})

async function open(): Promise<void> {
  await openWords(zhWords, enWords)
  createApp(Shell).use(i18n).use(router).mount('#door')
}

/** The pages of counting again are kept on this device, so that they open without a network too. */
async function keep(): Promise<void> {
  const here = location.pathname
  if ((here !== '/verify' && here !== '/log') || inWeChat() || !('serviceWorker' in navigator) || !import.meta.env.PROD) return
  await navigator.serviceWorker.register('/keep.js', { scope: here })
  const worker = (await navigator.serviceWorker.ready).active
  const loaded = () => [...new Set(performance.getEntriesByType('resource').map((x) => x.name))].filter((x) => x.startsWith(location.origin + '/assets/'))
  // At once, and again when the other language and what opens later have come.
  for (const after of [0, 3000]) setTimeout(() => worker?.postMessage(loaded()), after)
}

void open().then(keep).catch(() => undefined)
