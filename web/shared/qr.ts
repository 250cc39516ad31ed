import qrcode from 'qrcode-generator'

/** The modules of a QR code (error correction M), rows of dark or light. */
export function modules(text: string): boolean[][] {
  const q = qrcode(0, 'M')
  q.addData(text, 'Byte')
  q.make()
  const n = q.getModuleCount()
  return Array.from({ length: n }, (_, y) => Array.from({ length: n }, (_, x) => q.isDark(y, x)))
}
