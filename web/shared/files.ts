// Photographs and voice notes on their way to the server.
import { post } from './api'

export interface Held {
  id: string
}

/** Longest side of a photograph sent, in pixels; a phone's picture would take minutes on a bad network. */
const LONGEST = 2048
const SMALL_ENOUGH = 1_500_000

export async function sendFile(blob: Blob, name: string, kind: 'photo' | 'voice'): Promise<Held> {
  const form = new FormData()
  form.append('file', blob, name)
  return post<Held>('/api/blobs?kind=' + kind, form, { strangerStays: true })
}

/**
 * Makes a big photograph smaller before it travels. The server needs the camera's place and time, so a picture that
 * is already small enough travels untouched, and a bigger one keeps the metadata segment of its JPEG.
 */
export async function lighten(file: File): Promise<Blob> {
  if (file.size <= SMALL_ENOUGH || file.type !== 'image/jpeg' || typeof createImageBitmap === 'undefined') return file
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: 'none' })
    const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(bitmap.width * scale)
    canvas.height = Math.round(bitmap.height * scale)
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    bitmap.close()
    const small = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.82))
    if (!small || small.size >= file.size) return file
    return withMetadata(await small.arrayBuffer(), await file.arrayBuffer())
  } catch {
    return file
  }
}

/** Puts the APP1 (Exif) segments of the original after the start marker of the smaller JPEG. */
export function withMetadata(small: ArrayBuffer, original: ArrayBuffer): Blob {
  const o = new DataView(original)
  const parts: ArrayBuffer[] = []
  let at = 2
  while (at + 4 <= o.byteLength && o.getUint8(at) === 0xff) {
    const marker = o.getUint8(at + 1)
    if (marker === 0xda || marker === 0xd9) break
    const length = o.getUint16(at + 2) + 2
    if (marker === 0xe1 && at + length <= o.byteLength) parts.push(original.slice(at, at + length))
    at += length
  }
  return new Blob([small.slice(0, 2), ...parts, small.slice(2)], { type: 'image/jpeg' })
}

/** Address of a held picture or sound. */
export const blobAt = (id: string, size: 'thumb' | 'full' = 'full'): string => `/api/blobs/${encodeURIComponent(id)}?size=${size}`
