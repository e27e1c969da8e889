/**
 * Is a recording an execution that the model allows? A search for a schedule of our machine whose steps, through the recorder's eyes (observer.ts), are exactly
 * the recorded events: every event, in the recorded order, with the recorded values, and none besides.
 *
 * Between two events any CPU may do what the recorder does not note. The search looks at runs of local steps up to the next one that others could notice,
 * nearest first: moves of the CPU whose event comes next cost least, then the patcher's (a write is recorded only when the writing function returns, so
 * an int3 can come before it), then those of others. It is greedy: it goes on from the first way to an event that it finds and comes back to others
 * only where that leads nowhere. A schedule that it finds is checked, step by step, so “allowed” is certain. “Not found” says how far it got, at
 * how many states it looked, and whether it gave up.
 *
 * Two things are done at once because no order is lost by it: a CPU whose next event is an int3 runs into it as soon as the byte is CC (it waits at the
 * handler's first instruction), and a handler whose event has been noted returns.
 *
 * Timer interrupts may arrive as often as it takes; the schedule found has to do with those that the scenario grants.
 */
import { digestOf } from '../lib/digest.ts'
import { highHalf, lowHalf } from '../lib/u64.ts'
import { choiceKind, DRAIN, NMI_ARRIVES, type PackedChoice, packChoice, STEP, TIMER_ARRIVES } from '../machine/choice.ts'
import { FLAG_IF, FLAGS } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { choicesOf, isEnabled, memoryBytes, stepVariants, waits } from '../machine/step.ts'
import type { Instance } from '../scenario/build.ts'
import type { Checker } from '../scenario/properties.ts'
import { disagreements, trapDisagreements } from './agreement.ts'
import type { Observation, Observed, Observer, Trap } from './observer.ts'
import type { RecordedBatch, RecordedEvent, Recording } from './recording.ts'

export interface Guided {
  /** Every event was met. */
  readonly allowed: boolean
  /** Events met: the place of the first that was not, where one was not. */
  readonly met: number
  /** What leads to the last event met, and for each event met how many steps have been taken when it has happened. */
  readonly schedule: readonly PackedChoice[]
  readonly steps: readonly number[]
  /** States looked at. */
  readonly states: number
  /** The search gave up (a bound), rather than having seen all that it looks at. */
  readonly cut: boolean
  /** What the CPU of the first event not met did instead, most frequent first. */
  readonly instead: readonly string[]
}

export interface GuideLimits {
  /** States between one event and the next. */
  readonly perEvent: number
  readonly total: number
}

const LIMITS: GuideLimits = { perEvent: 4_000, total: 20_000 }

/** How far back it comes for another way. */
const LEVELS_BACK = 6
/** Local steps in a row, and steps of a handler on its way out. */
const LONGEST = 4096
/** States that a CPU alone may go through on its way into an int3. */
const ALONE = 800

interface Node {
  readonly w: Int32Array
  readonly parent: Node | null
  readonly path: readonly PackedChoice[]
  /** Events met. */
  readonly met: number
  readonly cost: number
  /** By CPU: the int3 that it took last. */
  readonly traps: readonly (Trap | null)[]
  /** CPUs that have taken the int3 of their next event already, as bits. */
  readonly trapped: number
}

interface Move extends Observed {
  readonly w: Int32Array
  readonly path: readonly PackedChoice[]
}

export class GuidedReplay {
  private readonly m: Machine
  private readonly checker: Checker
  private readonly observer: Observer
  private readonly recording: Recording
  private readonly batch: RecordedBatch
  private readonly limits: GuideLimits
  private readonly budget: number
  /** For each event: how many syncs have begun before it; for each CPU and event: the CPU's next event from there. */
  private readonly syncs: readonly number[]
  private readonly next: readonly (readonly number[])[]
  private readonly queues: Node[][][] = []
  private readonly seen = new Set<string>()
  private notes = new Map<string, number>()
  private states = 0
  private furthest: Node | null = null
  private cut = false

  constructor(instance: Instance, checker: Checker, observer: Observer, recording: Recording, batch: RecordedBatch, limits: GuideLimits = LIMITS) {
    this.m = instance.machine()
    this.checker = checker
    this.observer = observer
    this.recording = recording
    this.batch = batch
    this.limits = limits
    this.budget = this.m.w[this.m.layout.environment] as number
    const { events } = batch
    let syncs = 0
    this.syncs = events.map(({ event }) => (event === 'sync begin' ? ++syncs : syncs))
    this.next = Array.from({ length: this.m.layout.cpus }, (_, cpu) => {
      const next = new Array<number>(events.length + 1).fill(events.length)
      for (let i = events.length - 1; i >= 0; i--) next[i] = events[i]?.cpu === cpu ? i : (next[i + 1] as number)
      return next
    })
  }

