/**
 * Exceptions, interrupts and NMIs: from the event to the first instruction of its handler. The way back: iret.ts.
 * Intel SDM vol. 3A 6.4–6.15 (32-bit frames: 6.12.1; 64-bit frames: 6.14).
 *
 * Delivery needs an empty store buffer (SDM 3A 11.10). Interrupts, NMIs and instructions that raise an event for certain wait for it before they
 * begin. An exception that an instruction runs into waits afterwards, as state of its own: whether it comes may hang on what the instruction has
 * read of shared memory, and other CPUs may still miss the stores that wait.
 *
 * Left out: task gates, virtual-8086 mode, the shadow stack, FRED, debug registers (so #DB comes from TF and INT1 alone, and DR6 tells nothing).
 */
import { joinHalves } from '../lib/u64.ts'
import { takeIrr } from './apic.ts'
import { Fault, ModelStop, VECTOR_DB, VECTOR_DF, VECTOR_GP, VECTOR_NMI, VECTOR_PF } from './fault.ts'
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
  LATCH,
  PROGRESS,
  PROGRESS_EVENT,
  PROGRESS_SHIFT,
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
import type { Machine } from './machine.ts'
import { clearProgress } from './progress.ts'

/** 'int3' stands for all software interrupts. */
export type Cause = 'exception' | 'int3' | 'irq' | 'nmi'

const RSP = GPR + 8

/**
 * Delivers `vector` to the selected CPU, whose RIP already is what the frame shall hold and whose store buffer is empty. `errorCode` is -1 where there
 * is none. A missing gate stops the CPU with that vector; a fault while the frame is pushed follows the double-fault rules.
 */
