/**
 * The operations of the arithmetic unit on values: two operands in 32-bit halves come in (zero-extended to 64 bits), the result is left in
 * m.lo and m.hi, and the status flags are set. No operand knows here whether it is a register or memory; see forms.ts.
 */
import { FLAG_CF } from '../layout.ts'
import type { Machine } from '../machine.ts'
import {
  borrowsOf,
  carriesOf,
  carryFlags8,
  carryFlags16,
  carryFlags32,
  carryFlags64,
  carryIn,
  resultFlags8,
  resultFlags16,
  resultFlags32,
  resultFlags64,
  STATUS_FLAGS,
  setFlags,
  setStatus,
} from './flags.ts'

export type Operation = (m: Machine, aLo: number, aHi: number, bLo: number, bHi: number) => void

/** One operation for each operand size in bytes. */
export interface Operations {
  readonly 1: Operation
  readonly 2: Operation
  readonly 4: Operation
  readonly 8: Operation
}

// ── addition and subtraction; `inward` is the carry or borrow that comes in ────────────────────────────────────────────────────────────

function add8(m: Machine, a: number, b: number, inward: number): number {
  const sum = (a + b + inward) & 0xff
  m.lo = sum
  m.hi = 0
  return resultFlags8(sum) | carryFlags8(carriesOf(a, b, sum))
}

function add16(m: Machine, a: number, b: number, inward: number): number {
  const sum = (a + b + inward) & 0xffff
  m.lo = sum
  m.hi = 0
  return resultFlags16(sum) | carryFlags16(carriesOf(a, b, sum))
}

function add32(m: Machine, a: number, b: number, inward: number): number {
  const sum = (a + b + inward) | 0
  m.lo = sum
  m.hi = 0
  return resultFlags32(sum) | carryFlags32(carriesOf(a, b, sum))
}

function add64(m: Machine, aLo: number, aHi: number, bLo: number, bHi: number, inward: number): number {
  const lo = (aLo + bLo + inward) | 0
  const carryLo = carriesOf(aLo, bLo, lo)
  const hi = (aHi + bHi + (carryLo >>> 31)) | 0
  m.lo = lo
  m.hi = hi
  return resultFlags64(lo, hi) | carryFlags64(carryLo, carriesOf(aHi, bHi, hi))
}

function sub8(m: Machine, a: number, b: number, inward: number): number {
  const difference = (a - b - inward) & 0xff
  m.lo = difference
  m.hi = 0
  return resultFlags8(difference) | carryFlags8(borrowsOf(a, b, difference))
}

function sub16(m: Machine, a: number, b: number, inward: number): number {
  const difference = (a - b - inward) & 0xffff
  m.lo = difference
  m.hi = 0
  return resultFlags16(difference) | carryFlags16(borrowsOf(a, b, difference))
}

function sub32(m: Machine, a: number, b: number, inward: number): number {
  const difference = (a - b - inward) | 0
  m.lo = difference
  m.hi = 0
  return resultFlags32(difference) | carryFlags32(borrowsOf(a, b, difference))
}

function sub64(m: Machine, aLo: number, aHi: number, bLo: number, bHi: number, inward: number): number {
  const lo = (aLo - bLo - inward) | 0
  const borrowLo = borrowsOf(aLo, bLo, lo)
  const hi = (aHi - bHi - (borrowLo >>> 31)) | 0
  m.lo = lo
  m.hi = hi
  return resultFlags64(lo, hi) | carryFlags64(borrowLo, borrowsOf(aHi, bHi, hi))
}

export const ADD: Operations = {
  1: (m, a, _, b) => setStatus(m, add8(m, a, b, 0)),
  2: (m, a, _, b) => setStatus(m, add16(m, a, b, 0)),
  4: (m, a, _, b) => setStatus(m, add32(m, a, b, 0)),
  8: (m, aLo, aHi, bLo, bHi) => setStatus(m, add64(m, aLo, aHi, bLo, bHi, 0)),
}

export const ADC: Operations = {
  1: (m, a, _, b) => setStatus(m, add8(m, a, b, carryIn(m))),
  2: (m, a, _, b) => setStatus(m, add16(m, a, b, carryIn(m))),
  4: (m, a, _, b) => setStatus(m, add32(m, a, b, carryIn(m))),
  8: (m, aLo, aHi, bLo, bHi) => setStatus(m, add64(m, aLo, aHi, bLo, bHi, carryIn(m))),
}

