/**
 * 64-bit numbers at the edges: the core holds them as two 32-bit halves (lo, hi), people and formats see `bigint` or "0x…".
 * Why halves: they are fast in every engine (BigUint64Array is 50 times slower in WebKit), and they lie as they are in a packed state.
 */

const MASK32 = 0xffff_ffffn

/** Joins two 32-bit halves (signed or unsigned) into an unsigned 64-bit bigint. */
export function joinHalves(lo: number, hi: number): bigint {
  return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)
}

/** The low half of a 64-bit number, as a signed 32-bit integer. */
export function lowHalf(value: bigint): number {
  return Number(value & MASK32) | 0
}

/** The high half of a 64-bit number, as a signed 32-bit integer. */
export function highHalf(value: bigint): number {
  return Number((value >> 32n) & MASK32) | 0
}

/** "0x" and lower-case hexadecimal digits without leading zeros: the form in which numbers travel (JSON, links). */
export function hex(value: bigint | number): string {
  return `0x${BigInt(value).toString(16)}`
}

/** Two halves as "0x…" without a detour over bigint. */
export function hexOfHalves(lo: number, hi: number): string {
  const high = hi >>> 0
  const low = lo >>> 0
  return high === 0 ? `0x${low.toString(16)}` : `0x${high.toString(16)}${low.toString(16).padStart(8, '0')}`
}

/** Reads "0x…", decimal text or a JSON number as an unsigned 64-bit number (negative numbers wrap); `null` where it is neither. */
export function parseU64(text: unknown): bigint | null {
  if (typeof text === 'number') return Number.isSafeInteger(text) ? BigInt.asUintN(64, BigInt(text)) : null
  if (typeof text !== 'string' || !/^-?(0x[0-9a-f]+|\d+)$/i.test(text)) return null
  const negative = text.startsWith('-')
  const magnitude = BigInt(negative ? text.slice(1) : text)
  if (magnitude >= 1n << 64n) return null
  return BigInt.asUintN(64, negative ? -magnitude : magnitude)
}
