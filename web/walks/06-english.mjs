import { everyPage } from './languages.mjs'

export const name = 'every page in English, apart from what people wrote'

export const walk = (w) => everyPage(w, 'en')
