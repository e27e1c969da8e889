/**
 * One step of the machine: what each CPU can do next, and doing it. Page, search, command line and tests all come through here.
 *
 * A CPU can: execute the instruction at its RIP (one variant a distinct byte string that its fetch may show), let a buffered store become visible
 * (one variant a store and piece that may), take a pending maskable interrupt, take a pending NMI; the environment can send it an NMI or a timer
 * interrupt; and where the fetch model prefetches, it can do that. Events are taken at instruction boundaries only (SDM 3A 6.9). Delivery, fences,
 * locked and serialising instructions wait for an empty store buffer.
 */
import { pendingIrq } from './apic.ts'
import { deliverableIrq, deliverableNmi } from './boundary.ts'
import {
  choiceCpu,
  choiceKind,
  choiceVariant,
  DRAIN,
  IRQ,
  NMI,
  NMI_ARRIVES,
  type PackedChoice,
  PREFETCH,
  packChoice,
  STEP,
  TIMER_ARRIVES,
} from './choice.ts'
import { deliverIrq, deliverNmi, deliverOrWait, deliverWaiting, stop } from './delivery.ts'
import { arrive, canArrive } from './environment.ts'
import { Fault, ModelStop, VECTOR_DB, VECTOR_GP, VECTOR_UD } from './fault.ts'
import { decodeFetched, type Fetched, fetchVariants, WAITING_EVENT } from './fetch.ts'
import {
  FLAG_RF,
  FLAG_TF,
  FLAGS,
  PROGRESS,
  PROGRESS_EVENT,
  PROGRESS_KIND,
  RIP,
  STATUS,
  STATUS_HALTED,
  STATUS_SS_SHADOW,
  STATUS_STI_SHADOW,
  STOP,
  STOP_UNSUPPORTED,
} from './layout.ts'
import type { Machine } from './machine.ts'
import { clearProgress, latchCode, latchedCode, piecesLeft, resume } from './progress.ts'
import { drainVariants } from './store-buffer.ts'

/**
 * What a choice did: 'retired' one instruction; an 'iteration' of a string instruction; 'paused' an instruction between two accesses, or an exception until
 * its stores are visible; an 'event' was delivered without an instruction retiring; 'drained' a store; 'prefetched'; an NMI 'arrived' and
 * is latched; 'stopped' the CPU.
 */
export type StepKind = 'retired' | 'iteration' | 'paused' | 'event' | 'drained' | 'prefetched' | 'arrived' | 'stopped'

/** The variant that the last step executed, for properties and previews. Valid until the next step. */
export interface StepInfo {
  kind: StepKind
  fetched: Fetched | null
  /** Address at which it executed. */
  lo: number
  hi: number
}

const info: StepInfo = { kind: 'retired', fetched: null, lo: 0, hi: 0 }

// ── what can happen ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Can the selected CPU run instructions at all? */
function runs(m: Machine): boolean {
  return m.w[m.c + STOP] === 0 && ((m.w[m.c + STATUS] as number) & STATUS_HALTED) === 0
}

/** The variants of the selected CPU's next step: of the instruction at its RIP, or of what it is in the middle of. */
export function stepVariants(m: Machine): readonly Fetched[] {
  const { w, c } = m
  const lo = w[c + RIP] as number
  const hi = w[c + RIP + 1] as number
  const progress = w[c + PROGRESS] as number
  if (progress === 0) return fetchVariants(m, lo, hi)
  if ((progress & PROGRESS_KIND) === PROGRESS_EVENT) return WAITING
  const code = latchedCode(m)
  const fetched = code === null ? (fetchVariants(m, lo, hi)[0] as Fetched) : decodeFetched(m, code, lo, hi)
  // Of a line-crossing read that has not begun, either piece may come first.
  return piecesLeft(m) === 3 ? [fetched, fetched] : [fetched]
}

const WAITING = [WAITING_EVENT]

