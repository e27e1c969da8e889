/** The fields of a fragment, `key=value` joined by "&", and the check over them. */
import { utf8Bytes } from '../lib/bytes.ts'
import { bytesToBase64url } from './base64url.ts'

export const VERSION = 1
/** Characters of a fragment, and bytes of an edited scenario, beyond which a link is refused. Browsers take about 2 million characters. */
export const MAX_FRAGMENT = 4_000_000
export const MAX_SOURCE = 1 << 20

/** Something that is wrong with one part of a link, as a sentence that stands alone. */
export interface Problem {
  /** "scenario", "params", "schedule", "cursor", "digest", "title", "note", "source", "version", "check", "length", "link", "unfinished", or an unknown key. */
  readonly part: string
  readonly message: string
  /** Nothing is damaged: something that this program does not know was ignored. */
  readonly remark?: true
}

export interface Field {
  readonly key: string
  /** The value as it stands in the address. */
  readonly raw: string
}

export function fieldsOf(fragment: string): { fields: Map<string, Field>; problems: Problem[] } {
  const problems: Problem[] = []
  const fields = new Map<string, Field>()
  for (const part of bare(fragment).split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const key = part.slice(0, Math.max(0, equals))
    if (key === '') problems.push({ part: 'link', message: `"${part.slice(0, 20)}" is no key=value; ignored` })
    else if (fields.has(key)) problems.push({ part: key, message: `the field ${key.slice(0, 20)} is there twice; the first one counts` })
    else fields.set(key, { key, raw: part.slice(equals + 1) })
  }
  return { fields, problems }
}

/** Without "#", and without the address before it. Some programs escape a whole fragment once more. */
function bare(fragment: string): string {
  const hash = fragment.startsWith('#') ? 0 : fragment.includes('://') ? fragment.indexOf('#') : -1
  const text = fragment.slice(hash + 1)
  if (text.includes('=') || !/%3d/i.test(text)) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The check of a link: CRC-24 (RFC 4880 section 6.1) of all other fields in four base64url digits. It finds every damage of up to 24 bits in a row. */
export function sealOf(fields: readonly Field[]): string {
  const text = fields.filter(({ key }) => key !== 'k').map(({ key, raw }) => `${key}=${plain(raw)}`)
  let crc = 0xb704ce
  for (const byte of utf8Bytes(text.join('&'))) {
    crc ^= byte << 16
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x800000 ? (crc << 1) ^ 0x1864cfb : crc << 1
  }
  return bytesToBase64url(Uint8Array.of(crc >> 16, crc >> 8, crc))
}

/** Unescaped, so that a program which escapes other characters than we do changes nothing. */
function plain(raw: string): string {
  try {
    return decodeURIComponent(raw)
  } catch {
    return raw
  }
}
