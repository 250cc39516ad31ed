import { everyPage } from './languages.mjs'

export const name = 'every page in Chinese, apart from what people wrote, at 360 px: nothing runs out of it'

export const walk = (w) => everyPage(w, 'zh', { opened: { viewport: { width: 360, height: 740 } }, more: measure })

/** What sticks out of the page, and what may be pressed but cannot be reached. */
function measure() {
  const out = []
  const wide = document.documentElement.clientWidth
  const inner = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)
  if (inner > wide) out.push(`the page is ${inner} wide`)
  const scrolls = (e) => {
    for (let x = e.parentElement; x; x = x.parentElement) if (/auto|scroll/.test(getComputedStyle(x).overflowX) && x.scrollWidth > x.clientWidth) return true
    return false
  }
  for (const e of document.querySelectorAll('button, a[href], input, select, textarea, h1, h2, .figure')) {
    const r = e.getBoundingClientRect()
    if (!r.width || !r.height || getComputedStyle(e).visibility === 'hidden' || e.closest('.unseen, .skip, [aria-hidden=true], .rail') || e.matches('.unseen, .skip, [type=file], [type=checkbox], [type=radio]')) continue
    if ((r.right > wide + 1 || r.left < -1) && !scrolls(e)) out.push(`<${e.tagName.toLowerCase()} class="${e.className}"> ${(e.textContent || e.getAttribute('placeholder') || '').trim().slice(0, 20)}: from ${Math.round(r.left)} to ${Math.round(r.right)}`)
    // A word that stands one letter a line is broken too.
    const t = (e.textContent ?? '').trim()
    if (t.length > 3 && t.length < 30 && r.width < 24 && r.height > 60) out.push(`"${t}" stands upright`)
  }
  return out.slice(0, 6)
}
