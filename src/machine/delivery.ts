/**
 * Exceptions, interrupts and NMIs: from the event to the first instruction of its handler; and the way back, IRET.
 * Intel SDM vol. 3A 6.4–6.15 (32-bit frames: 6.12.1; 64-bit frames: 6.14). Interrupt delivery drains the store buffer (SDM 3A 11.10).
 *
 * Left out: task gates, virtual-8086 mode, the shadow stack, FRED.
 */
import { joinHalves } from '../lib/u64.ts'
import { takeIrr } from './apic.ts'
import {
  BOX_NMI,
  CS,
  ERROR_CODE,
  FLAG_IF,
  FLAG_NT,
  FLAG_RF,
  FLAG_TF,
  FLAG_VM,
  FLAGS,
  GPR,
  RIP,
  SEGMENTS,
  SS,
  STATUS,
  STATUS_HALTED,
  STATUS_NMI_BLOCKED,
  STATUS_SS_SHADOW,
  STATUS_STI_SHADOW,
  STOP,
  STOP_EXCEPTION,
  STOP_SHUTDOWN,
} from './layout.ts'
import { Fault, type Machine, ModelStop, VECTOR_DF, VECTOR_GP, VECTOR_NMI, VECTOR_PF, VECTOR_SS } from './machine.ts'

export type Cause = 'exception' | 'int3' | 'irq' | 'nmi'

const RSP = GPR + 8

/**
 * Delivers `vector` to the selected CPU, whose RIP already is what the frame shall hold. `errorCode` is -1 where there is none. A missing gate
 * stops the CPU with that vector; a fault while the frame is pushed follows the double-fault rules.
 */
export function deliver(m: Machine, vector: number, cause: Cause, errorCode: number): void {
  m.drainAll()
  let current = vector
  let error = errorCode
  let how = cause
  for (let depth = 0; ; depth++) {
    try {
      if (!enter(m, current, how, error)) stop(m, STOP_EXCEPTION, current, error)
      return
    } catch (thrown) {
      if (thrown instanceof ModelStop) {
        m.stopDetail = thrown.detail
        stop(m, thrown.reason, current, error)
        return
      }
      if (!(thrown instanceof Fault)) throw thrown
      if (current === VECTOR_DF || depth > 4) {
        stop(m, STOP_SHUTDOWN, current, error)
        return
      }
      if (doubles(current, how, thrown.vector)) {
        current = VECTOR_DF
        error = 0
      } else {
        current = thrown.vector
        error = thrown.errorCode
      }
      how = 'exception'
    }
  }
}

/**
 * INT n, INT3, INTO. A fault while the frame is pushed is a fault of the instruction itself, which can be restarted: the caller lets it through
 * with RIP as it was before. (The first event is benign in the sense of the double-fault rules.)
 */
export function deliverSoftware(m: Machine, vector: number): void {
  m.drainAll()
  if (!enter(m, vector, 'int3', -1)) stop(m, STOP_EXCEPTION, vector, -1)
}

/** SDM 3A table 6-5: which second fault makes a double fault. */
function doubles(first: number, how: Cause, second: number): boolean {
  if (how !== 'exception') return false
  const contributory = (vector: number) => vector === 0 || (vector >= 10 && vector <= VECTOR_GP)
  return (contributory(first) && contributory(second)) || (first === VECTOR_PF && (second === VECTOR_PF || contributory(second)))
}

export function stop(m: Machine, reason: number, vector: number, errorCode: number): void {
  m.w[m.c + STOP] = reason | (vector << 8)
  m.w[m.c + ERROR_CODE] = errorCode
  if (m.listener !== null) {
    m.listener({
      kind: 'stop',
      cpu: m.cpu,
      reason: reason === STOP_EXCEPTION ? 'exception' : reason === STOP_SHUTDOWN ? 'shutdown' : 'unsupported',
      vector,
      detail: m.stopDetail,
    })
  }
}

/**
 * Pushes the frame and goes to the handler; false where there is no gate: then FLAGS holds what the frame would have held. Throws the fault of
 * a push before anything has changed.
 */