export const SUB: Operations = {
  1: (m, a, _, b) => setStatus(m, sub8(m, a, b, 0)),
  2: (m, a, _, b) => setStatus(m, sub16(m, a, b, 0)),
  4: (m, a, _, b) => setStatus(m, sub32(m, a, b, 0)),
  8: (m, aLo, aHi, bLo, bHi) => setStatus(m, sub64(m, aLo, aHi, bLo, bHi, 0)),
}

export const SBB: Operations = {
  1: (m, a, _, b) => setStatus(m, sub8(m, a, b, carryIn(m))),
  2: (m, a, _, b) => setStatus(m, sub16(m, a, b, carryIn(m))),
  4: (m, a, _, b) => setStatus(m, sub32(m, a, b, carryIn(m))),
  8: (m, aLo, aHi, bLo, bHi) => setStatus(m, sub64(m, aLo, aHi, bLo, bHi, carryIn(m))),
}

/** inc and dec leave CF as it is. */
const INC_DEC_FLAGS = STATUS_FLAGS & ~FLAG_CF

function keepCarry(m: Machine, status: number): void {
  setFlags(m, INC_DEC_FLAGS, status & INC_DEC_FLAGS)
}

export const INC: Operations = {
  1: (m, a) => keepCarry(m, add8(m, a, 1, 0)),
  2: (m, a) => keepCarry(m, add16(m, a, 1, 0)),
  4: (m, a) => keepCarry(m, add32(m, a, 1, 0)),
  8: (m, lo, hi) => keepCarry(m, add64(m, lo, hi, 1, 0, 0)),
}

export const DEC: Operations = {
  1: (m, a) => keepCarry(m, sub8(m, a, 1, 0)),
  2: (m, a) => keepCarry(m, sub16(m, a, 1, 0)),
  4: (m, a) => keepCarry(m, sub32(m, a, 1, 0)),
  8: (m, lo, hi) => keepCarry(m, sub64(m, lo, hi, 1, 0, 0)),
}

export const NEG: Operations = {
  1: (m, a) => setStatus(m, sub8(m, 0, a, 0)),
  2: (m, a) => setStatus(m, sub16(m, 0, a, 0)),
  4: (m, a) => setStatus(m, sub32(m, 0, a, 0)),
  8: (m, lo, hi) => setStatus(m, sub64(m, 0, 0, lo, hi, 0)),
}

// ── bitwise: CF and OF become 0; AF is undefined, here 0 ───────────────────────────────────────────────────────────────────────────────

function logical8(m: Machine, result: number): void {
  m.lo = result
  m.hi = 0
  setStatus(m, resultFlags8(result))
}

function logical16(m: Machine, result: number): void {
  m.lo = result
  m.hi = 0
  setStatus(m, resultFlags16(result))
}

function logical32(m: Machine, result: number): void {
  m.lo = result
  m.hi = 0
  setStatus(m, resultFlags32(result))
}

function logical64(m: Machine, lo: number, hi: number): void {
  m.lo = lo
  m.hi = hi
  setStatus(m, resultFlags64(lo, hi))
}

export const AND: Operations = {
  1: (m, a, _, b) => logical8(m, a & b),
  2: (m, a, _, b) => logical16(m, a & b),
  4: (m, a, _, b) => logical32(m, a & b),
  8: (m, aLo, aHi, bLo, bHi) => logical64(m, aLo & bLo, aHi & bHi),
}

export const OR: Operations = {
  1: (m, a, _, b) => logical8(m, a | b),
  2: (m, a, _, b) => logical16(m, a | b),
  4: (m, a, _, b) => logical32(m, a | b),
  8: (m, aLo, aHi, bLo, bHi) => logical64(m, aLo | bLo, aHi | bHi),
}

export const XOR: Operations = {
  1: (m, a, _, b) => logical8(m, a ^ b),
  2: (m, a, _, b) => logical16(m, a ^ b),
  4: (m, a, _, b) => logical32(m, a ^ b),
  8: (m, aLo, aHi, bLo, bHi) => logical64(m, aLo ^ bLo, aHi ^ bHi),
}

/** not: no flags. */
export const NOT: Operations = {
  1: (m, a) => {
    m.lo = ~a & 0xff
    m.hi = 0
  },
  2: (m, a) => {
    m.lo = ~a & 0xffff
    m.hi = 0
  },
  4: (m, a) => {
    m.lo = ~a
    m.hi = 0
  },
  8: (m, lo, hi) => {
    m.lo = ~lo
    m.hi = ~hi
  },
}
