/**
 * One step of the machine: what each CPU can do next, and doing it. Page, search, command line and tests all come through here.
 *
 * A CPU can: execute the instruction at its RIP (one variant a distinct byte string that its fetch may show), let the oldest buffered store become visible
 * (one variant a piece, where it crosses a line), take a pending maskable interrupt, take a pending NMI. Delivery, fences, locked and serialising
 * instructions wait for an empty store buffer. Events are taken at instruction boundaries only (SDM 3A 6.9).
 */
import { pendingIrq } from './apic.ts'
import { choiceCpu, choiceKind, choiceVariant, DRAIN, IRQ, NMI, type PackedChoice, packChoice, STEP } from './choice.ts'
import { deliver, deliverIrq, deliverNmi, stop } from './delivery.ts'
import { type Fetched, fetchVariants } from './fetch.ts'
import {
  BOX_NMI,
  FLAG_IF,
  FLAG_RF,
  FLAG_TF,
  FLAGS,
  RIP,
  STATUS,
  STATUS_HALTED,
  STATUS_NMI_BLOCKED,
  STATUS_SS_SHADOW,
  STATUS_STI_SHADOW,
  STOP,
  STOP_UNSUPPORTED,
  STORES,
} from './layout.ts'
import { Fault, type Machine, ModelStop, VECTOR_DB, VECTOR_GP, VECTOR_UD } from './machine.ts'

/** What a choice did: 'retired' one instruction; 'event' delivered something without retiring; 'drained'; 'stopped' the CPU. */
export type StepKind = 'retired' | 'iteration' | 'event' | 'drained' | 'stopped'

/** The variant that the last step executed, for properties and previews. Valid until the next step. */
export interface StepInfo {
  kind: StepKind
  fetched: Fetched | null
  /** Address at which it executed. */
  lo: number
  hi: number
}

const info: StepInfo = { kind: 'retired', fetched: null, lo: 0, hi: 0 }

/** Can the selected CPU run instructions at all? */
function runs(m: Machine): boolean {
  return m.w[m.c + STOP] === 0 && ((m.w[m.c + STATUS] as number) & STATUS_HALTED) === 0
}

/** The variants of the selected CPU's next step that are enabled now (an index list into fetchVariants). */
export function enabledVariants(m: Machine, variants: readonly Fetched[]): boolean {
  return variants.length > 0 && runs(m)
}

/** Must this variant wait until the store buffer is empty (or has room)? */
export function waits(m: Machine, fetched: Fetched): boolean {
  const count = m.storeCount
  if (count === 0) return false
  if (fetched.bound?.needsEmptyBuffer === true) return true
  // Eight words of room: the largest frame that one instruction can push into shared memory.
  return count + ROOM > m.layout.storeCapacity
}

/** Buffer entries that any one instruction may need (an 8-byte store that spans two regions is buffered byte by byte). */
const ROOM = 8

/** Lists the choices of one CPU, in canonical order. */
export function choicesOf(m: Machine, cpu: number, into: PackedChoice[]): void {
  m.select(cpu)
  const { w, c } = m
  const empty = m.storeCount === 0
  if (runs(m)) {
    const variants = fetchVariants(m, w[c + RIP] as number, w[c + RIP + 1] as number)
    for (let i = 0; i < variants.length; i++) if (!waits(m, variants[i] as Fetched)) into.push(packChoice(cpu, STEP, i))
  }
  if (!empty) {
    const pieces = (w[c + STORES + 1] as number) >> 8
    if ((pieces & 1) !== 0) into.push(packChoice(cpu, DRAIN, 0))
    if ((pieces & 2) !== 0) into.push(packChoice(cpu, DRAIN, 1))
  }
  if (empty && deliverableIrq(m) >= 0) into.push(packChoice(cpu, IRQ, 0))
  if (empty && deliverableNmi(m)) into.push(packChoice(cpu, NMI, 0))
}

export function choices(m: Machine): PackedChoice[] {
  const list: PackedChoice[] = []
  for (let cpu = 0; cpu < m.layout.cpus; cpu++) choicesOf(m, cpu, list)
  return list
}

/** The vector that the selected CPU may take at this boundary, or -1. */
export function deliverableIrq(m: Machine): number {
  const { w, c } = m
  if (w[c + STOP] !== 0 || ((w[c + FLAGS] as number) & FLAG_IF) === 0) return -1
  if (((w[c + STATUS] as number) & (STATUS_STI_SHADOW | STATUS_SS_SHADOW)) !== 0) return -1
  return pendingIrq(m)
}