function enter(m: Machine, vector: number, cause: Cause, errorCode: number): boolean {
  const gate = m.config.gates[vector]
  const { w, c } = m
  const flags = w[c + FLAGS] as number
  // RF: 1 for faults, as it was for interrupts, 0 for software interrupts (facts: x86.md §1).
  const pushedFlags = cause === 'exception' && isFault(vector) ? flags | FLAG_RF : cause === 'int3' ? flags & ~FLAG_RF : flags
  if (gate === undefined) {
    w[c + FLAGS] = pushedFlags
    return false
  }
  const fromCpl = m.cpl
  const ripLo = w[c + RIP] as number
  const ripHi = w[c + RIP + 1] as number
  const oldSpLo = w[c + RSP] as number
  const oldSpHi = w[c + RSP + 1] as number
  const cs = w[c + SEGMENTS + CS] as number
  const ss = w[c + SEGMENTS + SS] as number
  const long = m.bits === 64
  const word = long ? 8 : 4
  let spLo = oldSpLo
  let spHi = oldSpHi
  let newSs = ss
  if (long && gate.ist !== 0) {
    const top = m.config.ist[m.cpu]?.[gate.ist]
    if (top === undefined) m.unsupported(`vector ${vector} uses IST ${gate.ist}, which CPU ${m.cpu} does not have`)
    ;[spLo, spHi] = top
    if (fromCpl !== 0) newSs = 0
  } else if (fromCpl !== 0) {
    const top = m.config.rsp0[m.cpu]
    if (top === undefined) m.unsupported(`vector ${vector} from CPL ${fromCpl} needs a ring 0 stack, which CPU ${m.cpu} does not have`)
    ;[spLo, spHi] = top
    newSs = long ? 0 : m.config.kernelSs
  }
  if (long) spLo &= ~15
  const withStack = long || fromCpl !== 0
  const words = (withStack ? 5 : 3) + (errorCode >= 0 ? 1 : 0)
  const frameLo = (spLo - words * word) | 0
  const frameHi = long ? (spHi - (spLo >>> 0 < words * word ? 1 : 0)) | 0 : 0
  // The frame is written with the rights of the handler. EXT (bit 0) says that the event came from outside the program.
  if (long && frameHi >> 15 !== 0 && frameHi >> 15 !== -1) m.raise(VECTOR_SS, cause === 'int3' ? 0 : 1)
  m.checkWrite(frameLo, frameHi, words * word, false)
  let at = 0
  const push = (lo: number, hi: number) => {
    at += word
    const target = (spLo - at) | 0
    m.store(target, long ? (spHi - (spLo >>> 0 < at ? 1 : 0)) | 0 : 0, word, lo, hi)
  }
  if (withStack) {
    push(ss, 0)
    push(oldSpLo, oldSpHi)
  }
  push(pushedFlags, 0)
  push(cs, 0)
  push(ripLo, ripHi)
  if (errorCode >= 0) push(errorCode, 0)
  w[c + RSP] = frameLo
  w[c + RSP + 1] = frameHi
  w[c + SEGMENTS + CS] = m.config.kernelCs
  w[c + SEGMENTS + SS] = newSs
  w[c + FLAGS] = flags & ~(FLAG_TF | FLAG_NT | FLAG_RF | FLAG_VM | (gate.type === 'interrupt' ? FLAG_IF : 0))
  w[c + RIP] = gate.handlerLo
  w[c + RIP + 1] = gate.handlerHi
  w[c + STATUS] = (w[c + STATUS] as number) & ~(STATUS_HALTED | STATUS_STI_SHADOW | STATUS_SS_SHADOW)
  m.visible = true
  if (m.listener !== null) {
    m.listener({
      kind: 'deliver',
      cpu: m.cpu,
      vector,
      cause,
      frame: joinHalves(frameLo, frameHi),
      frameBytes: words * word,
      interruptedSp: joinHalves(oldSpLo, oldSpHi),
      returnAddress: joinHalves(ripLo, ripHi),
      handler: joinHalves(gate.handlerLo, gate.handlerHi),
      ifBefore: (flags & FLAG_IF) !== 0,
    })
  }
  return true
}

/** Everything but #DB traps, #BP, #OF, NMI and #DF pushes the faulting instruction's own address. */
function isFault(vector: number): boolean {
  return vector < 32 && vector !== 1 && vector !== VECTOR_NMI && vector !== 3 && vector !== 4 && vector !== VECTOR_DF
}

/** Takes the highest pending maskable interrupt. The caller has checked that it is deliverable. */
export function deliverIrq(m: Machine, vector: number): void {
  takeIrr(m, vector)
  deliver(m, vector, 'irq', -1)
}

export function deliverNmi(m: Machine): void {
  m.w[(m.layout.boxes[m.cpu] as number) + BOX_NMI] = 0
  m.w[m.c + STATUS] = (m.w[m.c + STATUS] as number) | STATUS_NMI_BLOCKED
  deliver(m, VECTOR_NMI, 'nmi', -1)
}

