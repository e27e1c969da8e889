/**
 * Why a run breaks, folded to its decisive moments: found from the flow of data, not from knowledge of any scenario.
 *
 *   the violating CPU executed bytes (or read a word) → who had written what it missed, and when → the violating step itself
 *
 * A stale fetch missed the hot stores that became visible since that CPU last serialised; a handler went wrong on the value that its last shared load gave
 * it, and somebody wrote that value; an IRET went wrong on a word of its frame that had been overwritten. Each moment is a step of the run with one sentence.
 */
import type { Disassemble } from '../decoder/disassemble.ts'
import { choiceCpu, type PackedChoice } from '../machine/choice.ts'
import type { MachineEvent } from '../machine/events.ts'
import { apply } from '../machine/step.ts'
import type { Instance } from './build.ts'
import { describe, sentence } from './describe.ts'
import { type Meaning, meaningOf } from './meaning.ts'
import { StackLog } from './stack-log.ts'

export interface Moment {
  /** The step (steps taken after it). */
  readonly step: number
  readonly cpu: number
  /** 'missed': somebody's store that the violating CPU did not see; 'act': what the violating CPU did; 'cause': a write that it did see; 'violation'. */
  readonly kind: 'missed' | 'act' | 'cause' | 'violation'
  readonly text: string
  /** What it means, and what it rests on. */
  readonly meaning: Meaning
}

/** Longer runs are not folded: nobody asked for their race. */
const MAX_STEPS = 100_000
const MAX_MISSED = 3

interface Facts {
  /** Step at which each CPU last serialised, 0 at the start. */
  readonly serialized: number[]
  readonly hotStores: { step: number; cpu: number }[]
  /** Last write of each byte address by somebody. */
  readonly writes: Map<bigint, { step: number; cpu: number }>
  lastHot: { step: number; stale: boolean } | null
  lastLoad: { step: number; writer: { step: number; cpu: number } | null } | null
  /** What is known of the stacks; the steps in which the violating CPU's open handlers were entered; and who last wrote each byte of its memory, in which of them. */
  readonly stack: StackLog
  entered: readonly number[]
  readonly own: Map<bigint, { readonly step: number; readonly entered: readonly number[] }>
  /** The step in which that CPU first read an overwritten word of its stack, and the step that had overwritten it; without a read, the last such accident. */
  overwritten: { by: number; read: number | null } | null
}

export function moments(
  instance: Instance,
  disassemble: Disassemble,
  schedule: readonly PackedChoice[],
  violation: { readonly step: number; readonly cpu: number },
): Moment[] {
  if (violation.step > MAX_STEPS || violation.step > schedule.length) return []
  const facts: Facts = {
    serialized: instance.cpus.map(() => 0),
    hotStores: [],
    writes: new Map(),
    lastHot: null,
    lastLoad: null,
    stack: new StackLog(instance),
    entered: [],
    own: new Map(),
    overwritten: null,
  }
  const m = instance.machine()
  for (let i = 0; i < violation.step; i++) {
    const events: MachineEvent[] = []
    m.listener = (event) => events.push(event)
    apply(m, schedule[i] as PackedChoice)
    for (const event of events) note(facts, event, i + 1, violation.cpu)
    const { accidents } = facts.stack
    facts.stack.append({ events })
    const depth = facts.stack.frames(violation.cpu).length
    if (depth !== facts.entered.length) facts.entered = depth < facts.entered.length ? facts.entered.slice(0, depth) : [...facts.entered, i + 1]
    if (facts.stack.accidents > accidents && facts.overwritten?.read == null) facts.overwritten = { by: i + 1, read: null }
  }
  m.listener = null
  const kinds = new Map<number, Moment['kind']>()
  const { lastHot, lastLoad } = facts
  if (lastHot !== null) {
    const since = facts.hotStores.filter((store) => store.cpu !== violation.cpu && store.step < lastHot.step && lastHot.stale)
    for (const store of since.slice(-MAX_MISSED)) kinds.set(store.step, 'missed')
    kinds.set(lastHot.step, 'act')
    if (lastLoad !== null && lastLoad.step > lastHot.step) {
      if (lastLoad.writer !== null && lastLoad.writer.cpu !== violation.cpu) kinds.set(lastLoad.writer.step, 'cause')
      kinds.set(lastLoad.step, 'act')
    }
  } else if (lastLoad !== null) {
    if (lastLoad.writer !== null && lastLoad.writer.cpu !== violation.cpu) kinds.set(lastLoad.writer.step, 'cause')
    kinds.set(lastLoad.step, 'act')
  }
  if (facts.overwritten !== null) {
    kinds.set(facts.overwritten.by, 'cause')
    if (facts.overwritten.read !== null) kinds.set(facts.overwritten.read, 'act')
  }
  kinds.set(violation.step, 'violation')
  return tell(instance, disassemble, schedule, kinds)
}

