/** Products twice as wide as their operands, and quotients of dividends twice as wide, on 32-bit halves. */

/** High 32 bits of the unsigned product, by schoolbook multiplication of 16-bit digits: every intermediate is below 2^32, hence exact. */
export function highOfProduct(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const first = aHigh * bLow + ((aLow * bLow) >>> 16)
  const second = aLow * bHigh + (first & 0xffff)
  return (aHigh * bHigh + (first >>> 16) + (second >>> 16)) | 0
}

/** The same of the signed product: a negative factor counts 2^32 too much of the other. */
export function highOfSignedProduct(a: number, b: number): number {
  return (highOfProduct(a, b) - (a < 0 ? b : 0) - (b < 0 ? a : 0)) | 0
}

/** Four 32-bit words, lowest first: the result of multiply64. Valid until the next call. */
export const product = new Int32Array(4)

const CARRY = 0x1_0000_0000

/** The 128-bit product of two 64-bit numbers. */
export function multiply64(aLo: number, aHi: number, bLo: number, bHi: number, signed: boolean): void {
  const word1 = (highOfProduct(aLo, bLo) >>> 0) + (Math.imul(aLo, bHi) >>> 0) + (Math.imul(aHi, bLo) >>> 0)
  const word2 = (highOfProduct(aLo, bHi) >>> 0) + (highOfProduct(aHi, bLo) >>> 0) + (Math.imul(aHi, bHi) >>> 0) + Math.floor(word1 / CARRY)
  product[0] = Math.imul(aLo, bLo)
  product[1] = word1
  product[2] = word2
  product[3] = highOfProduct(aHi, bHi) + Math.floor(word2 / CARRY)
  if (signed && aHi < 0) subtractFromUpperHalf(bLo, bHi)
  if (signed && bHi < 0) subtractFromUpperHalf(aLo, aHi)
}

function subtractFromUpperHalf(lo: number, hi: number): void {
  const before = product[2] as number
  product[2] = before - lo
  product[3] = (product[3] as number) - hi - (before >>> 0 < lo >>> 0 ? 1 : 0)
}

/**
 * hi:lo divided by a 32-bit divisor, all unsigned, by two 16-bit digits: the partial dividends stay below 2^48, where doubles are exact.
 * Wants hi < divisor, so that the quotient fits. Returns the quotient; `remainder32` is what is left.
 */
export function divide32(lo: number, hi: number, divisor: number): number {
  const d = divisor >>> 0
  const first = (hi >>> 0) * 0x1_0000 + (lo >>> 16)
  const highDigit = Math.floor(first / d)
  const second = (first - highDigit * d) * 0x1_0000 + (lo & 0xffff)
  const lowDigit = Math.floor(second / d)
  remainder32 = (second - lowDigit * d) | 0
  return (highDigit * 0x1_0000 + lowDigit) | 0
}

export let remainder32 = 0
