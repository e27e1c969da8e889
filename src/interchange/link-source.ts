/**
 * The text of an edited scenario as a link carries it: UTF-8, deflated (RFC 1951), base64url. The only module that needs a compressor: the page loads it where a link
 * carries such a text; the worker packs what the page shares.
 */
import { deflateSync, Inflate, strFromU8, strToU8 } from 'fflate'
import { fail, ok, type Result } from '../lib/result.ts'
import { base64urlToBytes, bytesToBase64url } from './base64url.ts'
import { MAX_SOURCE } from './link-fields.ts'

let last = { source: '', text: bytesToBase64url(deflateSync(new Uint8Array(0), { level: 9 })) }

/** Remembers the last text: every moment of an edited scenario carries the same. */
export function packSource(source: string): string {
  if (last.source !== source) last = { source, text: bytesToBase64url(deflateSync(strToU8(source), { level: 9 })) }
  return last.text
}

/** The error is a clause behind "the edited scenario (x)". */
export function unpackSource(text: string): Result<string> {
  const packed = base64urlToBytes(text)
  if (!(packed instanceof Uint8Array)) return fail(`is damaged at character ${packed.wrongAt + 1}`)
  const bytes = inflateUpTo(packed, MAX_SOURCE)
  if (bytes === 'too-long') return fail(`is longer than ${MAX_SOURCE} bytes; refused`)
  if (bytes === null || packed.length === 0) return fail('is damaged: it cannot be unpacked')
  return ok(strFromU8(bytes))
}

/** Unpacks little by little, so that a short text that claims to hold gigabytes is stopped early. */
function inflateUpTo(packed: Uint8Array, limit: number): Uint8Array | 'too-long' | null {
  const chunks: Uint8Array[] = []
  let length = 0
  let ended = false
  try {
    const inflate = new Inflate((chunk, final) => {
      chunks.push(chunk)
      length += chunk.length
      ended ||= final
    })
    for (let at = 0; at < packed.length || at === 0; at += 256) {
      inflate.push(packed.subarray(at, at + 256), at + 256 >= packed.length)
      if (length > limit) return 'too-long'
    }
  } catch {
    return null
  }
  if (!ended) return null
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}
