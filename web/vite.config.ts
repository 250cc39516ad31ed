import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const here = (p: string) => fileURLToPath(new URL(p, import.meta.url))

// Vant's icon font lies in its stylesheet as data, with a second source on a foreign host. Nothing may be fetched from
// elsewhere and the content policy takes fonts from our own address only, so the font becomes a file of ours.
const ownFont = (): Plugin => {
  const fonts = new Map<string, Buffer>()
  return {
    name: 'own-font',
    enforce: 'pre',
    transform(code, id) {
      if (!/[\\/]vant[\\/].*\.css/.test(id)) return
      return code
        .replace(/,\s*url\(\/\/[^)]*\)\s*format\([^)]*\)/g, '')
        .replace(/url\(["']?data:font\/woff2;[^,]*;base64,([^)"']+)["']?\)/g, (_all, data: string) => {
          const font = Buffer.from(data, 'base64')
          const name = `/assets/icons-${createHash('sha256').update(font).digest('hex').slice(0, 8)}.woff2`
          fonts.set(name, font)
          return `url(${name})`
        })
    },
    configureServer(server) {
      server.middlewares.use((req, res, next) => {
        const font = fonts.get(req.url ?? '')
        if (!font) return next()
        res.setHeader('Content-Type', 'font/woff2')
        res.end(font)
      })
    },
    generateBundle() {
      for (const [name, source] of fonts) this.emitFile({ type: 'asset', fileName: name.slice(1), source })
    },
  }
}

// In development the doors live at the same addresses as behind the Go server.
const doors: Plugin = {
  name: 'doors',
  configureServer(server) {
    server.middlewares.use((req, _res, next) => {
      const path = (req.url ?? '').split('?')[0] ?? ''
      if (/\.\w+$/.test(path) || path.startsWith('/@')) return next()
      if (/^\/console(\/|$)/.test(path)) req.url = '/console/index.html'
      else if (/^\/p(\/|$)/.test(path)) req.url = '/pocket/index.html'
      else if (path === '/' || /^\/(screen|verify|log|b|vote|r)(\/|$)/.test(path)) req.url = '/board/index.html'
      next()
    })
  },
}

const backend = process.env.CUOBIAN_BACKEND ?? 'http://127.0.0.1:8080'

export default defineConfig({
  appType: 'mpa',
  plugins: [ownFont(), doors, vue()],
  resolve: { alias: { '@': here('.') } },
  define: {
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
  },
  build: {
    target: ['es2020', 'chrome87', 'safari14'],
    cssTarget: ['chrome87', 'safari14'],
    emptyOutDir: false, // dist/placeholder.txt is committed; `npm run build` clears the rest first
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      input: {
        console: here('console/index.html'),
        pocket: here('pocket/index.html'),
        board: here('board/index.html'),
      },
    },
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    proxy: Object.fromEntries(
      ['/api', '/open311', '/healthz'].map((p) => [p, { target: backend, changeOrigin: false }]),
    ),
  },
  test: { environment: 'happy-dom', include: ['**/*.test.ts'], exclude: ['node_modules/**', 'dist/**', 'walks/**'] },
})
