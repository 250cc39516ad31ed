// A workbook as other programs write one: a zip of a few XML parts, stored as they are, its one sheet with texts and numbers.
import { crc32 } from 'node:zlib'

const text = (s) => String(s).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c])
const cell = (v) => (typeof v === 'number' ? `<c><v>${v}</v></c>` : `<c t="inlineStr"><is><t>${text(v ?? '')}</t></is></c>`)
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'

export function workbook(rows) {
  const parts = {
    '[Content_Types].xml': `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
    '_rels/.rels': `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${head}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="结果" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `${head}<worksheet xmlns="${main}"><sheetData>${rows.map((r) => `<row>${r.map(cell).join('')}</row>`).join('')}</sheetData></worksheet>`,
  }
  const files = [], list = []
  let at = 0
  for (const [name, body] of Object.entries(parts)) {
    const n = Buffer.from(name), b = Buffer.from(body)
    const fixed = Buffer.alloc(26) // from the version on, as both headers have it
    fixed.writeUInt16LE(20, 0)
    fixed.writeUInt16LE(0x21, 8) // 1 January 1980
    fixed.writeUInt32LE(crc32(b), 10)
    fixed.writeUInt32LE(b.length, 14)
    fixed.writeUInt32LE(b.length, 18)
    fixed.writeUInt16LE(n.length, 22)
    files.push(Buffer.from('PK\x03\x04', 'latin1'), fixed, n, b)
    const more = Buffer.alloc(14)
    more.writeUInt32LE(at, 10)
    list.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fixed, more.subarray(0, 14), n)
    at += 30 + n.length + b.length
  }
  const directory = Buffer.concat(list)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt16LE(files.length / 4, 8)
  end.writeUInt16LE(files.length / 4, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...files, directory, end])
}

/** The city's result as its system gives it: a row for each right, and the sums of heads and area. rows: [right, home, choices, area]. */
export function cityRows(matters, rows, add = 0) {
  const out = [['表决权号', '房屋', ...matters.map((no) => '议题' + no)], ...rows.map(([no, home, choices]) => [no, home, ...choices])]
  for (const word of ['同意', '不同意', '弃权']) {
    const of = matters.map((_, i) => rows.filter((r) => r[2][i] === word))
    out.push(['合计人数', word, ...of.map((x) => x.length + (word === '同意' ? add : 0))], ['合计面积', word, ...of.map((x) => (x.reduce((n, r) => n + r[3], 0) / 100).toFixed(2))])
  }
  return out
}
