// Categories of matters are data of the street; they are fetched once and named in the page's language.
import { reactive } from 'vue'
import { get } from './api'
import { inTongue } from './me'
import type { Category } from './shapes'

const kept = reactive({ list: [] as Category[], asked: false })

export async function categories(): Promise<Category[]> {
  if (!kept.asked) {
    kept.asked = true
    try {
      kept.list = (await get<{ categories: Category[] }>('/api/public/case-words', undefined, { strangerStays: true })).categories
    } catch {
      kept.asked = false
    }
  }
  return kept.list
}

export const categoryList = (): Category[] => {
  void categories()
  return kept.list
}

/** The code in a suggestion, which may carry the whole category or only its code. */
export const codeOf = (s: { code?: string; category?: { code: string } | string }): string =>
  s.code ?? (typeof s.category === 'object' ? s.category.code : s.category) ?? ''

/** The name of a category: from the matter itself, from the list, or the code. */
export function categoryName(m: { category?: string; category_zh?: string; category_en?: string }): string {
  return inTongue(m, 'category') || inTongue(kept.list.find((c) => c.code === m.category)) || m.category || '—'
}
