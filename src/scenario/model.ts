/**
 * The machine as the explorer's `Model`. Agents are CPUs; a CPU's part of the packed state is its component, the shared part is the shared one.
 *
 * Reduction (docs/search.md). A step is *visible* when other CPUs or a handler on its own CPU could notice it, or it depends on them: a load, store or locked
 * operation on shared memory or on private memory that is no stack, a drain, a fetch of hot bytes, a change of IF or of an interrupt shadow, delivery, a
 * serialising event, an IPI, HLT, a stop. All else is local: it commutes with whatever other CPUs do. With reduction on, one choice of a CPU is the run of its
 * local steps up to and including the next visible one (cost = number of steps), and pending interrupts are taken directly after visible steps only.
 * Every order of visible steps is explored, so shortest schedules in steps stay shortest. With reduction off every single step is a choice.
 *
 * Dead stack. Memory below a CPU's stack pointer in its private stack is cleared in the states that are compared: a load that reads it ends the run with
 * `within-model`, so that nothing depends on it is checked, not assumed.
 */
import type { Emit, Model } from '../explorer/model.ts'
import { choiceKind, type PackedChoice, packChoice, STEP } from '../machine/choice.ts'
import type { Fetched } from '../machine/fetch.ts'
import { GPR, RIP, STATUS, STATUS_HALTED, STOP } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { apply, choicesOf, execute, stepVariants, waits } from '../machine/step.ts'
import { isAtRest } from './at-rest.ts'
import type { Instance } from './build.ts'
import type { OutcomeNames } from './outcomes.ts'
import type { Checker } from './properties.ts'

/** A run of local steps is cut here, so that a CPU that computes without end becomes a cycle of states or meets a bound of the search. */
const LONGEST_RUN = 4096

const RSP = GPR + 8

/**
 * How a run of local steps ended: with a visible or violating step (or because it was long enough); before a step whose fetch has several variants;
 * before one that waits for the store buffer; or back where it began, all alone.
 */
type RunEnd = 'step' | 'variants' | 'waits' | 'loop'

export interface ModelOptions {
  readonly reduce: boolean
  /** The state to start at; the scenario's initial state where it is left out. */
  readonly from?: Int32Array
}

export class MachineModel implements Model {
  readonly agents: number
  readonly widths: readonly number[]
  readonly properties: readonly string[]
  /** CPUs of one role, where the search begins at the start: later they stand at different places. */
  readonly interchangeable: readonly (readonly number[])[]
  private readonly instance: Instance
  private readonly checker: Checker
  private readonly names: OutcomeNames
  /** Are local steps taken together? Not where the scenario forbids it. */
  readonly reduces: boolean
  private readonly m: Machine
  private readonly start: Int32Array
  private readonly list: PackedChoice[] = []
  /** The own component at the start of a run of local steps. */
  private readonly runStart: Int32Array
  /** Of the last run: its steps, what the last one violated, and the variants that it ended before. */
  private steps = 0
  private violations = 0
  private variants: readonly Fetched[] = []

  constructor(instance: Instance, checker: Checker, names: OutcomeNames, options: ModelOptions) {
    this.instance = instance
    this.checker = checker
    this.names = names
    this.reduces = options.reduce && instance.scenario.file.machine.interrupts !== 'anywhere'
    this.m = instance.machine()
    this.agents = this.m.layout.cpus
    this.widths = this.m.layout.widths
    this.properties = checker.properties.map((property) => property.id)
    const roles = instance.cpus.map(({ role }) => role)
    const cpusOf = (role: string) => roles.flatMap((each, cpu) => (each === role ? [cpu] : []))
    this.interchangeable = options.from === undefined ? [...new Set(roles)].map(cpusOf) : []
    this.start = Int32Array.from(options.from ?? this.m.w)
    this.runStart = new Int32Array(Math.max(...this.widths))
  }

  initial(state: Int32Array): void {
    this.m.w.set(this.start)
    for (let cpu = 0; cpu < this.agents; cpu++) {
      this.m.select(cpu)
      this.clearDeadStack()
    }
    state.set(this.m.w)
  }

  expand(agent: number, state: Int32Array, emit: Emit): void {
    const { m, reduces } = this
    this.load(agent, state)
    this.list.length = 0
    choicesOf(m, agent, this.list)
    if (reduces && m.w[m.c + STOP] === 0 && ((m.w[m.c + STATUS] as number) & STATUS_HALTED) === 0) this.expandRun(agent, emit)
    for (const choice of this.list) {
      if (reduces && choiceKind(choice) === STEP) continue
      this.load(agent, state)
      this.finish(choice, 1, this.checker.after(m, apply(m, choice)), emit)
    }
  }