/** Must this variant wait until the store buffer is empty (or has room)? */
export function waits(m: Machine, fetched: Fetched): boolean {
  const count = m.storeCount
  if (count === 0) return false
  const { bound } = fetched
  if (bound === null ? fetched === WAITING_EVENT : bound.needsEmptyBuffer || bound.record.drainsNow?.(m) === true) return true
  return count + ROOM > m.layout.storeCapacity
}

/** Buffer entries that any one instruction may need: a 64-bit frame in shared memory has 6, PUSHA 8. */
const ROOM = 8

const variantList: number[] = []

/** Lists the choices of one CPU, in canonical order. */
export function choicesOf(m: Machine, cpu: number, into: PackedChoice[]): void {
  m.select(cpu)
  const running = runs(m)
  if (running) {
    const variants = stepVariants(m)
    for (let i = 0; i < variants.length; i++) if (!waits(m, variants[i] as Fetched)) into.push(packChoice(cpu, STEP, i))
  }
  if (m.storeCount !== 0) {
    variantList.length = 0
    drainVariants(m, variantList)
    for (const variant of variantList) into.push(packChoice(cpu, DRAIN, variant))
  } else {
    if (deliverableIrq(m) >= 0) into.push(packChoice(cpu, IRQ, 0))
    if (deliverableNmi(m)) into.push(packChoice(cpu, NMI, 0))
  }
  if (m.config.environment !== undefined) {
    if (canArrive(m, 'nmi')) into.push(packChoice(cpu, NMI_ARRIVES, 0))
    if (canArrive(m, 'timer')) into.push(packChoice(cpu, TIMER_ARRIVES, 0))
  }
  if (running && m.config.fetch.prefetches !== undefined) {
    variantList.length = 0
    m.config.fetch.prefetches(m, variantList)
    for (const variant of variantList) into.push(packChoice(cpu, PREFETCH, variant))
  }
}

export function choices(m: Machine): PackedChoice[] {
  const list: PackedChoice[] = []
  for (let cpu = 0; cpu < m.layout.cpus; cpu++) choicesOf(m, cpu, list)
  return list
}

/** Is this choice among those that `choices` lists? For schedules that come from outside. */
export function isEnabled(m: Machine, choice: PackedChoice): boolean {
  if (choiceCpu(choice) >= m.layout.cpus) return false
  const list: PackedChoice[] = []
  choicesOf(m, choiceCpu(choice), list)
  return list.includes(choice)
}

// ── doing it ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Applies one choice of `choices`. A choice that is not enabled is the caller's error (see `isEnabled` for untrusted schedules). */
export function apply(m: Machine, choice: PackedChoice): StepInfo {
  m.select(choiceCpu(choice))
  m.visible = false
  const variant = choiceVariant(choice)
  const kind = choiceKind(choice)
  if (kind === STEP) return stepSelected(m, variant)
  m.delivered = false
  info.fetched = null
  info.lo = m.w[m.c + RIP] as number
  info.hi = m.w[m.c + RIP + 1] as number
  if (kind === DRAIN) return drained(m, variant)
  if (kind === IRQ || kind === NMI) {
    if (kind === IRQ) deliverIrq(m, pendingIrq(m))
    else deliverNmi(m)
    info.kind = m.w[m.c + STOP] === 0 ? 'event' : 'stopped'
  } else if (kind === NMI_ARRIVES || kind === TIMER_ARRIVES) {
    arrive(m, kind === NMI_ARRIVES ? 'nmi' : 'timer')
    info.kind = m.w[m.c + STOP] !== 0 ? 'stopped' : m.delivered ? 'event' : 'arrived'
  } else if (kind === PREFETCH) {
    prefetch(m, variant)
    info.kind = 'prefetched'
  } else throw new Error(`internal error: there is no choice of kind ${kind}`)
  return info
}

