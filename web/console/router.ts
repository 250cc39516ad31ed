// Addresses of the console. Each room keeps its own pages; they are fetched when first opened.
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'

declare module 'vue-router' {
  interface RouteMeta {
    /** May be seen without signing in. */
    open?: boolean
    /** Message key of the page's name. */
    title?: string
    /** Shown without the shell: print pages, sign-in. */
    bare?: boolean
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/', redirect: '/today' },
  { path: '/sign-in', name: 'sign-in', component: () => import('./desk/SignIn.vue'), meta: { open: true, bare: true, title: 'shared.sign.staff' } },

  { path: '/today', name: 'today', component: () => import('./duty/MyDay.vue'), meta: { title: 'desk.nav.today' } },
  { path: '/calendar', name: 'calendar', component: () => import('./duty/DutyCalendar.vue'), meta: { title: 'desk.nav.calendar' } },
  { path: '/overdue', name: 'overdue', component: () => import('./duty/Overdue.vue'), meta: { title: 'desk.nav.overdue' } },

  { path: '/cases', name: 'cases', component: () => import('./cases/CaseList.vue'), meta: { title: 'desk.nav.cases' } },
  { path: '/cases/:id', name: 'case', component: () => import('./cases/CasePage.vue'), meta: { title: 'desk.nav.cases' } },
  { path: '/cases/:id/sheet', name: 'case-sheet', component: () => import('./cases/CaseSheet.vue'), meta: { bare: true, title: 'cases.sheet' } },
  { path: '/cases/:id/notice', name: 'case-notice', component: () => import('./cases/CaseNotice.vue'), meta: { bare: true, title: 'cases.notice' } },
  { path: '/cases/:id/receipt', name: 'case-receipt', component: () => import('./cases/CaseReceipt.vue'), meta: { bare: true, title: 'cases.receipt' } },
  { path: '/import12345', name: 'import12345', component: () => import('./cases/Import12345.vue'), meta: { title: 'desk.nav.import12345' } },
  { path: '/hotline', name: 'hotline', component: () => import('./cases/Hotline.vue'), meta: { title: 'desk.nav.hotline' } },

  { path: '/assemblies', name: 'assemblies', component: () => import('./assembly/Meetings.vue'), meta: { title: 'desk.nav.assemblies' } },
  { path: '/assemblies/new', component: () => import('./assembly/Wizard.vue'), meta: { title: 'vote-desk.convene' } },
  { path: '/assemblies/:id', name: 'assembly', component: () => import('./assembly/MeetingPage.vue'), meta: { title: 'desk.nav.assemblies' } },
  { path: '/assemblies/:id/draft', component: () => import('./assembly/Wizard.vue'), meta: { title: 'vote-desk.draftOf' } },
  { path: '/assemblies/:id/typing', component: () => import('./assembly/Typing.vue'), meta: { title: 'vote-desk.typing' } },
  { path: '/assemblies/:id/scrutiny', component: () => import('./assembly/Scrutiny.vue'), meta: { title: 'vote-desk.scrutiny' } },
  { path: '/assemblies/:id/sheets', component: () => import('./assembly/SheetPrint.vue'), meta: { bare: true, title: 'vote-desk.printSheets' } },
  { path: '/assemblies/:id/papers/:paper', component: () => import('./assembly/PaperPage.vue'), meta: { bare: true, title: 'vote-desk.tabs.papers' } },
  { path: '/demands', name: 'demands', component: () => import('./assembly/Demands.vue'), meta: { title: 'desk.nav.demands' } },

