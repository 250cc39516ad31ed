import { speaks } from './languages.mjs'

export const name = 'every page in Chinese, apart from what people wrote'

export const walk = (w) => speaks(w, 'zh')
