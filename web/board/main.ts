// The public board: paper on a wall. No sign-in, no kit, readable from a step away and printable as it is.
import { createApp } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import '@/tokens.css'
import { i18n, openWords } from '@/shared/words'
import '@/shared/mode'
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

void open()
