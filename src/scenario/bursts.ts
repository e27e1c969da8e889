/**
 * Many steps at a time, for runs that nobody looks at step by step: a seeded scheduler gives the CPUs turns in random order, and each turn is a burst of
 * steps of a machine at rest (interrupts are taken as soon as they can be, stores become visible at once, fetch sees what memory holds).
 *
 * Every step is a choice of the machine, taken by the machine's own functions; all that is left out is asking for choices that a calm machine would not
 * take. An interrupt can become deliverable only by a step that others could notice, or between turns, so it is looked for there. Bursts can be
 * interrupted and taken up again at any step without changing what happens.
 */
import { Random } from '../lib/random.ts'
import { DRAIN, IRQ, NMI, type PackedChoice, packChoice, STEP } from '../machine/choice.ts'
import type { Fetched } from '../machine/fetch.ts'
import { RIP, STATUS, STATUS_HALTED, STOP } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { apply, deliverableIrq, deliverableNmi, execute, memoryBytes, stepVariants, waits } from '../machine/step.ts'
import { drainVariants } from '../machine/store-buffer.ts'
import type { Checker } from './properties.ts'

/** Longest turn of the first CPU, and of the others: the first one patches, and the others need not do as much. */
const FIRST = 256
const OTHERS = 24

export interface SchedulerState {
  readonly random: Int32Array
  readonly order: Uint8Array
  readonly turn: number
  readonly left: number
}

/** How a burst ended: out of steps; the CPU waits (PAUSE) or can do nothing; a property is violated. */
type BurstEnd = 'steps' | 'waits' | 'rests' | 'violated'

export class Bursts {
  readonly m: Machine
  readonly seed: number
  /** Instructions that each CPU has retired. */
  readonly retired: Float64Array
  /** Properties violated by the last step, as bits. */
  violated = 0
  /** Is told every choice that is taken. */
  onChoice: ((choice: PackedChoice) => void) | null = null
  /** Is told the steps of a turn (of this `run`) when it is over. */
  onTurn: ((cpu: number, from: number, end: number) => void) | null = null
  private readonly checker: Checker
  private readonly random: Random
  private readonly order: Uint8Array
  private turn: number
  private left = 0
  private steps = 0
  /** Turns in a row in which nobody could move. */
  private idle = 0
  private readonly list: number[] = []

  constructor(m: Machine, checker: Checker, seed: number) {
    this.m = m
    this.checker = checker
    this.seed = seed
    this.random = new Random(seed)
    this.retired = new Float64Array(m.layout.cpus)
    this.order = Uint8Array.from({ length: m.layout.cpus }, (_, cpu) => cpu)
    this.turn = m.layout.cpus
  }

  /** Steps of the present `run` so far. */
  get taken(): number {
    return this.steps
  }

  save(): SchedulerState {
    return { random: this.random.save(), order: this.order.slice(), turn: this.turn, left: this.left }
  }

  restore(state: SchedulerState): void {
    this.random.restore(state.random)
    this.order.set(state.order)
    this.turn = state.turn
    this.left = state.left
    this.idle = 0
  }

  /** Takes up to `most` steps; fewer where a property is violated, or nobody can move any more. */
  run(most: number): number {
    const { cpus } = this.m.layout
    this.steps = 0
    this.violated = 0
    while (this.steps < most) {
      if (this.left === 0) this.nextTurn()
      const cpu = this.order[this.turn] as number
      const before = this.steps
      const end = this.burst(cpu, Math.min(this.left, most - this.steps))
      this.left = end === 'steps' ? this.left - (this.steps - before) : 0
      if (this.onTurn !== null) this.onTurn(cpu, before, this.steps)
      if (end === 'violated') break
      this.idle = this.steps === before ? this.idle + 1 : 0
      if (this.idle > 2 * cpus) break
    }
    return this.steps
  }

  /** The next turn; a round lets every CPU move once, in a new order. */
  private nextTurn(): void {
    const { order, random } = this
    if (++this.turn >= order.length) {
      this.turn = 0
      for (let i = order.length - 1; i > 0; i--) {
        const k = random.below(i + 1)
        const other = order[k] as number
        order[k] = order[i] as number
        order[i] = other
      }
    }
    this.left = 1 + random.below(order[this.turn] === 0 ? FIRST : OTHERS)
  }

  private burst(cpu: number, most: number): BurstEnd {
    const { m, checker, retired } = this
    const { w } = m
    const end = this.steps + most
    m.select(cpu)
    while (this.steps < end) {
      const event = this.calmEvent(cpu)
      if (event !== null) {
        if (this.take(event)) return 'violated'
        continue
      }
      if (w[m.c + STOP] !== 0 || ((w[m.c + STATUS] as number) & STATUS_HALTED) !== 0) return 'rests'
      // Local steps, up to one that others could notice: until then nothing changes that calmEvent looks at.
      do {
        const lo = w[m.c + RIP] as number
        const hi = w[m.c + RIP + 1] as number
        const variants = stepVariants(m)
        const variant = variants.length === 1 ? 0 : this.fresh(variants, lo, hi)
        const fetched = variants[variant] as Fetched
        if (waits(m, fetched)) break
        m.visible = false
        const info = execute(m, fetched, lo, hi, variant)
        if (info.kind === 'retired' || info.kind === 'iteration') (retired[cpu] as number)++
        this.steps++
        if (this.onChoice !== null) this.onChoice(packChoice(cpu, STEP, variant))
        this.violated = checker.after(m, info)
        if (this.violated !== 0) return 'violated'
        if (fetched.instruction.mnemonic === 'pause') return 'waits'
      } while (!m.visible && this.steps < end)
    }
    return 'steps'
  }

  /** What a calm CPU does before its next instruction, or null. */
  private calmEvent(cpu: number): PackedChoice | null {
    const { m, list } = this
    if (m.storeCount !== 0) {
      list.length = 0
      drainVariants(m, list)
      return packChoice(cpu, DRAIN, list[0] as number)
    }
    if (deliverableNmi(m)) return packChoice(cpu, NMI, 0)
    return deliverableIrq(m) >= 0 ? packChoice(cpu, IRQ, 0) : null
  }

  private take(choice: PackedChoice): boolean {
    const { m } = this
    const info = apply(m, choice)
    this.steps++
    if (this.onChoice !== null) this.onChoice(choice)
    this.violated = this.checker.after(m, info)
    return this.violated !== 0
  }

  /** The variant that shows what memory holds. */
  private fresh(variants: readonly Fetched[], lo: number, hi: number): number {
    const { m } = this
    const index = variants.findIndex(({ bytes }) => {
      const memory = memoryBytes(m, lo, hi, bytes.length)
      return bytes.every((byte, i) => byte === memory[i])
    })
    return Math.max(index, 0)
  }
}