/** Is an NMI pending that the selected CPU may take at this boundary? (After STI it may: facts leave it open, so it is a choice.) */
export function deliverableNmi(m: Machine): boolean {
  const { w, c } = m
  if (w[c + STOP] !== 0 || w[(m.layout.boxes[m.cpu] as number) + BOX_NMI] === 0) return false
  return ((w[c + STATUS] as number) & (STATUS_NMI_BLOCKED | STATUS_SS_SHADOW)) === 0
}

/** Applies one choice of `choices`. A choice that is not enabled is the caller's error (see `isEnabled` for untrusted schedules). */
export function apply(m: Machine, choice: PackedChoice): StepInfo {
  m.select(choiceCpu(choice))
  m.visible = false
  switch (choiceKind(choice)) {
    case STEP:
      return stepSelected(m, choiceVariant(choice))
    case DRAIN:
      m.drain(choiceVariant(choice))
      info.kind = 'drained'
      info.fetched = null
      return info
    case IRQ:
      deliverIrq(m, pendingIrq(m))
      break
    case NMI:
      deliverNmi(m)
      break
    default:
      throw new Error(`internal error: choice kind ${choiceKind(choice)} is not modelled`)
  }
  info.kind = 'event'
  info.fetched = null
  return info
}

/** Is this choice among those that `choices` lists? For schedules that come from outside. */
export function isEnabled(m: Machine, choice: PackedChoice): boolean {
  if (choiceCpu(choice) >= m.layout.cpus) return false
  const list: PackedChoice[] = []
  choicesOf(m, choiceCpu(choice), list)
  return list.includes(choice)
}

/** Executes the given fetch variant at the selected CPU's RIP. */
export function stepSelected(m: Machine, variant: number): StepInfo {
  const { w, c } = m
  const lo = w[c + RIP] as number
  const hi = w[c + RIP + 1] as number
  const fetched = fetchVariants(m, lo, hi)[variant]
  if (fetched === undefined) throw new Error(`internal error: CPU ${m.cpu} has no fetch variant ${variant}`)
  return execute(m, fetched, lo, hi)
}

/** Executes what has been fetched from lo:hi on the selected CPU. */
export function execute(m: Machine, fetched: Fetched, lo: number, hi: number): StepInfo {
  const { w, c } = m
  info.fetched = fetched
  info.lo = lo
  info.hi = hi
  const flagsBefore = w[c + FLAGS] as number
  const shadowBefore = (w[c + STATUS] as number) & (STATUS_STI_SHADOW | STATUS_SS_SHADOW)
  if (shadowBefore !== 0 || fetched.hot) m.visible = true
  m.shadow = 0
  m.repeating = false
  const next = lo + fetched.bytes.length
  m.nextLo = next | 0
  m.nextHi = m.bits === 32 ? 0 : (lo >>> 0) + fetched.bytes.length > 0xffff_ffff ? (hi + 1) | 0 : hi
  if (fetched.hot) m.config.fetch.consume(m, fetched.token)
  if (m.listener !== null) tellExecute(m, fetched)
  try {
    const bound = fetched.bound
    if (fetched.fault !== null) m.pageFault(fetched.fault.lo, fetched.fault.hi, fetched.fault.present, 16)
    if (bound === null) refuse(m, fetched)
    bound.execute(m)
  } catch (thrown) {
    return failed(m, thrown)
  }
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
  } else if (((w[c + FLAGS] as number) & FLAG_RF) !== 0 && fetched.bound?.record.keepsRf !== true) {
    w[c + FLAGS] = (w[c + FLAGS] as number) & ~FLAG_RF
  }
  if ((flagsBefore & FLAG_TF) !== 0) singleStep(m, fetched)
  return info
}

/**
 * TF was set when the instruction began: #DB follows it, but not after a software interrupt (whose delivery has cleared TF) and not within the shadow
 * of MOV SS (SDM 3B 17.3.1.4). DR6 is not modelled.
 */
function singleStep(m: Machine, fetched: Fetched): void {
  const delivered = ((m.w[m.c + FLAGS] as number) & FLAG_TF) === 0 && fetched.bound?.record.microOps.includes('deliver') === true
  if (delivered || m.shadow === STATUS_SS_SHADOW || m.w[m.c + STOP] !== 0) return
  deliver(m, VECTOR_DB, 'exception', -1)
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
  if (thrown instanceof ModelStop) {
    m.stopDetail = thrown.detail
    stop(m, thrown.reason, 0, 0)
    info.kind = 'stopped'
    return info
  }
  if (!(thrown instanceof Fault)) throw thrown
  deliver(m, thrown.vector, 'exception', thrown.errorCode)
  info.kind = m.w[m.c + STOP] === 0 ? 'event' : 'stopped'
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

export { STOP_UNSUPPORTED }
