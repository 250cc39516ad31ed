import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import BallotPage from './assembly/BallotPage.vue'
import MeetingPage from './assembly/MeetingPage.vue'
import Report from './cases/Report.vue'
import Sent from './cases/Sent.vue'
import Front from './desk/Front.vue'

declare module 'vue-router' {
  interface RouteMeta {
    /** Message key of the page's name. */
    title?: string
    /** Stands in the bottom bar. */
    tab?: string
    /** Needs somebody to be signed in. */
    mine?: boolean
  }
}

// What a report or a ballot needs comes with the door: the signal may be gone when it is sent, and inside WeChat nothing is kept.
const routes: RouteRecordRaw[] = [
  { path: '/', name: 'front', component: Front, meta: { title: 'pocket.front', tab: 'front' } },
  { path: '/sign-in', name: 'sign-in', component: () => import('./desk/SignIn.vue'), meta: { title: 'shared.sign.resident' } },
  { path: '/report', name: 'report', component: Report, meta: { title: 'pocket.report.title' } },
  { path: '/sent', name: 'sent', component: Sent, meta: { title: 'pocket.sent.title' } },
  { path: '/matters', name: 'matters', component: () => import('./cases/Matters.vue'), meta: { title: 'pocket.matters.title', tab: 'matters', mine: true } },
  { path: '/matters/:id', name: 'matter', component: () => import('./cases/MatterPage.vue'), meta: { title: 'pocket.matter', mine: true } },
  { path: '/ask', name: 'ask', component: () => import('./cases/Ask.vue'), meta: { title: 'pocket.ask.title' } },
  { path: '/day', name: 'day', component: () => import('./duty/Day.vue'), meta: { title: 'pocket.day.title', tab: 'day', mine: true } },
  { path: '/me', name: 'me', component: () => import('./people/Me.vue'), meta: { title: 'pocket.me.title', tab: 'me' } },
  { path: '/me/data', name: 'data', component: () => import('./people/MyData.vue'), meta: { title: 'pocket.data.title', mine: true } },
  { path: '/messages', name: 'messages', component: () => import('./outreach/Messages.vue'), meta: { title: 'pocket.messages.title', mine: true } },
  { path: '/votes', name: 'votes', component: () => import('./assembly/Votes.vue'), meta: { title: 'vote.title', mine: true } },
  { path: '/votes/:id', name: 'meeting', component: MeetingPage, meta: { title: 'vote.meeting', mine: true } },
  { path: '/votes/:id/election', name: 'election', component: () => import('./assembly/ElectionPage.vue'), meta: { title: 'vote.election.title', mine: true } },
  { path: '/votes/:id/ballot/:right', name: 'ballot', component: BallotPage, meta: { title: 'vote.ballot', mine: true } },
  { path: '/receipts', name: 'receipts', component: () => import('./assembly/Receipts.vue'), meta: { title: 'vote.receipts', mine: true } },
  { path: '/receipts/:word', name: 'receipt', component: () => import('./assembly/ReceiptPage.vue'), meta: { title: 'vote.receiptOf', mine: true } },
  { path: '/demands', name: 'demands', component: () => import('./assembly/Demands.vue'), meta: { title: 'vote.demands', mine: true } },
  { path: '/committee', name: 'committee', component: () => import('./assembly/Committee.vue'), meta: { title: 'vote.committee.title', mine: true } },
  { path: '/sweep/:id', name: 'sweep', component: () => import('./assembly/Sweep.vue'), meta: { title: 'sweep.title', mine: true } },
  { path: '/money', name: 'money', component: () => import('./money/Bills.vue'), meta: { title: 'money-phone.home', mine: true } },
  { path: '/money/bills/:id', name: 'bill', component: () => import('./money/BillPage.vue'), meta: { title: 'money-phone.bill1', mine: true } },
  { path: '/money/orders/:id', name: 'order', component: () => import('./money/OrderPage.vue'), meta: { title: 'money-phone.order1', mine: true } },
  { path: '/money/receipts', name: 'fee-receipts', component: () => import('./money/FeeReceipts.vue'), meta: { title: 'money-phone.receiptsTitle', mine: true } },
  { path: '/money/fund', name: 'fund', component: () => import('./money/Fund.vue'), meta: { title: 'money-phone.fundTitle', mine: true } },
  { path: '/money/works', name: 'works', component: () => import('./money/Works.vue'), meta: { title: 'money-phone.worksTitle', mine: true } },
  { path: '/money/works/:compound/:id', name: 'work', component: () => import('./money/WorkPage.vue'), meta: { title: 'money-phone.workTitle', mine: true } },
  { path: '/money/published', name: 'published', component: () => import('./money/Published.vue'), meta: { title: 'money-phone.publishedTitle', mine: true } },
  { path: '/money/published/:id', name: 'statement', component: () => import('./money/StatementPage.vue'), meta: { title: 'money-phone.statementTitle' } },
  { path: '/money/approvals', name: 'approvals', component: () => import('./money/Approvals.vue'), meta: { title: 'money-phone.approvalsTitle', mine: true } },
  { path: '/money/approvals/:id', name: 'approval', component: () => import('./money/ApprovalPage.vue'), meta: { title: 'money-phone.approvalTitle', mine: true } },
  { path: '/:rest(.*)*', redirect: '/' },
]

export const router = createRouter({
  history: createWebHistory('/p'),
  routes,
  scrollBehavior: (_to, _from, kept) => kept ?? { top: 0 },
})

/** Fetches the other pages while there is a signal and nothing else to do. */
export function warm(): void {
  const later = 'requestIdleCallback' in window ? (f: () => void) => window.requestIdleCallback(f) : (f: () => void) => setTimeout(f, 2000)
  later(() => {
    for (const r of routes) if (typeof r.component === 'function') void (r.component as () => Promise<unknown>)().catch(() => undefined)
  })
}