function drained(m: Machine, variant: number): StepInfo {
  try {
    m.drain(variant)
    info.kind = 'drained'
  } catch (thrown) {
    // More values of hot bytes than the fetch model keeps.
    if (!(thrown instanceof ModelStop)) throw thrown
    stop(m, thrown.reason, 0, 0, thrown.detail)
    info.kind = 'stopped'
  }
  return info
}

function prefetch(m: Machine, variant: number): void {
  const unit = m.config.fetch.prefetch?.(m, variant)
  m.visible = true
  if (unit === undefined || m.listener === null) return
  const address = (BigInt(unit.hi >>> 0) << 32n) | BigInt(unit.lo >>> 0)
  m.listener({ kind: 'prefetch', cpu: m.cpu, address, size: m.config.fetch.unitSize })
}

/** Executes the given variant of the selected CPU's next step. */
export function stepSelected(m: Machine, variant: number): StepInfo {
  const fetched = stepVariants(m)[variant]
  if (fetched === undefined) throw new Error(`internal error: CPU ${m.cpu} has no fetch variant ${variant}`)
  return execute(m, fetched, m.w[m.c + RIP] as number, m.w[m.c + RIP + 1] as number, variant)
}

/** Executes what has been fetched from lo:hi on the selected CPU. `variant`: its place among `stepVariants`. */
export function execute(m: Machine, fetched: Fetched, lo: number, hi: number, variant = 0): StepInfo {
  const { w, c } = m
  info.fetched = fetched
  info.lo = lo
  info.hi = hi
  if (fetched === WAITING_EVENT) return delivered(m)
  const flagsBefore = w[c + FLAGS] as number
  const shadowBefore = (w[c + STATUS] as number) & (STATUS_STI_SHADOW | STATUS_SS_SHADOW)
  const resumed = w[c + PROGRESS] !== 0
  if (shadowBefore !== 0 || fetched.hot) m.visible = true
  m.shadow = 0
  m.repeating = false
  m.delivered = false
  m.stringStores = fetched.instruction.rep
  const next = lo + fetched.bytes.length
  m.nextLo = next | 0
  m.nextHi = m.bits === 32 ? 0 : (lo >>> 0) + fetched.bytes.length > 0xffff_ffff ? (hi + 1) | 0 : hi
  if (fetched.hot && !resumed) m.config.fetch.consume(m, fetched.token)
  if (m.listener !== null && !resumed && !m.quiet) tellExecute(m, fetched)
  resume(m, variant)
  try {
    const { bound } = fetched
    if (fetched.stop !== undefined) throw fetched.stop
    if (fetched.fault !== null) m.pageFault(fetched.fault.lo, fetched.fault.hi, fetched.fault.present, 16)
    if (bound === null) refuse(m, fetched)
    bound.execute(m)
  } catch (thrown) {
    m.stringStores = false
    if (thrown !== m.pause) return failed(m, thrown)
    if (fetched.hot) latchCode(m, fetched.bytes)
    info.kind = 'paused'
    return info
  }
  // What an event pushes from here on is no store of a string instruction.
  m.stringStores = false
  if (resumed) clearProgress(m)
  const taken = m.nextLo !== (next | 0)
  w[c + RIP] = m.nextLo
  w[c + RIP + 1] = m.nextHi
  if ((shadowBefore | m.shadow) !== 0) {
    // A shadow lasts for one boundary; an instruction that opens one while one is open opens none (SDM 2B STI).
    w[c + STATUS] = ((w[c + STATUS] as number) & ~(STATUS_STI_SHADOW | STATUS_SS_SHADOW)) | (shadowBefore !== 0 ? 0 : m.shadow)
    m.visible = true
  }
  info.kind = m.repeating ? 'iteration' : 'retired'
  if (m.repeating) {
    // RF is set in what an event pushes here: the instruction is under way (SDM 3B 17.3.1.1).
    w[c + RIP] = lo
    w[c + RIP + 1] = hi
    w[c + FLAGS] = (w[c + FLAGS] as number) | FLAG_RF
  } else {
    if (((w[c + FLAGS] as number) & FLAG_RF) !== 0 && fetched.bound?.record.keepsRf !== true) w[c + FLAGS] = (w[c + FLAGS] as number) & ~FLAG_RF
    m.config.fetch.moved?.(m, lo, hi, taken)
  }
  if ((flagsBefore & FLAG_TF) !== 0) singleStep(m)
  return info
}

