/**
 * Steps in words: for the list of choices (what would happen), for captions and the live region (what did happen). Made from the events of the step and
 * from the state before and after it, so a sentence can never say something that the machine did not do.
 */
import type { Disassemble } from '../decoder/disassemble.ts'
import { bytesToHex } from '../lib/bytes.ts'
import { highHalf, joinHalves, lowHalf } from '../lib/u64.ts'
import { choiceCpu, choiceKind, DRAIN, IRQ, NMI, NMI_ARRIVES, type PackedChoice, PREFETCH, TIMER_ARRIVES } from '../machine/choice.ts'
import type { MachineEvent } from '../machine/events.ts'
import { FLAG_CF, FLAG_IF, FLAG_OF, FLAG_PF, FLAG_SF, FLAG_ZF, FLAGS, GPR, type Layout, RIP, STOP } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { memoryBytes } from '../machine/step.ts'
import type { Instance } from './build.ts'
import type { Program } from './program.ts'
import { indexOf, siteMeaning } from './sites.ts'
import type { SiteMeaning } from './snapshot.ts'
import { stopReason, vectorName } from './stop-reason.ts'

export interface Description {
  /** "executes call callee_a", "store cc → site0 becomes visible", "takes IPI 0xfb". */
  readonly title: string
  /** What is special about it, or null. */
  readonly detail: string | null
  /** What it changes, in a few words. */
  readonly effect: string
  readonly meaning: SiteMeaning | null
}

export const REGISTER_NAMES = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'] as const

/** How a register is called in this machine's mode. */
export function registerName(index: number, bits: 32 | 64): string {
  const name = REGISTER_NAMES[index] as string
  return bits === 64 ? name : name.replace(/^r/, 'e')
}

/** Describes the step that led from `before` to the machine's present state, from its events. */
export function describe(
  instance: Instance,
  disassemble: Disassemble,
  m: Machine,
  before: Int32Array,
  choice: PackedChoice,
  events: readonly MachineEvent[],
): Description {
  const { program } = instance
  const cpu = choiceCpu(choice)
  const executed = events.find((event) => event.kind === 'execute')
  const delivered = events.find((event) => event.kind === 'deliver')
  const stopped = events.find((event) => event.kind === 'stop')
  let title = 'does nothing'
  let detail: string | null = null
  let meaning: SiteMeaning | null = null
  if (choiceKind(choice) === DRAIN) {
    const visible = events.find((event) => event.kind === 'visible')
    if (visible !== undefined) title = `store ${becomesVisible(program, visible)}`
  } else if (choiceKind(choice) === IRQ || choiceKind(choice) === NMI) {
    const label =
      delivered === undefined ? 'interrupt' : (instance.gateNames.get(delivered.vector) ?? (choiceKind(choice) === NMI ? 'NMI' : 'interrupt'))
    title = `takes ${label}${delivered !== undefined && choiceKind(choice) === IRQ ? ` 0x${delivered.vector.toString(16)}` : ''}`
  } else if (choiceKind(choice) === PREFETCH) {
    const prefetched = events.find((event) => event.kind === 'prefetch')
    if (prefetched !== undefined) title = `prefetches the ${prefetched.size} bytes at ${program.name(prefetched.address)}`
  } else if (choiceKind(choice) === NMI_ARRIVES || choiceKind(choice) === TIMER_ARRIVES) {
    title = `${choiceKind(choice) === NMI_ARRIVES ? 'an NMI' : 'a timer interrupt'} arrives`
  } else if (executed !== undefined) {
    const text = disassemble(executed.bytes, lowHalf(executed.address), highHalf(executed.address), m.bits, (address) => program.nameOrNull(address))
    title = executed.bytes.length === 0 ? `finds nothing to execute at ${program.name(executed.address)}` : `executes ${text}`
    const site = indexOf(instance.sites).from(executed.address)
    if (site !== null) {
      meaning = siteMeaning(site, executed.bytes)
      const memory = memoryBytes(m, lowHalf(site.address), highHalf(site.address), site.length)
      if (meaning === 'torn') detail = `neither old nor new: ${bytesToHex(executed.bytes)}`
      else if (executed.stale) detail = `stale: memory holds ${bytesToHex(memory)}`
    }
    detail ??= program.line(executed.address)?.source ?? null
  } else if (delivered !== undefined) {
    title = `takes ${vectorName(delivered.vector)}, which waited for its stores`
  } else if (events.some((event) => event.kind === 'load')) {
    title = 'goes on reading'
  }
  if (stopped !== undefined) detail = stopReason(m, cpu)
  return { title, detail, effect: effectOf(instance, m, before, choice, events), meaning }
}

function becomesVisible(program: Program, { value, size, address }: Extract<MachineEvent, { kind: 'visible' }>): string {
  return `${valueText(value, size)} → ${program.name(address)} becomes visible`
}