export function deliver(m: Machine, vector: number, cause: Cause, errorCode: number): void {
  m.delivered = true
  let current = vector
  let error = errorCode
  let how = cause
  for (;;) {
    try {
      if (!enter(m, current, how, error)) stop(m, STOP_EXCEPTION, current, error, `vector ${current} has no gate`)
      return
    } catch (thrown) {
      if (thrown instanceof ModelStop) {
        stop(m, thrown.reason, 0, 0, thrown.detail)
        return
      }
      if (!(thrown instanceof Fault)) throw thrown
      if (current === VECTOR_DF) {
        stop(m, STOP_SHUTDOWN, current, error, `vector ${thrown.vector} while the double fault was delivered`)
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
  m.delivered = true
  if (!enter(m, vector, 'int3', -1)) stop(m, STOP_EXCEPTION, vector, -1, `vector ${vector} has no gate`)
}

/** Delivers an exception now, or notes it in the state until the store buffer is empty. True where it has been delivered (or has stopped the CPU). */
export function deliverOrWait(m: Machine, vector: number, errorCode: number): boolean {
  if (m.storeCount === 0 || m.config.gates[vector] === undefined) {
    deliver(m, vector, 'exception', errorCode)
    return true
  }
  const { w, c } = m
  m.delivered = true
  m.visible = true
  w[c + PROGRESS] = PROGRESS_EVENT | (vector << PROGRESS_SHIFT)
  w[c + LATCH] = errorCode
  return false
}

/** Delivers what `deliverOrWait` has noted. */
export function deliverWaiting(m: Machine): void {
  const progress = m.w[m.c + PROGRESS] as number
  const errorCode = m.w[m.c + LATCH] as number
  clearProgress(m)
  deliver(m, progress >> PROGRESS_SHIFT, 'exception', errorCode)
}

/** SDM 3A table 6-5: which second fault makes a double fault. */
function doubles(first: number, how: Cause, second: number): boolean {
  if (how !== 'exception') return false
  const contributory = (vector: number) => vector === 0 || (vector >= 10 && vector <= VECTOR_GP)
  return (contributory(first) && contributory(second)) || (first === VECTOR_PF && (second === VECTOR_PF || contributory(second)))
}

/** Takes the selected CPU out of the run. `detail` is for people; the state holds only the reason. */
export function stop(m: Machine, reason: number, vector: number, errorCode: number, detail = ''): void {
  m.w[m.c + STOP] = reason | (vector << 8)
  m.w[m.c + ERROR_CODE] = errorCode
  m.stopDetail = detail
  m.visible = true
  m.config.fetch.rest?.(m)
  if (m.listener === null) return
  const kind = reason === STOP_EXCEPTION ? 'exception' : reason === STOP_SHUTDOWN ? 'shutdown' : 'unsupported'
  m.listener({ kind: 'stop', cpu: m.cpu, reason: kind, vector, detail })
}

interface Stack {
  readonly lo: number
  readonly hi: number
  /** SS inside the handler. */
  readonly ss: number
}

/** Which stack the frame goes to: IST, the ring 0 stack on a change of privilege, else the present one. */
function stackFor(m: Machine, vector: number, ist: number): Stack {
  const { w, c } = m
  const long = m.bits === 64
  const fromCpl = m.cpl
  if (long && ist !== 0) {
    const top = m.config.ist[m.cpu]?.[ist]
    if (top === undefined) m.unsupported(`vector ${vector} uses IST ${ist}, which CPU ${m.cpu} does not have`)
    return { lo: top[0], hi: top[1], ss: fromCpl === 0 ? (w[c + SEGMENTS + SS] as number) : 0 }
  }
  if (fromCpl === 0) return { lo: w[c + RSP] as number, hi: w[c + RSP + 1] as number, ss: w[c + SEGMENTS + SS] as number }
  const top = m.config.rsp0[m.cpu]
  if (top === undefined) m.unsupported(`vector ${vector} from CPL ${fromCpl} needs a ring 0 stack, which CPU ${m.cpu} does not have`)
  return { lo: top[0], hi: top[1], ss: long ? 0 : m.config.kernelSs }
}

/**
 * Pushes the frame and goes to the handler; false where there is no gate: then FLAGS holds what the frame would have held. Throws the fault of
 * a push before anything has changed.
 */
function enter(m: Machine, vector: number, cause: Cause, errorCode: number): boolean {
  const gate = m.config.gates[vector]
  const { w, c } = m
  const flags = w[c + FLAGS] as number
  if (gate === undefined) {
    w[c + FLAGS] = pushedFlags(vector, cause, flags)
    return false
  }
  const ripLo = w[c + RIP] as number
  const ripHi = w[c + RIP + 1] as number
  const oldSpLo = w[c + RSP] as number
  const oldSpHi = w[c + RSP + 1] as number
  const cs = w[c + SEGMENTS + CS] as number
  const ss = w[c + SEGMENTS + SS] as number
  const long = m.bits === 64
  const word = long ? 8 : 4
  const withStack = long || m.cpl !== 0
  const stack = stackFor(m, vector, gate.ist)
  const top = long ? stack.lo & ~15 : stack.lo
  const bytes = ((withStack ? 5 : 3) + (errorCode >= 0 ? 1 : 0)) * word
  // Address of the byte that lies `distance` below the top.
  const hiOf = (distance: number) => (long ? (stack.hi - (top >>> 0 < distance ? 1 : 0)) | 0 : 0)
  const frameLo = (top - bytes) | 0
  // EXT: the fault happens while an event from outside the program is delivered, an earlier exception among them (SDM 3A 6.13).
  const ext = cause === 'int3' ? 0 : 1
  m.checkStack(frameLo, hiOf(bytes), bytes, ext)
  m.checkWrite(frameLo, hiOf(bytes), bytes, false)
  if (long && gate.handlerHi >> 15 !== 0 && gate.handlerHi >> 15 !== -1) m.raise(VECTOR_GP, ext)
  let distance = 0
  const push = (lo: number, hi: number) => {
    distance += word
    m.store((top - distance) | 0, hiOf(distance), word, lo, hi)
  }
  if (withStack) {
    push(ss, 0)
    push(oldSpLo, oldSpHi)
  }
  push(pushedFlags(vector, cause, flags), 0)
  push(cs, 0)
  push(ripLo, ripHi)
  if (errorCode >= 0) push(errorCode, 0)
  w[c + RSP] = frameLo
  w[c + RSP + 1] = hiOf(bytes)
  w[c + SEGMENTS + CS] = m.config.kernelCs
  w[c + SEGMENTS + SS] = stack.ss
  w[c + FLAGS] = flags & ~(FLAG_TF | FLAG_NT | FLAG_RF | FLAG_VM | (gate.type === 'interrupt' ? FLAG_IF : 0))
  w[c + RIP] = gate.handlerLo
  w[c + RIP + 1] = gate.handlerHi
  w[c + STATUS] = (w[c + STATUS] as number) & ~(STATUS_HALTED | STATUS_STI_SHADOW | STATUS_SS_SHADOW)
  m.visible = true
  m.config.fetch.entry?.(m)
  if (m.listener !== null) {
    const ifBefore = (flags & FLAG_IF) !== 0
    m.listener({
      kind: 'deliver',
      cpu: m.cpu,
      vector,
      cause,
      frame: joinHalves(frameLo, hiOf(bytes)),
      frameBytes: bytes,
      interruptedSp: joinHalves(oldSpLo, oldSpHi),
      returnAddress: joinHalves(ripLo, ripHi),
      handler: joinHalves(gate.handlerLo, gate.handlerHi),
      ifBefore,
      ifAfter: ifBefore && gate.type === 'trap',
    })
  }
  return true
}

/** RF in the frame: 1 for faults, 0 for software interrupts, else as it is, which is 1 between iterations of a string instruction (SDM 3B 17.3.1.1). */
function pushedFlags(vector: number, cause: Cause, flags: number): number {
  if (cause === 'int3') return flags & ~FLAG_RF
  return cause === 'exception' && isFault(vector) ? flags | FLAG_RF : flags
}

/** Everything but #DB traps, #BP, #OF, NMI and #DF pushes the faulting instruction's own address. */
function isFault(vector: number): boolean {
  return vector < 32 && vector !== VECTOR_DB && vector !== VECTOR_NMI && vector !== 3 && vector !== 4 && vector !== VECTOR_DF
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

/** A serialising event of the selected CPU (its buffer is empty): fetch starts afresh. */
export function serialize(m: Machine, by: string): void {
  m.config.fetch.refresh(m)
  m.visible = true
  if (m.listener !== null) m.listener({ kind: 'serialize', cpu: m.cpu, by })
}
