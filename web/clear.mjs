// Clears web/dist before a build, but for the placeholder that Go embeds when nothing is built.
import { readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const dist = fileURLToPath(new URL('./dist/', import.meta.url))
for (const name of readdirSync(dist)) if (name !== 'placeholder.txt') rmSync(dist + name, { recursive: true })
