import { expect, it } from 'vitest'
import { withMetadata } from './files'

it('carries the camera’s metadata over to the smaller picture', async () => {
  const exif = [0xff, 0xe1, 0x00, 0x08, 0x45, 0x78, 0x69, 0x66, 0x00, 0x00]
  const original = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x04, 1, 2, ...exif, 0xff, 0xda, 0x00, 0x02])
  const small = new Uint8Array([0xff, 0xd8, 0xff, 0xdb, 0x00, 0x03, 9, 0xff, 0xd9])
  const out = new Uint8Array(await withMetadata(small.buffer, original.buffer).arrayBuffer())
  expect([...out]).toEqual([0xff, 0xd8, ...exif, 0xff, 0xdb, 0x00, 0x03, 9, 0xff, 0xd9])
})

it('leaves a picture without metadata as it is', async () => {
  const a = new Uint8Array([0xff, 0xd8, 0xff, 0xda])
  expect([...new Uint8Array(await withMetadata(a.buffer, a.buffer).arrayBuffer())]).toEqual([...a])
})
