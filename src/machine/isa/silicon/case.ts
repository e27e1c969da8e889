/** What a case is, and the memory that it runs in: the same here and in native/silicon.c. */
import type { Random } from '../../../lib/random.ts'

export const CODE = 0x1000_0000
export const DATA = 0x2000_0000
export const PAGE = 4096
export const DATA_BYTES = 3 * PAGE
export const TABLE_BYTES = 4 * PAGE
export const GS_BASE = DATA + 0x100
/** Code bytes that a case can hold; the rest of the code page is int3. */
export const CODE_BYTES = 64

export interface Case {
  readonly bits: 32 | 64
  readonly codeOffset: number
  readonly code: Uint8Array
  readonly tableOffset: number
  readonly patches: readonly { readonly offset: number; readonly value: bigint }[]
  readonly registers: BigUint64Array
  readonly flags: number
  /** The lines of the opcode table that it was made from. */
  readonly about: string
}

/** Initial memory is cut from this table: random words between runs of zeros, ones and repeated bytes. */
export function createTable(random: Random): Uint8Array {
  const words = new Int32Array(TABLE_BYTES / 4)
  for (let i = 0; i < words.length; ) {
    const run = 1 + random.below(8)
    const kind = random.below(6)
    const byte = random.below(256) * 0x0101_0101
    for (let k = 0; k < run && i < words.length; k++, i++) words[i] = kind === 0 ? 0 : kind === 1 ? -1 : kind === 2 ? byte : random.bits()
  }
  return new Uint8Array(words.buffer)
}
