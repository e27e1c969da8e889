/** Bytes as text that is safe in addresses: base64url (RFC 4648 section 5) without padding. */
import { DIGITS } from './bit-coder.ts'

export function bytesToBase64url(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const digits = Math.min(4, bytes.length - i + 1)
    for (let k = 0; k < digits; k++) text += DIGITS[(group >> (18 - 6 * k)) & 63] as string
  }
  return text
}

/** Where the text is no base64url: the index of its first wrong character (its length, where the last one is missing). */
export function base64urlToBytes(text: string): Uint8Array | { readonly wrongAt: number } {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let group = 0
  for (let i = 0; i < text.length; i++) {
    const digit = DIGITS.indexOf(text[i] as string)
    if (digit < 0) return { wrongAt: i }
    group = (group << 6) | digit
    const place = i % 4
    if (place > 0) bytes[Math.floor(i / 4) * 3 + place - 1] = (group >> (6 - 2 * place)) & 0xff
    if (place === 3) group = 0
  }
  return text.length % 4 === 1 ? { wrongAt: text.length } : bytes
}
