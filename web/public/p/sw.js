// Keeps the pocket's shell for when there is no signal: its page and its hashed files, nothing that a person wrote
// and nothing from /api. Not used inside WeChat.
const SHELL = 'cuobian-shell-1'

self.addEventListener('install', (e) => {
  e.waitUntil(caches.open(SHELL).then((c) => c.add(new Request('/p/', { cache: 'reload' }))).then(() => self.skipWaiting()))
})

self.addEventListener('activate', (e) => {
  e.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter((n) => n.startsWith('cuobian-shell-') && n !== SHELL).map((n) => caches.delete(n)))).then(() => self.clients.claim()),
  )
})

self.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url)
  if (e.request.method !== 'GET' || url.origin !== location.origin) return
  if (url.pathname.startsWith('/assets/') || url.pathname === '/p/icon.svg') {
    e.respondWith(
      caches.match(e.request).then((kept) => kept || fetch(e.request).then((r) => {
        if (r.ok) {
          const copy = r.clone()
          e.waitUntil(caches.open(SHELL).then((c) => c.put(e.request, copy)))
        }
        return r
      })),
    )
    return
  }
  if (e.request.mode === 'navigate' && (url.pathname === '/p' || url.pathname.startsWith('/p/'))) {
    e.respondWith(
      fetch(e.request).then((r) => {
        if (r.ok) {
          const copy = r.clone()
          e.waitUntil(caches.open(SHELL).then((c) => c.put('/p/', copy)))
        }
        return r
      }).catch(() => caches.match('/p/').then((r) => r || Response.error())),
    )
  }
})