/**
 * TF was set when the instruction began: #DB follows it, but not after a software interrupt (whose delivery has cleared TF) and not within the shadow
 * of MOV SS (SDM 3B 17.3.1.4), where it is lost. DR6 is not modelled.
 */
function singleStep(m: Machine): void {
  if (m.delivered || m.shadow === STATUS_SS_SHADOW || m.w[m.c + STOP] !== 0) return
  deliverOrWait(m, VECTOR_DB, -1)
}

/** What has no record: undefined opcodes raise #UD, over-long ones #GP, anything else is honestly unsupported. */
function refuse(m: Machine, fetched: Fetched): never {
  if (fetched.instruction.invalid === 'undefined') m.raise(VECTOR_UD)
  if (fetched.instruction.invalid === 'too-long') m.raise(VECTOR_GP, 0)
  return m.unsupported(`${fetched.instruction.mnemonic} (${fetched.instruction.code})`)
}

/** What becomes of an instruction that threw. */
export function failed(m: Machine, thrown: unknown): StepInfo {
  m.visible = true
  if (m.w[m.c + PROGRESS] !== 0) clearProgress(m)
  if (thrown instanceof ModelStop) {
    stop(m, thrown.reason, 0, 0, thrown.detail)
    info.kind = 'stopped'
    return info
  }
  if (!(thrown instanceof Fault)) throw thrown
  const now = deliverOrWait(m, thrown.vector, thrown.errorCode)
  info.kind = m.w[m.c + STOP] !== 0 ? 'stopped' : now ? 'event' : 'paused'
  return info
}

/** Delivers the exception that has waited until the store buffer was empty. */
function delivered(m: Machine): StepInfo {
  deliverWaiting(m)
  info.kind = m.w[m.c + STOP] === 0 ? 'event' : 'stopped'
  info.fetched = null
  return info
}

function tellExecute(m: Machine, fetched: Fetched): void {
  const { w, c } = m
  let stale = false
  if (fetched.hot) {
    // Stale: not what memory holds now.
    const coherentBytes = memoryBytes(m, w[c + RIP] as number, w[c + RIP + 1] as number, fetched.bytes.length)
    stale = coherentBytes.some((byte, i) => byte !== fetched.bytes[i])
  }
  const address = (BigInt((w[c + RIP + 1] as number) >>> 0) << 32n) | BigInt((w[c + RIP] as number) >>> 0)
  m.listener?.({ kind: 'execute', cpu: m.cpu, address, bytes: fetched.bytes, mnemonic: fetched.instruction.mnemonic, hot: fetched.hot, stale })
}

/** Memory's own bytes at an address (no store buffer, no staleness); 0 where nothing is mapped. */
export function memoryBytes(m: Machine, lo: number, hi: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) {
    const at = (lo + i) | 0
    const piece = m.find(at, (at >>> 0 < i ? hi + 1 : hi) | 0)
    if (piece === null) continue
    const offset = piece.offset + ((at - piece.lo) >>> 0)
    bytes[i] = (
      piece.kind === 0
        ? m.map.rom[offset]
        : m.u8[(piece.kind === 1 ? (m.layout.parts[piece.owner] as number) + m.layout.ownMemory : m.layout.sharedMemory) * 4 + offset]
    ) as number
  }
  return bytes
}

export { deliverableIrq, deliverableNmi, STOP_UNSUPPORTED }