/** What changed, most telling first: at most three items. */
function effectOf(instance: Instance, m: Machine, before: Int32Array, choice: PackedChoice, events: readonly MachineEvent[]): string {
  const { program } = instance
  const cpu = choiceCpu(choice)
  const drained = choiceKind(choice) === DRAIN
  const items: string[] = []
  const { layout } = m
  const c = layout.parts[cpu] as number
  // Of a locked operation its store is told; anything else that becomes visible here is an older store that the step had to wait for.
  const locked = events.some((event) => event.kind === 'store' && event.locked)
  for (const event of events) {
    if (event.kind === 'store' && (event.buffered || event.hot)) {
      items.push(`${program.name(event.address)} := ${valueText(event.value, event.size)}${event.buffered ? ', buffered' : ''}`)
    } else if (event.kind === 'store' && event.locked) {
      items.push(`${program.name(event.address)} := ${valueText(event.value, event.size)}, locked`)
    } else if (event.kind === 'visible' && !locked && !drained) items.push(becomesVisible(program, event))
    else if (event.kind === 'ipi-sent') items.push(`IPI 0x${event.vector.toString(16)} to CPU ${event.target}`)
    else if (event.kind === 'deliver') items.push(`pushes ${event.frameBytes / (m.bits / 8)} words, goes to ${program.name(event.handler)}`)
    else if (event.kind === 'iret') items.push(`returns to ${program.name(event.address)}`)
    else if (event.kind === 'serialize' && event.by !== 'iret') items.push('serialises')
    else if (event.kind === 'halt') items.push('halts')
    else if (event.kind === 'stop') items.push('stops')
    else if (event.kind === 'load' && event.locked) items.push(`reads ${valueText(event.value, event.size)}, locked`)
  }
  const loaded = events.find((event) => event.kind === 'load' && isShared(m, event.address))
  if (loaded?.kind === 'load' && items.length === 0) items.push(`reads ${program.name(loaded.address)} = ${valueText(loaded.value, loaded.size)}`)
  if (!events.some((event) => event.kind === 'deliver' || event.kind === 'iret')) {
    for (let i = 0; i < 16 && items.length < 3; i++) {
      if (i === 4) continue
      const at = c + GPR + 2 * i
      const old = joinHalves(before[at] as number, before[at + 1] as number)
      const now = joinHalves(m.w[at] as number, m.w[at + 1] as number)
      if (old !== now) items.push(`${registerName(i, m.bits)} = ${program.nameOrNull(now) ?? short(now)}`)
    }
    const flags = flagChanges(before[c + FLAGS] as number, m.w[c + FLAGS] as number)
    if (flags !== '' && items.length < 3) items.push(flags)
  }
  const executed = events.find((event) => event.kind === 'execute')
  if (items.length === 0 && executed !== undefined && m.w[c + STOP] === 0) {
    const rip = joinHalves(m.w[c + RIP] as number, m.w[c + RIP + 1] as number)
    if (rip !== executed.address + BigInt(executed.bytes.length)) items.push(`goes to ${program.name(rip)}`)
  }
  return items.slice(0, 3).join(' · ')
}

function isShared(m: Machine, address: bigint): boolean {
  const piece = m.find(lowHalf(address), highHalf(address))
  return piece !== null && piece.kind >= 2
}

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [FLAG_CF, 'CF'],
  [FLAG_PF, 'PF'],
  [FLAG_ZF, 'ZF'],
  [FLAG_SF, 'SF'],
  [FLAG_OF, 'OF'],
  [FLAG_IF, 'IF'],
]

function flagChanges(old: number, now: number): string {
  return FLAG_NAMES.filter(([bit, name]) => ((old ^ now) & bit) !== 0 && name !== 'PF')
    .map(([bit, name]) => `${name} ${(old & bit) === 0 ? '0→1' : '1→0'}`)
    .join(' ')
}

function short(value: bigint): string {
  return value < 10n ? String(value) : `0x${value.toString(16)}`
}

/** A stored value as bytes of its width: "cc", "05130000". */
export function valueText(value: bigint, size: number): string {
  return size <= 2 ? value.toString(16).padStart(2 * size, '0') : short(value)
}

/** "CPU 1 executes call callee_a (stale: memory holds cc…)." */
export function sentence(layout: Layout, choice: PackedChoice, description: Description): string {
  const cpu = choiceCpu(choice)
  const who = layout.cpus > 0 && choiceKind(choice) === DRAIN ? `CPU ${cpu}’s ${description.title}` : `CPU ${cpu} ${description.title}`
  const effect = description.effect === '' ? '' : `: ${description.effect}`
  const detail = description.meaning === 'torn' || description.detail?.startsWith('stale') === true ? ` (${description.detail})` : ''
  return `${who}${detail}${effect}.`
}
