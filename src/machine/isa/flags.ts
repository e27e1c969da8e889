/**
 * Status flags from results, once for every width. Source: SDM vol. 1 §3.4.3.1.
 *
 * Additions are described by their carry vector: bit i is the carry out of position i, (a & b) | ((a | b) & ~sum). Its bit 3 is AF, its
 * top bit CF, and its two top bits differ exactly where the signed result overflows. Subtractions have a borrow vector likewise. This
 * holds with a carry coming in too, so adc and sbb need no cases of their own.
 */
import { FLAG_AF, FLAG_CF, FLAG_OF, FLAG_PF, FLAG_SF, FLAG_ZF, FLAGS } from '../layout.ts'
import type { Machine } from '../machine.ts'

/** The flags that arithmetic writes. */
export const STATUS_FLAGS = FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF

/** FLAG_PF where the byte has an even number of ones, else 0. */
const PARITY = Uint8Array.from({ length: 256 }, (_, byte) => {
  let odd = 0
  for (let bit = 0; bit < 8; bit++) odd ^= (byte >> bit) & 1
  return odd === 0 ? FLAG_PF : 0
})

/** SF, ZF and PF of a zero-extended 8-bit result. */
export function resultFlags8(result: number): number {
  return (PARITY[result & 0xff] as number) | (result & FLAG_SF) | (result === 0 ? FLAG_ZF : 0)
}

export function resultFlags16(result: number): number {
  return (PARITY[result & 0xff] as number) | ((result >>> 8) & FLAG_SF) | (result === 0 ? FLAG_ZF : 0)
}

export function resultFlags32(result: number): number {
  return (PARITY[result & 0xff] as number) | ((result >>> 24) & FLAG_SF) | (result === 0 ? FLAG_ZF : 0)
}

export function resultFlags64(lo: number, hi: number): number {
  return (PARITY[lo & 0xff] as number) | ((hi >>> 24) & FLAG_SF) | ((lo | hi) === 0 ? FLAG_ZF : 0)
}

/** The same by operand size in bytes, where the size is not known when the code is written. */
export function resultFlags(lo: number, hi: number, size: number): number {
  if (size === 4) return resultFlags32(lo)
  if (size === 8) return resultFlags64(lo, hi)
  return size === 2 ? resultFlags16(lo) : resultFlags8(lo)
}

/** CF, AF and OF from the carry (or borrow) vector of an 8-bit operation. */
export function carryFlags8(carry: number): number {
  return ((carry >>> 7) & FLAG_CF) | ((carry << 1) & FLAG_AF) | (((carry ^ (carry << 1)) << 4) & FLAG_OF)
}

export function carryFlags16(carry: number): number {
  return ((carry >>> 15) & FLAG_CF) | ((carry << 1) & FLAG_AF) | (((carry ^ (carry << 1)) >>> 4) & FLAG_OF)
}

export function carryFlags32(carry: number): number {
  return (carry >>> 31) | ((carry << 1) & FLAG_AF) | (((carry ^ (carry << 1)) >>> 20) & FLAG_OF)
}

export function carryFlags64(carryLo: number, carryHi: number): number {
  return (carryHi >>> 31) | ((carryLo << 1) & FLAG_AF) | (((carryHi ^ (carryHi << 1)) >>> 20) & FLAG_OF)
}

/** Carry vector of a + b (+ carry in) = sum. */
export function carriesOf(a: number, b: number, sum: number): number {
  return (a & b) | ((a | b) & ~sum)
}

/** Borrow vector of a - b (- borrow in) = difference. */
export function borrowsOf(a: number, b: number, difference: number): number {
  return (~a & b) | (~(a ^ b) & difference)
}

/** Replaces all six status flags. */
export function setStatus(m: Machine, status: number): void {
  const at = m.c + FLAGS
  m.w[at] = ((m.w[at] as number) & ~STATUS_FLAGS) | status
}

/** Replaces the flags in `mask`. */
export function setFlags(m: Machine, mask: number, values: number): void {
  const at = m.c + FLAGS
  m.w[at] = ((m.w[at] as number) & ~mask) | values
}

export function carryIn(m: Machine): number {
  return (m.w[m.c + FLAGS] as number) & FLAG_CF
}
