/**
 * An adaptive binary arithmetic coder whose output is text: six bits a character, in the alphabet that is safe in addresses.
 *
 * Model code is written once for both directions: `code(bit, p)` writes the bit and returns it, or ignores it and returns the one that was read.
 * The coder narrows an interval [low, high] of 30-bit numbers by the probability of each bit and writes the leading digits that both ends share
 * (Witten, Neal and Cleary 1987; without carries, as in Mahoney's lpaq). All arithmetic is on integers that a double holds exactly, so every engine
 * reads what another one wrote.
 */

/** base64url (RFC 4648 section 5): every character is unreserved in an address. */
export const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const DIGIT_OF: ReadonlyMap<string, number> = new Map([...DIGITS].map((digit, value) => [digit, value]))

const MASK = 0x3fff_ffff
const LOOKAHEAD = 5

/** Probabilities are in units of 1/65536, from 1 to 65535. */
export const CERTAIN = 65536
export const EVEN = CERTAIN / 2

export interface BitCoder {
  /** `p`: how probable it is that the bit is 1. */
  code(bit: number, p: number): number
  /** Characters that are settled: the same for writer and reader after the same bits. */
  readonly settled: number
}

export class BitWriter implements BitCoder {
  private low = 0
  private high = MASK
  private text = ''

  get settled(): number {
    return this.text.length
  }

  code(bit: number, p: number): number {
    const middle = this.low + Math.floor(((this.high - this.low) * p) / CERTAIN)
    if (bit === 1) this.high = middle
    else this.low = middle + 1
    while (this.low >>> 24 === this.high >>> 24) {
      this.text += DIGITS[this.low >>> 24] as string
      this.low = (this.low << 6) & MASK
      this.high = ((this.high << 6) & MASK) | 63
    }
    return bit
  }

  /** The text so far, and as much as tells this interval from all others (the reader sees zeros behind the end). */
  finish(): string {
    return this.low === 0 ? this.text : this.text + (DIGITS[(this.low >>> 24) + 1] as string)
  }
}

export class BitReader implements BitCoder {
  private low = 0
  private high = MASK
  private value = 0
  private next: number
  private readonly text: string
  private readonly start: number
  /** The first character of the text that is no digit, or its length. */
  readonly end: number

  constructor(text: string, start: number) {
    this.text = text
    this.start = start
    let end = start
    while (end < text.length && DIGIT_OF.has(text[end] as string)) end++
    this.end = end
    this.next = start
    for (let i = 0; i < LOOKAHEAD; i++) this.value = (this.value << 6) | this.digit()
  }

  code(_: number, p: number): number {
    const middle = this.low + Math.floor(((this.high - this.low) * p) / CERTAIN)
    const bit = this.value <= middle ? 1 : 0
    if (bit === 1) this.high = middle
    else this.low = middle + 1
    while (this.low >>> 24 === this.high >>> 24) {
      this.low = (this.low << 6) & MASK
      this.high = ((this.high << 6) & MASK) | 63
      this.value = ((this.value << 6) & MASK) | this.digit()
    }
    return bit
  }

  get settled(): number {
    return this.next - LOOKAHEAD - this.start
  }

  /** Has more been read than a writer can have written? Then the rest is made of zeros that nobody wrote. */
  get overrun(): boolean {
    return this.next - LOOKAHEAD > this.end
  }

  /** Index of the character that the reader has reached. */
  get position(): number {
    return Math.min(this.next, this.end)
  }

  private digit(): number {
    const at = this.next++
    return at < this.end ? (DIGIT_OF.get(this.text[at] as string) as number) : 0
  }
}

/** Bits estimated from what was seen in the same context: fast at first, then steady. */
export class BitModel {
  private readonly p: Uint16Array
  private readonly seen: Uint8Array

  constructor(contexts: number) {
    this.p = new Uint16Array(contexts).fill(EVEN)
    this.seen = new Uint8Array(contexts)
  }

  at(context: number): number {
    return this.p[context] as number
  }

  /** How often this context has been seen. */
  weight(context: number): number {
    return this.seen[context] as number
  }

  learn(context: number, bit: number): void {
    const p = this.p[context] as number
    const n = this.seen[context] as number
    const target = bit === 1 ? CERTAIN : 0
    this.p[context] = Math.max(16, Math.min(CERTAIN - 16, p + Math.trunc(((target - p) * 2) / (2 * n + 3))))
    if (n < LIMIT) this.seen[context] = n + 1
  }
}

/** How long the memory of a context is. */
const LIMIT = 250