  { path: '/money/fees', component: () => import('./money/FeePick.vue'), meta: { title: 'money-fees.desk' } },
  { path: '/money/:compound/receipts/:id', component: () => import('./money/FeeReceipt.vue'), meta: { bare: true, title: 'money-fees.receipt' } },
  { path: '/money/:compound/:side(fees|bank)/:part?', component: () => import('./money/FeeHouse.vue'), meta: { title: 'money-fees.desk' } },
  { path: '/money', name: 'money', component: () => import('./money/Books.vue'), meta: { title: 'money-desk.books' } },
  { path: '/money/payments', name: 'payments', component: () => import('./money/Payments.vue'), meta: { title: 'money-desk.payments' } },
  { path: '/money/payments/new', component: () => import('./money/Apply.vue'), meta: { title: 'money-desk.apply' } },
  { path: '/money/payments/:id', name: 'payment', component: () => import('./money/PaymentPage.vue'), meta: { title: 'money-desk.payments' } },
  { path: '/money/publishing', name: 'publishing', component: () => import('./money/Publishing.vue'), meta: { title: 'money-desk.publishing' } },
  { path: '/money/splits', name: 'splits', component: () => import('./money/Splits.vue'), meta: { title: 'money-pay.split.board' } },
  { path: '/money/handovers', component: () => import('./money/HandoverMine.vue'), meta: { title: 'money-desk.myHandovers' } },
  { path: '/money/works', name: 'works', component: () => import('./money/Works.vue'), meta: { title: 'money-desk.works' } },
  { path: '/money/:compound/works/new', component: () => import('./money/WorkBegin.vue'), meta: { title: 'money-steps.work.begin' } },
  { path: '/money/:compound/works/:id', component: () => import('./money/WorkPage.vue'), meta: { title: 'money-desk.works' } },
  { path: '/money/:compound/fund', component: () => import('./money/FundUses.vue'), meta: { title: 'money-desk.fundPage' } },
  { path: '/money/:compound/entries', component: () => import('./money/Entries.vue'), meta: { title: 'money-desk.entries' } },
  { path: '/money/:compound/statement', component: () => import('./money/AccountsPrint.vue'), meta: { bare: true, title: 'money-desk.accounts' } },
  { path: '/money/:compound', name: 'book', component: () => import('./money/BookPage.vue'), meta: { title: 'money-desk.oneBook' } },

  { path: '/standing', name: 'standing', component: () => import('./standing/Board.vue'), meta: { title: 'desk.nav.standing' } },
  { path: '/standing/:indicator', name: 'indicator', component: () => import('./standing/Indicator.vue'), meta: { title: 'desk.nav.standing' } },

  { path: '/places', name: 'places', component: () => import('./place/Places.vue'), meta: { title: 'desk.nav.places' } },
  { path: '/spots/:code', component: () => import('./place/SpotPrint.vue'), meta: { bare: true, title: 'place.spots' } },
  { path: '/people', name: 'people', component: () => import('./people/People.vue'), meta: { title: 'desk.nav.people' } },
  { path: '/homes/:id', name: 'home', component: () => import('./people/Home.vue'), meta: { title: 'people.home' } },
  { path: '/orgs', name: 'orgs', component: () => import('./people/Orgs.vue'), meta: { title: 'desk.nav.orgs' } },
  { path: '/committees', name: 'committees', component: () => import('./committee/Committees.vue'), meta: { title: 'desk.nav.committees' } },
  { path: '/committees/:id', name: 'committee', component: () => import('./committee/CommitteePage.vue'), meta: { title: 'desk.nav.committees' } },
  { path: '/committees/:id/papers/:paper', name: 'committee-paper', component: () => import('./committee/PaperPrint.vue'), meta: { bare: true, title: 'committee.papers' } },
  { path: '/formings', name: 'formings', component: () => import('./committee/Formings.vue'), meta: { title: 'desk.nav.formings' } },
  { path: '/formings/:id', name: 'forming', component: () => import('./committee/FormingPage.vue'), meta: { title: 'desk.nav.formings' } },
  { path: '/formings/:id/filing', name: 'filing', component: () => import('./committee/Filing.vue'), meta: { bare: true, title: 'committee.filing.title' } },
  { path: '/corrections', name: 'corrections', component: () => import('./people/Corrections.vue'), meta: { title: 'desk.nav.corrections' } },
  { path: '/coverage', name: 'coverage', component: () => import('./people/Coverage.vue'), meta: { title: 'desk.nav.coverage' } },
  { path: '/imports', name: 'imports', component: () => import('./people/Imports.vue'), meta: { title: 'desk.nav.imports' } },
  { path: '/imports/:id', name: 'import', component: () => import('./people/ImportPage.vue'), meta: { title: 'desk.nav.imports' } },
  { path: '/service', name: 'service', component: () => import('./service/Contracts.vue'), meta: { title: 'desk.nav.service' } },
  { path: '/promises', name: 'promises', component: () => import('./service/Promises.vue'), meta: { title: 'desk.nav.promises' } },
  { path: '/joined', name: 'joined', component: () => import('./service/JoinedUnits.vue'), meta: { title: 'desk.nav.joined' } },
  { path: '/messages', name: 'messages', component: () => import('./outreach/Messages.vue'), meta: { title: 'desk.nav.outreach' } },
  { path: '/settings/:page?', name: 'settings', component: () => import('./settings/Settings.vue'), meta: { title: 'desk.nav.settings' } },
  { path: '/:rest(.*)*', component: () => import('./desk/Lost.vue'), meta: { title: 'desk.title' } },
]

export const router = createRouter({
  history: createWebHistory('/console'),
  routes,
  scrollBehavior: (_to, _from, kept) => kept ?? { top: 0 },
})
