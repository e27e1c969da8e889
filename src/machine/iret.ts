/**
 * IRET: the way back from a handler. Intel SDM vol. 2A IRET, vol. 3A 6.12.1, 6.14.3, 6.7.1.
 *
 * Flat kernels have one code and one data selector at CPL 0; at CPL 3 any selector with RPL 3 stands for a flat segment of the machine's own width.
 * Left out: task returns, virtual-8086 mode, compatibility mode, 16-bit stacks.
 */
import { joinHalves } from '../lib/u64.ts'
import { serialize } from './delivery.ts'
import { VECTOR_GP } from './fault.ts'
import {
  CS,
  DS,
  ES,
  FLAG_IF,
  FLAG_IOPL,
  FLAG_NT,
  FLAG_VIF,
  FLAG_VIP,
  FLAG_VM,
  FLAGS,
  FS,
  GPR,
  GS,
  SEGMENTS,
  SS,
  STATUS,
  STATUS_NMI_BLOCKED,
} from './layout.ts'
import type { Machine } from './machine.ts'

const RSP = GPR + 8

/** CF PF AF ZF SF TF DF OF NT, and RF AC ID beyond 16 bits: what IRET restores at any privilege; IF, IOPL, VIF and VIP follow their own rules. */
const RESTORED = 0x25_4dd5

/**
 * `word` is the operand size in bytes. NMIs are unblocked even where it faults, whichever handler executes it. In 64-bit mode it always pops
 * RSP and SS; in 32-bit mode only on return to a less privileged level.
 */
export function iret(m: Machine, word: number): void {
  const { w, c } = m
  const flags = w[c + FLAGS] as number
  w[c + STATUS] = (w[c + STATUS] as number) & ~STATUS_NMI_BLOCKED
  if ((flags & FLAG_NT) !== 0) {
    if (m.bits === 64) m.raise(VECTOR_GP, 0)
    m.unsupported('IRET with NT set in protected mode is a task switch')
  }
  const long = m.bits === 64
  const cpl = m.cpl
  const spLo = w[c + RSP] as number
  const spHi = w[c + RSP + 1] as number
  pop(m, 0, word)
  const ripLo = m.lo
  const ripHi = word === 8 ? m.hi : 0
  pop(m, 1, word)
  const cs = m.lo & 0xffff
  const rpl = cs & 3
  pop(m, 2, word)
  const popped = m.lo
  let newSpLo = (spLo + 3 * word) | 0
  let newSpHi = long && newSpLo >>> 0 < 3 * word ? (spHi + 1) | 0 : spHi
  let ss = w[c + SEGMENTS + SS] as number
  const withStack = long || rpl > cpl
  if (withStack) {
    pop(m, 3, word)
    newSpLo = m.lo
    newSpHi = word === 8 ? m.hi : 0
    pop(m, 4, word)
    ss = m.lo & 0xffff
  }
  if (!long && (popped & FLAG_VM) !== 0 && cpl === 0 && word === 4) m.unsupported('IRET to virtual-8086 mode')
  if ((cs & ~3) === 0) m.raise(VECTOR_GP, 0)
  if (long && ripHi >> 15 !== 0 && ripHi >> 15 !== -1) m.raise(VECTOR_GP, 0)
  if (withStack && (ss & ~3) === 0 && (!long || rpl === 3 || (ss & 3) !== rpl)) m.raise(VECTOR_GP, 0)
  if (rpl < cpl || !knownCode(m, cs)) m.raise(VECTOR_GP, cs & ~3)
  if (withStack && (ss & ~3) !== 0 && ((ss & 3) !== rpl || !isKnownData(m, ss))) m.raise(VECTOR_GP, ss & ~3)

  const newFlags = restoredFlags(flags, popped, word, cpl)
  if (((flags ^ newFlags) & FLAG_IF) !== 0 && m.listener !== null) m.listener({ kind: 'if', cpu: m.cpu, enabled: (newFlags & FLAG_IF) !== 0 })
  w[c + FLAGS] = newFlags
  w[c + SEGMENTS + CS] = cs
  w[c + SEGMENTS + SS] = ss
  if (rpl > cpl) dropKernelSegments(m)
  w[c + RSP] = newSpLo
  w[c + RSP + 1] = newSpHi
  m.nextLo = ripLo
  m.nextHi = ripHi
  serialize(m, 'iret')
  if (m.listener !== null) {
    m.listener({
      kind: 'iret',
      cpu: m.cpu,
      frame: joinHalves(spLo, spHi),
      sp: joinHalves(newSpLo, newSpHi),
      address: joinHalves(ripLo, ripHi),
      ifAfter: (newFlags & FLAG_IF) !== 0,
    })
  }
}

/** Loads word `index` of the frame; nothing moves before the whole instruction is certain. */
function pop(m: Machine, index: number, word: number): void {
  const spLo = m.w[m.c + RSP] as number
  const spHi = m.w[m.c + RSP + 1] as number
  const at = (spLo + index * word) | 0
  const atHi = m.bits === 64 ? (at >>> 0 < spLo >>> 0 ? spHi + 1 : spHi) | 0 : 0
  m.checkStack(at, atHi, word)
  m.load(at, atHi, word)
}

function restoredFlags(flags: number, popped: number, word: number, cpl: number): number {
  let allowed = RESTORED
  if (cpl <= (flags & FLAG_IOPL) >> 12) allowed |= FLAG_IF
  if (cpl === 0) allowed |= FLAG_IOPL | FLAG_VIF | FLAG_VIP
  if (word === 2) allowed &= 0xffff
  return (flags & ~allowed) | (popped & allowed) | 2
}

/** On return to CPL 3 a data segment register that holds a segment of ring 0 becomes null. */
function dropKernelSegments(m: Machine): void {
  for (const segment of [ES, DS, FS, GS]) {
    const at = m.c + SEGMENTS + segment
    if (((m.w[at] as number) & 3) !== 3) m.w[at] = 0
  }
}

function knownCode(m: Machine, selector: number): boolean {
  return (selector & 3) === 3 || selector === m.config.kernelCs
}

/** Is this the selector of a flat data segment? */
export function isKnownData(m: Machine, selector: number): boolean {
  return (selector & 3) === 3 || selector === m.config.kernelSs || m.config.dataSelectors?.includes(selector) === true
}