function note(facts: Facts, event: MachineEvent, step: number, cpu: number): void {
  switch (event.kind) {
    case 'serialize':
      facts.serialized[event.cpu] = step
      // Whatever was stored before is no longer missed by this CPU.
      if (event.cpu === cpu) facts.hotStores.length = 0
      break
    case 'visible':
      if (event.hot) facts.hotStores.push({ step, cpu: event.cpu })
      wrote(facts, event.address, event.size, step, event.cpu)
      break
    case 'store':
      if (event.cpu === cpu) for (let i = 0n; i < BigInt(event.size); i++) facts.own.set(event.address + i, { step, entered: facts.entered })
      if (event.locked) wrote(facts, event.address, event.size, step, event.cpu)
      break
    case 'execute':
      if (event.cpu === cpu && event.hot) facts.lastHot = { step, stale: event.stale }
      break
    case 'load':
      // Only what others can write tells why; private memory has no writer here.
      if (event.cpu === cpu && facts.overwritten?.read == null && facts.stack.entry(cpu, event.address)?.overwritten === true) {
        const by = lastWrite(facts, event.address, event.size)
        if (by > 0 && by !== step) facts.overwritten = { by, read: step }
      }
      if (event.cpu === cpu && facts.writes.has(event.address)) facts.lastLoad = { step, writer: facts.writes.get(event.address) ?? null }
      break
    default:
  }
}

/** The step that wrote last; of a handler that has come and gone since, the step in which it came. 0 where nobody did. */
function lastWrite({ own, entered }: Facts, address: bigint, size: number): number {
  const writes = Array.from({ length: size }, (_, i) => own.get(address + BigInt(i))).filter((write) => write !== undefined)
  const last = writes.reduce((later, write) => (write.step > later.step ? write : later), writes[0] ?? { step: 0, entered })
  return last.entered[entered.length] ?? last.step
}

function wrote(facts: Facts, address: bigint, size: number, step: number, cpu: number): void {
  for (let i = 0n; i < BigInt(size); i++) facts.writes.set(address + i, { step, cpu })
}

function tell(instance: Instance, disassemble: Disassemble, schedule: readonly PackedChoice[], kinds: ReadonlyMap<number, Moment['kind']>): Moment[] {
  const m = instance.machine()
  const list: Moment[] = []
  const last = Math.max(...kinds.keys())
  for (let i = 0; i < last; i++) {
    const choice = schedule[i] as PackedChoice
    const kind = kinds.get(i + 1)
    if (kind === undefined) {
      apply(m, choice)
      continue
    }
    const before = m.w.slice()
    const events: MachineEvent[] = []
    m.listener = (event) => events.push(event)
    apply(m, choice)
    m.listener = null
    list.push({
      step: i + 1,
      cpu: choiceCpu(choice),
      kind,
      text: sentence(m.layout, choice, describe(instance, disassemble, m, before, choice, events)),
      meaning: meaningOf(instance, choice, events),
    })
  }
  return list
}