  run(): Guided {
    const { cpus } = this.m.layout
    const start: Node = {
      w: this.m.w.slice(),
      parent: null,
      path: [],
      met: 0,
      cost: 0,
      traps: Array.from({ length: cpus }, () => null),
      trapped: 0,
    }
    this.push(start)
    let perEvent = 0
    for (;;) {
      const node = this.pop()
      if (node === null) break
      if (node.met === this.batch.events.length) return this.result(node, true)
      if (this.furthest === null || node.met > this.furthest.met) {
        this.furthest = node
        this.notes = new Map()
        perEvent = 0
      }
      if (++perEvent > this.limits.perEvent || ++this.states > this.limits.total) {
        this.cut = true
        if (this.states > this.limits.total) break
        // Enough of this event; perhaps from an earlier moment.
        this.queues[node.met] = []
        perEvent = 0
        if (node.met <= this.furthest.met - LEVELS_BACK) break
        continue
      }
      this.expand(node)
    }
    return this.result(this.furthest ?? start, false)
  }

  // ── one state ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private expand(node: Node): void {
    const event = this.batch.events[node.met] as RecordedEvent
    const { patcher } = this.batch
    for (let cpu = 0; cpu < this.m.layout.cpus; cpu++) {
      const turn = cpu === event.cpu ? 1 : cpu === patcher ? 2 : 6
      for (const move of this.moves(node.w, cpu)) {
        const kind = choiceKind(move.path[0] as number)
        const after = this.judge(node, cpu, event, move)
        if (after === null) continue
        const cost = after.met > node.met ? 0 : node.cost + turn + (kind === TIMER_ARRIVES || kind === NMI_ARRIVES ? 7 : 0)
        const settled = after.met > node.met || (cpu === patcher && kind === DRAIN) ? this.settle({ ...after, cost }) : { ...after, cost }
        this.push(settled)
      }
    }
  }

  /** The node that a move leads to; null where it shows something that was not recorded here. */
  private judge(node: Node, cpu: number, event: RecordedEvent, { w, path, observation, trap }: Move): Omit<Node, 'cost'> | null {
    const after = { w, parent: node, path, met: node.met, traps: node.traps, trapped: node.trapped }
    const bit = 1 << cpu
    if (trap !== null) {
      const differ = (node.trapped & bit) !== 0 ? ['a second int3'] : this.trapDiffers(node, cpu, trap)
      if (differ.length > 0) {
        if (cpu === event.cpu) this.note(`it traps, but ${differ.join('; ')}`)
        return null
      }
      return { ...after, traps: node.traps.with(cpu, trap), trapped: node.trapped | bit }
    }
    if (observation === null) return after
    if (cpu !== event.cpu) return null
    const differ = disagreements(this.recording, event, observation, { sync: this.syncs[node.met] as number, trap: node.traps[cpu] as Trap | null })
    if (differ.length > 0) {
      this.note(differ.join('; '))
      return null
    }
    return { ...after, met: node.met + 1, trapped: observation.event === 'int3 hit' ? node.trapped & ~bit : node.trapped }
  }

  /** In what does this int3 differ from the CPU's next event? */
  private trapDiffers(node: Node, cpu: number, trap: Trap): string[] {
    const next = this.batch.events[this.next[cpu]?.[node.met] as number]
    if (next === undefined) return ['nothing is recorded of this CPU any more']
    return next.event === 'int3 hit' ? trapDisagreements(next, trap) : [`its next recorded event is “${next.event}”`]
  }

  private note(text: string): void {
    this.notes.set(text, (this.notes.get(text) ?? 0) + 1)
  }

  // ── moves ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What a CPU can do: each of its choices, with the local steps that follow it. */
  private moves(w: Int32Array, cpu: number): Move[] {
    const { m } = this
    m.w.set(w)
    const list: PackedChoice[] = []
    choicesOf(m, cpu, list)
    const moves: Move[] = []
    for (const choice of list) {
      m.w.set(w)
      const path: PackedChoice[] = []
      let taken = this.take(choice, path)
      if (choiceKind(choice) === STEP) {
        while (taken !== null && taken.observation === null && taken.trap === null && !m.visible && path.length < LONGEST && this.goesOn())
          taken = this.take(packChoice(cpu, STEP, 0), path)
      }
      if (taken !== null) moves.push({ ...taken, w: m.w.slice(), path })
    }
    return moves
  }

  /** One step of the machine as it stands; null where it violates a property. */
  private take(choice: PackedChoice, path: PackedChoice[]): Observed | null {
    const { m } = this
    const observed = this.observer.apply(m, choice)
    path.push(choice)
    m.w[m.layout.environment] = this.budget
    if (this.checker.after(m, observed.info) === 0) return observed
    this.note('every way on violates a property of the scenario')
    return null
  }

  /** Is the selected CPU's next step determined, and nothing that the recorder notes? */
  private goesOn(): boolean {
    const { m } = this
    if (this.observer.looksAt(m)) return false
    const variants = stepVariants(m)
    return variants.length === 1 && !waits(m, variants[0] as (typeof variants)[number])
  }

  // ── what is done at once ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  private settle(node: Node): Node {
    let settled = node
    const last = node.met === 0 ? undefined : this.batch.events[node.met - 1]
    if (last !== undefined && last.cpu !== this.batch.patcher && (last.event === 'sync taken' || last.event === 'int3 return'))
      settled = this.returned(settled, last.cpu)
    for (let cpu = 0; cpu < this.m.layout.cpus; cpu++) {
      const next = this.batch.events[this.next[cpu]?.[settled.met] as number]
      if (next?.event !== 'int3 hit' || (settled.trapped & (1 << cpu)) !== 0) continue
      this.m.w.set(settled.w)
      if (memoryBytes(this.m, lowHalf(next.site), highHalf(next.site), 1)[0] === 0xcc) settled = this.intoTrap(settled, cpu)
    }
    return settled
  }

  /** A handler on its way out, until interrupts are on again: its stores at once, nothing else. */
  private returned(node: Node, cpu: number): Node {
    const { m } = this
    m.w.set(node.w)
    m.select(cpu)
    const path: PackedChoice[] = []
    while (((m.w[m.c + FLAGS] as number) & FLAG_IF) === 0 && path.length < LONGEST) {
      const list: PackedChoice[] = []
      choicesOf(m, cpu, list)
      const choice = list.find((each) => choiceKind(each) === DRAIN) ?? list.find((each) => choiceKind(each) === STEP)
      if (choice === undefined || (path.length > 0 && this.observer.looksAt(m))) return node
      const taken = this.take(choice, path)
      if (taken === null || taken.observation !== null || taken.trap !== null) return node
    }
    return { ...node, w: m.w.slice(), parent: node, path }
  }

  /** The CPU alone, nearest first, until it takes the int3 that was recorded; where it cannot, nothing is done. */
  private intoTrap(node: Node, cpu: number): Node {
    const queue: Node[][] = [[{ ...node, cost: 0 }]]
    const seen = new Set<string>()
    let states = 0
    for (let cost = 0; cost < queue.length; cost++) {
      for (const each of queue[cost] ?? []) {
        if (++states > ALONE) return node
        for (const move of this.moves(each.w, cpu)) {
          if (move.observation !== null) continue
          const reached: Node = {
            ...node,
            w: move.w,
            parent: each,
            path: move.path,
            cost: cost + (choiceKind(move.path[0] as number) >= NMI_ARRIVES ? 4 : 1),
          }
          if (move.trap !== null) {
            if (this.trapDiffers(node, cpu, move.trap).length > 0) continue
            return { ...reached, cost: node.cost, traps: node.traps.with(cpu, move.trap), trapped: node.trapped | (1 << cpu) }
          }
          const key = digestOf(move.w)
          if (seen.has(key)) continue
          seen.add(key)
          ;(queue[reached.cost] ??= []).push(reached)
        }
      }
    }
    return node
  }

  // ── the queue ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private push(node: Node): void {
    const key = `${node.met} ${node.trapped} ${digestOf(node.w)}`
    if (this.seen.has(key)) return
    this.seen.add(key)
    const level = (this.queues[node.met] ??= [])
    ;(level[node.cost] ??= []).push(node)
    const old = node.met - LEVELS_BACK
    if (old >= 0 && this.queues[old] !== undefined && (this.queues[old] as Node[][]).length > 0) {
      this.queues[old] = []
      this.cut = true
    }
  }

  /** The cheapest node among those that have met most events. */
  private pop(): Node | null {
    for (let met = this.queues.length - 1; met >= 0; met--) {
      const level = this.queues[met]
      if (level === undefined) continue
      for (const bucket of level) if (bucket !== undefined && bucket.length > 0) return bucket.shift() as Node
      this.queues.length = met
    }
    return null
  }

  private result(node: Node, allowed: boolean): Guided {
    const segments: Node[] = []
    for (let each: Node | null = node; each !== null; each = each.parent) segments.push(each)
    const schedule: PackedChoice[] = []
    const steps: number[] = []
    for (const each of segments.reverse()) {
      schedule.push(...each.path)
      if (each.met > steps.length) steps.push(schedule.length)
    }
    const instead = [...this.notes].sort((a, b) => b[1] - a[1]).map(([text]) => text)
    return { allowed, met: node.met, schedule, steps, states: this.states, cut: this.cut, instead }
  }
}

/** What the recorder would have noted of a whole schedule, with the number of steps after which it has happened; null where the schedule is not legal. */
export function observeSchedule(
  instance: Instance,
  checker: Checker,
  observer: Observer,
  schedule: readonly PackedChoice[],
): { readonly cpu: number; readonly step: number; readonly observation: Observation; readonly trap: Trap | null }[] | null {
  const m = instance.machine()
  const traps: (Trap | null)[] = []
  const noted: { cpu: number; step: number; observation: Observation; trap: Trap | null }[] = []
  for (const [i, choice] of schedule.entries()) {
    if (!isEnabled(m, choice)) return null
    const { info, observation, trap } = observer.apply(m, choice)
    if (checker.after(m, info) !== 0) return null
    if (trap !== null) traps[m.cpu] = trap
    if (observation !== null) noted.push({ cpu: m.cpu, step: i + 1, observation, trap: traps[m.cpu] ?? null })
  }
  return noted
}