const IRET_FLAGS = 0x25_4dd5 // CF PF AF ZF SF TF DF OF NT RF AC ID: what IRET restores at any privilege; IF and IOPL follow their own rules

/**
 * IRET. `word` is the operand size in bytes. NMIs are unblocked even where it faults, whichever handler executes it. In 64-bit mode it always pops
 * RSP and SS; in 32-bit mode only on return to a less privileged level. Return to virtual-8086 mode and task return are not modelled.
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
  const spLo = w[c + RSP] as number
  const spHi = w[c + RSP + 1] as number
  const pop = (index: number): void => {
    const at = (spLo + index * word) | 0
    m.load(at, long ? (at >>> 0 < index * word ? spHi + 1 : spHi) | 0 : 0, word)
  }
  pop(0)
  const ripLo = m.lo
  const ripHi = m.hi
  pop(1)
  const cs = m.lo & 0xffff
  pop(2)
  let popped = m.lo
  if (word === 2) popped = (flags & ~0xffff) | (popped & 0xffff)
  const rpl = cs & 3
  if ((cs & ~3) === 0) m.raise(VECTOR_GP, 0)
  if (rpl < m.cpl) m.raise(VECTOR_GP, cs & ~3)
  if (!long && (popped & FLAG_VM) !== 0 && m.cpl === 0) m.unsupported('IRET to virtual-8086 mode')
  let newSpLo = (spLo + 3 * word) | 0
  let newSpHi = long ? (newSpLo >>> 0 < 3 * word ? spHi + 1 : spHi) | 0 : 0
  let ss = w[c + SEGMENTS + SS] as number
  if (long || rpl > m.cpl) {
    pop(3)
    newSpLo = m.lo
    newSpHi = long ? m.hi : 0
    if (word === 4 && long) newSpHi = 0
    pop(4)
    ss = m.lo & 0xffff
    // A NULL stack segment is legal only in 64-bit mode and not at CPL 3; any other selector must have the same privilege as CS.
    if ((ss & ~3) === 0) {
      if (!long || rpl === 3) m.raise(VECTOR_GP, 0)
    } else if ((ss & 3) !== rpl || !knownData(m, ss)) m.raise(VECTOR_GP, ss & ~3)
  }
  if (!knownCode(m, cs)) m.raise(VECTOR_GP, cs & ~3)
  if (long && ripHi >> 15 !== 0 && ripHi >> 15 !== -1) m.raise(VECTOR_GP, 0)
  const iopl = (flags >> 12) & 3
  let allowed = IRET_FLAGS
  if (m.cpl <= iopl) allowed |= FLAG_IF
  if (m.cpl === 0) allowed |= 0x3000
  const newFlags = (flags & ~allowed) | (popped & allowed) | 2
  const frame = joinHalves(spLo, spHi)
  if (((flags ^ newFlags) & FLAG_IF) !== 0 && m.listener !== null) m.listener({ kind: 'if', cpu: m.cpu, enabled: (newFlags & FLAG_IF) !== 0 })
  w[c + FLAGS] = newFlags
  w[c + SEGMENTS + CS] = cs
  w[c + SEGMENTS + SS] = ss
  w[c + RSP] = newSpLo
  w[c + RSP + 1] = newSpHi
  m.nextLo = ripLo
  m.nextHi = word === 8 ? ripHi : 0
  serialize(m, 'iret')
  if (m.listener !== null) {
    m.listener({
      kind: 'iret',
      cpu: m.cpu,
      frame,
      sp: joinHalves(newSpLo, newSpHi),
      address: joinHalves(m.nextLo, m.nextHi),
      ifAfter: (newFlags & FLAG_IF) !== 0,
    })
  }
}

/** Flat kernels have one code and one data selector a privilege level; anything else is no descriptor of this machine. */
function knownCode(m: Machine, selector: number): boolean {
  return (selector & 3) === 3 || selector === m.config.kernelCs
}

function knownData(m: Machine, selector: number): boolean {
  return (selector & 3) === 3 || selector === m.config.kernelSs
}

/** A serialising event of the selected CPU (its buffer is empty): fetch starts afresh. */
export function serialize(m: Machine, by: string): void {
  m.config.fetch.refresh(m)
  m.visible = true
  if (m.listener !== null) m.listener({ kind: 'serialize', cpu: m.cpu, by })
}

/** #SS is what a stack access of a non-canonical address raises. */
export const STACK_FAULT = VECTOR_SS
