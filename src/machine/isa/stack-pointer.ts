/**
 * Pushing and popping, as push, call, ret and enter share it. The stack segment is flat: 64 bits of rsp in 64-bit mode, esp in 32-bit mode.
 * Nothing changes before the access that may fault is done.
 */
import type { Instruction } from '../instruction.ts'
import { type Machine, VECTOR_SS } from '../machine.ts'
import { type Bits, checkStackAddress, type Read, RSP, type Size, type Write } from './operands.ts'

const SP = 2 * RSP

/** How many bytes this push (or call) moves the stack pointer. */
export function pushSize(instruction: Instruction, bits: Bits): Size {
  const { stackSize } = instruction
  if (stackSize === 2 || stackSize === 4 || stackSize === 8) return stackSize
  return bits === 64 ? 8 : 4
}

export function bindPush(instruction: Instruction, bits: Bits): Write {
  return pushBytes(pushSize(instruction, bits), bits)
}

export function pushBytes(size: Size, bits: Bits): Write {
  if (bits === 32) {
    return (m, lo, hi) => {
      const sp = ((m.w[m.c + SP] as number) - size) | 0
      checkStackLimit(m, sp, size)
      m.store(sp, 0, size, lo, hi)
      m.w[m.c + SP] = sp
    }
  }
  return (m, lo, hi) => {
    const { w, c } = m
    const old = w[c + SP] as number
    const sp = (old - size) | 0
    const spHi = ((w[c + SP + 1] as number) - (old >>> 0 < size ? 1 : 0)) | 0
    checkStackAddress(m, spHi)
    m.store(sp, spHi, size, lo, hi)
    w[c + SP] = sp
    w[c + SP + 1] = spHi
  }
}

/** Raises what a push of `size` bytes would raise. */
export function checkPush(m: Machine, size: Size, bits: Bits): void {
  const old = m.w[m.c + SP] as number
  const lo = (old - size) | 0
  const hi = bits === 32 ? 0 : ((m.w[m.c + SP + 1] as number) - (old >>> 0 < size ? 1 : 0)) | 0
  checkStack(m, lo, hi, size, bits)
  m.checkWrite(lo, hi, size)
}

/** In 32-bit mode an access must not run past 4 GiB, the limit of the flat stack segment. */
function checkStackLimit(m: Machine, lo: number, size: number): void {
  if (lo >>> 0 > 0x1_0000_0000 - size) m.raise(VECTOR_SS, 0)
}

/** Raises #SS where this is no address for the stack. */
export function checkStack(m: Machine, lo: number, hi: number, size: number, bits: Bits): void {
  if (bits === 64) checkStackAddress(m, hi)
  else checkStackLimit(m, lo, size)
}

/** Leaves the value at the top of the stack in m.lo, m.hi. */
export function bindPeek(size: Size, bits: Bits): Read {
  return (m) => {
    const lo = m.w[m.c + SP] as number
    const hi = m.w[m.c + SP + 1] as number
    checkStack(m, lo, hi, size, bits)
    m.load(lo, hi, size)
  }
}

/** The same, and moves the stack pointer. */
export function bindPop(size: Size, bits: Bits): Read {
  const peek = bindPeek(size, bits)
  const adjust = bindStackAdjust(bits)
  return (m) => {
    peek(m)
    adjust(m, size)
  }
}

/** Adds a small number of bytes to the stack pointer. */
export function bindStackAdjust(bits: Bits): (m: Machine, bytes: number) => void {
  if (bits === 32) {
    return (m, bytes) => {
      m.w[m.c + SP] = (m.w[m.c + SP] as number) + bytes
    }
  }
  return (m, bytes) => {
    const { w, c } = m
    const old = w[c + SP] as number
    const sp = (old + bytes) | 0
    w[c + SP] = sp
    if (sp >>> 0 < old >>> 0) w[c + SP + 1] = (w[c + SP + 1] as number) + 1
  }
}
