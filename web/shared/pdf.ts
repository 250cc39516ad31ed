// pdf.js, for pages that show a PDF: the worker and the tables for Chinese texts come from our own server, nothing is run that
// stands in the file.
import { getDocument, GlobalWorkerOptions, type PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.min.mjs'
import worker from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url'

GlobalWorkerOptions.workerSrc = worker

const tables = import.meta.glob<string>('../node_modules/pdfjs-dist/cmaps/{GB,UniGB,Adobe-GB1}*.bcmap', { query: '?url&no-inline', import: 'default' })

class Tables {
  async fetch({ name }: { name: string }): Promise<{ cMapData: Uint8Array; isCompressed: boolean }> {
    const load = tables[`../node_modules/pdfjs-dist/cmaps/${name}.bcmap`]
    if (!load) throw new Error('no table ' + name)
    const r = await fetch(await load())
    return { cMapData: new Uint8Array(await r.arrayBuffer()), isCompressed: true }
  }
}

export interface Opened {
  pages: number
  /** Draws a page as wide as width in CSS pixels. */
  draw(n: number, canvas: HTMLCanvasElement, width: number): Promise<void>
  close(): void
}

/** Opens a PDF of this server; throws where it is none. */
export async function openPdf(src: string): Promise<Opened> {
  const r = await fetch(src, { credentials: 'same-origin' })
  const data = new Uint8Array(await r.arrayBuffer())
  if (!r.ok || String.fromCharCode(...data.slice(0, 5)) !== '%PDF-') throw new Error('not a PDF')
  const task = getDocument({ data, isEvalSupported: false, useWorkerFetch: false, useWasm: false, CMapReaderFactory: Tables, enableXfa: false })
  const doc: PDFDocumentProxy = await task.promise
  return {
    pages: doc.numPages,
    async draw(n, canvas, width) {
      const page = await doc.getPage(n)
      const own = page.getViewport({ scale: 1 })
      const viewport = page.getViewport({ scale: (Math.max(width, 280) * Math.min(window.devicePixelRatio || 1, 2)) / own.width })
      canvas.width = Math.floor(viewport.width)
      canvas.height = Math.floor(viewport.height)
      await page.render({ canvas, viewport }).promise
      page.cleanup()
    },
    close: () => void task.destroy(),
  }
}