  done(agent: number, state: Int32Array): boolean {
    this.load(agent, state)
    return isAtRest(this.m)
  }

  outcome(state: Int32Array): string {
    this.m.w.set(state)
    return this.names.of(this.m)
  }

  /** Puts a state of the machine into the form in which the search knows it. */
  normalize(state: Int32Array): void {
    const { m } = this
    m.w.set(state)
    for (let cpu = 0; cpu < this.agents; cpu++) {
      m.select(cpu)
      this.clearDeadStack()
    }
    state.set(m.w)
  }

  /** The single steps that a schedule of choices stands for, replayed from the start of the model. */
  unitSchedule(schedule: readonly (readonly [agent: number, choice: number])[]): PackedChoice[] {
    const { m } = this
    m.w.set(this.start)
    const units: PackedChoice[] = []
    for (const [agent, choice] of schedule) {
      m.select(agent)
      if (!this.reduces || choiceKind(choice) !== STEP) {
        apply(m, choice)
        units.push(choice)
        continue
      }
      const end = this.run(agent)
      for (let i = 0; i < this.steps; i++) units.push(packChoice(agent, STEP, 0))
      if (end !== 'variants') continue
      apply(m, choice)
      units.push(choice)
    }
    return units
  }

  /** One outcome for the run of local steps, or one for each variant of the step that ends it. */
  private expandRun(agent: number, emit: Emit): void {
    const { m } = this
    const end = this.run(agent)
    if (end === 'waits') return
    if (end !== 'variants') {
      this.finish(packChoice(agent, STEP, 0), this.steps, this.violations, emit)
      return
    }
    const { variants, steps } = this
    const here = Int32Array.from(m.w)
    for (const [i, fetched] of variants.entries()) {
      if (waits(m, fetched)) continue
      const choice = packChoice(agent, STEP, i)
      this.finish(choice, steps + 1, this.checker.after(m, apply(m, choice)), emit)
      m.w.set(here)
    }
  }

  /** Takes local steps of the selected CPU, up to and including the next visible one. */
  private run(agent: number): RunEnd {
    const { m, checker } = this
    const { w } = m
    const startLo = w[m.c + RIP] as number
    const width = this.widths[agent] as number
    this.clearDeadStack()
    this.runStart.set(w.subarray(m.c, m.c + width))
    this.violations = 0
    for (this.steps = 0; this.steps < LONGEST_RUN; ) {
      const lo = w[m.c + RIP] as number
      const hi = w[m.c + RIP + 1] as number
      this.variants = stepVariants(m)
      if (this.variants.length > 1) return 'variants'
      const fetched = this.variants[0] as Fetched
      if (waits(m, fetched)) return 'waits'
      m.visible = false
      this.violations = checker.after(m, execute(m, fetched, lo, hi))
      this.steps++
      if (m.visible || this.violations !== 0 || checker.looked) return 'step'
      if (w[m.c + RIP] === startLo && this.isBack(width)) return 'loop'
    }
    return 'step'
  }

  private isBack(width: number): boolean {
    const { m, runStart } = this
    this.clearDeadStack()
    for (let i = 0; i < width; i++) if (m.w[m.c + i] !== runStart[i]) return false
    return true
  }

  private finish(choice: PackedChoice, cost: number, violations: number, emit: Emit): void {
    this.clearDeadStack()
    emit(choice, cost, violations, this.m.w)
  }

  /** Takes over what the agent may look at, and makes it the one that moves. */
  private load(agent: number, state: Int32Array): void {
    const { w, layout } = this.m
    const own = layout.parts[agent] as number
    const shared = layout.sharedMemory
    w.set(state.subarray(own, own + (layout.widths[agent] as number)), own)
    w.set(state.subarray(shared), shared)
    this.m.select(agent)
  }

  private clearDeadStack(): void {
    const { m } = this
    const lo = m.w[m.c + RSP] as number
    const hi = m.w[m.c + RSP + 1] as number
    for (const piece of this.instance.stacks[m.cpu] ?? []) {
      const used = (lo - piece.lo) >>> 0
      if (piece.hi !== hi || used > piece.size) continue
      const start = (m.c + m.layout.ownMemory) * 4 + piece.offset
      m.u8.fill(0, start, start + used)
    }
  }
}
