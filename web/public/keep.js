// Keeps the pages on which anybody counts again (/verify and /log) for when there is no network: the page, the hashed
// files it is made of, and of the server's answers only the public log's, which are the same for everybody. Nothing else
// from /api is kept. Not used inside WeChat.
const KEPT = 'cuobian-board-1'
const PAGES = ['/verify', '/log']
const LOG = ['/api/public/log', '/api/public/log/records']

self.addEventListener('install', (e) => {
  e.waitUntil(caches.open(KEPT).then((c) => c.add(new Request('/verify', { cache: 'reload' }))).then(() => self.skipWaiting()))
})

self.addEventListener('activate', (e) => {
  e.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter((n) => n.startsWith('cuobian-board-') && n !== KEPT).map((n) => caches.delete(n)))).then(() => self.clients.claim()),
  )
})

const keep = (e, key, r) => {
  if (r.ok) {
    const copy = r.clone()
    e.waitUntil(caches.open(KEPT).then((c) => c.put(key, copy)))
  }
  return r
}
// The page comes to hand over the files that it loaded before anybody was here to keep them.
self.addEventListener('message', (e) => {
  const urls = (Array.isArray(e.data) ? e.data : []).filter((u) => typeof u === 'string' && u.startsWith(location.origin + '/assets/'))
  e.waitUntil(caches.open(KEPT).then((c) => Promise.all(urls.map((u) => c.match(u).then((there) => there || c.add(u).catch(() => undefined))))))
})

self.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url)
  if (e.request.method !== 'GET' || url.origin !== location.origin) return
  if (url.pathname.startsWith('/assets/') || url.pathname === '/p/icon.svg') {
    e.respondWith(caches.match(e.request).then((there) => there || fetch(e.request).then((r) => keep(e, e.request, r))))
  } else if (e.request.mode === 'navigate' && PAGES.includes(url.pathname)) {
    // Both addresses are one page.
    e.respondWith(fetch(e.request).then((r) => keep(e, '/verify', r)).catch(() => caches.match('/verify').then((r) => r || Response.error())))
  } else if (LOG.includes(url.pathname)) {
    e.respondWith(fetch(e.request).then((r) => keep(e, e.request, r)).catch(() => caches.match(e.request).then((r) => r || Response.error())))
  }
})
