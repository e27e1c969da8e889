/**
 * The machine as the explorer's `Model`. Agents are CPUs; a CPU's part of the packed state is its component, the shared part is the shared one.
 *
 * Reduction (docs/search.md). A step is *visible* when other CPUs could notice it or it depends on them: a load, store or locked operation on shared memory, a drain,
 * a fetch of hot bytes, a change of IF or of an interrupt shadow, delivery, a serialising event, an IPI, HLT, a stop. All else is local: it commutes with whatever
 * other CPUs do. With reduction on, one choice of a CPU is the run of its local steps up to and including the next visible one (cost = number of steps), and pending
 * interrupts are taken directly after visible steps only: a local step and a delivery commute, up to the return address in a frame that only IRET reads.
 * Every order of visible steps is explored, so shortest schedules in steps stay shortest. With reduction off every single step is a choice.
 *
 * Dead stack. Memory below a CPU's stack pointer in its private stack is cleared in the states that are compared: a load that reads it ends the run with
 * `within-model`, so that nothing depends on it is checked, not assumed.
 */
import type { Emit, Model } from '../explorer/model.ts'
import { choiceKind, choiceVariant, type PackedChoice, packChoice, STEP } from '../machine/choice.ts'
import { stop } from '../machine/delivery.ts'
import { type Fetched, fetchVariants } from '../machine/fetch.ts'
import { GPR, RIP, STATUS, STATUS_HALTED, STOP, STOP_UNSUPPORTED } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { apply, choicesOf, deliverableIrq, deliverableNmi, execute, waits } from '../machine/step.ts'
import type { Instance } from './build.ts'
import { type Expression, evaluate, parseExpression } from './expression.ts'
import { type Checker, createScope } from './properties.ts'

/** A CPU that computes this long without a visible step is compared with itself to find out whether it loops. */
const LOOP_PATIENCE = 4096
/** More local steps than this in one run are refused. */
const LOCAL_LIMIT = 1_000_000

const RSP = GPR + 8

export class MachineModel implements Model {
  readonly agents: number
  readonly widths: readonly number[]
  readonly properties: readonly string[]
  private readonly instance: Instance
  private readonly checker: Checker
  private readonly options: { readonly reduce: boolean; readonly from?: Int32Array }
  private readonly m: Machine
  private readonly start: Int32Array
  private readonly list: PackedChoice[] = []
  private readonly outcomeTerms: readonly { readonly text: string; readonly expression: Expression }[]

  /** `from`: the state to start at; the scenario's initial state where it is left out. */
  constructor(instance: Instance, checker: Checker, options: { readonly reduce: boolean; readonly from?: Int32Array }) {
    this.instance = instance
    this.checker = checker
    this.options = options
    this.m = instance.machine()
    this.agents = this.m.layout.cpus
    this.widths = this.m.layout.widths
    this.properties = checker.properties.map((property) => property.id)
    this.start = Int32Array.from(options.from ?? this.m.w)
    this.outcomeTerms = instance.scenario.file.outcome.flatMap((text) => {
      const parsed = parseExpression(text.replace(/^\d+:/, ''))
      return parsed.ok ? [{ text, expression: parsed.value }] : []
    })
  }

  initial(state: Int32Array): void {
    state.set(this.start)
    this.m.w.set(this.start)
    for (let cpu = 0; cpu < this.agents; cpu++) {
      this.m.select(cpu)
      this.clearDeadStack()
    }
    state.set(this.m.w)
  }

  expand(agent: number, state: Int32Array, emit: Emit): void {
    const { m } = this
    this.load(agent, state)
    m.select(agent)
    this.list.length = 0
    if (this.options.reduce) {
      if (m.w[m.c + STOP] === 0 && ((m.w[m.c + STATUS] as number) & STATUS_HALTED) === 0) {
        this.run(agent, state, emit)
        this.load(agent, state)
      }
      choicesOf(m, agent, this.list)
      for (const choice of this.list) {
        if (choiceKind(choice) === STEP) continue
        this.load(agent, state)
        this.single(choice, emit)
      }
      return
    }
    choicesOf(m, agent, this.list)
    for (const choice of this.list) {
      this.load(agent, state)
      this.single(choice, emit)
    }
  }

  done(agent: number, state: Int32Array): boolean {
    const { m } = this
    this.load(agent, state)
    m.select(agent)
    if (((m.w[m.c + STATUS] as number) & STATUS_HALTED) === 0 || m.w[m.c + STOP] !== 0) return false
    return m.storeCount === 0 && deliverableIrq(m) < 0 && !deliverableNmi(m)
  }

  /** What a final state ended in: the scenario's `outcome` expressions, e.g. "1:rax=2 2:rax=2". */
  outcome(state: Int32Array): string {
    const { m } = this
    m.w.set(state)
    const scope = createScope(this.instance, () => m)
    return this.outcomeTerms
      .map(({ text, expression }) => {
        const cpu = /^(\d+):/.exec(text)
        if (cpu !== null && Number(cpu[1]) >= this.agents) return null
        m.select(cpu === null ? 0 : Number(cpu[1]))
        const value = evaluate(expression, scope)
        return `${text}=${value.ok ? value.value : value.error}`
      })
      .filter((term) => term !== null)
      .join(' ')
  }

  private load(agent: number, state: Int32Array): void {
    const { w, layout } = this.m
    const own = layout.parts[agent] as number
    const shared = layout.sharedMemory
    w.set(state.subarray(own, own + (layout.widths[agent] as number)), own)
    w.set(state.subarray(shared), shared)
  }

  private single(choice: PackedChoice, emit: Emit): void {
    const violations = this.checker.after(this.m, apply(this.m, choice))
    this.clearDeadStack()
    emit(choice, 1, violations, this.m.w)
  }

  /** Local steps up to and including the next visible one; where that one's fetch has several variants, one outcome each. */
  private run(agent: number, state: Int32Array, emit: Emit): void {
    const { m } = this
    const { w } = m
    let remembered: Int32Array | null = null
    for (let steps = 1; ; steps++) {
      const lo = w[m.c + RIP] as number
      const hi = w[m.c + RIP + 1] as number
      const variants = fetchVariants(m, lo, hi)
      if (variants.length > 1) {
        const here = Int32Array.from(w)
        for (let i = 0; i < variants.length; i++) {
          if (i > 0) w.set(here)
          const fetched = variants[i] as Fetched
          if (waits(m, fetched)) continue
          m.visible = false
          const violations = this.checker.after(m, execute(m, fetched, lo, hi))
          this.clearDeadStack()
          emit(packChoice(agent, STEP, i), steps, violations, w)
        }
        return
      }
      const fetched = variants[0] as Fetched
      if (waits(m, fetched)) return
      m.visible = false
      const violations = this.checker.after(m, execute(m, fetched, lo, hi))
      if (m.visible || violations !== 0) {
        this.clearDeadStack()
        emit(packChoice(agent, STEP, 0), steps, violations, w)
        return
      }
      if (steps < LOOP_PATIENCE) continue
      // A CPU that goes round without ever doing anything visible is a state that leads to itself.
      if (steps === LOOP_PATIENCE) remembered = w.slice(m.c, m.layout.sharedMemory)
      else if (sameAs(w, m.c, remembered as Int32Array, this.widths[agent] as number)) {
        this.load(agent, state)
        emit(packChoice(agent, STEP, 0), steps - LOOP_PATIENCE, 0, w)
        return
      }
      if (steps > LOCAL_LIMIT) {
        m.stopDetail = `CPU ${agent} computes for more than ${LOCAL_LIMIT} instructions without a step that others could notice`
        stop(m, STOP_UNSUPPORTED, 0, 0)
        emit(packChoice(agent, STEP, 0), steps, 1 << (this.properties.length - 1), w)
        return
      }
    }
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

  /** The single steps that a schedule of choices stands for, replayed from the start of the model. */
  unitSchedule(schedule: readonly (readonly [agent: number, choice: number])[]): PackedChoice[] {
    const { m } = this
    m.w.set(this.start)
    const units: PackedChoice[] = []
    for (const [agent, choice] of schedule) {
      m.select(agent)
      if (!this.options.reduce || choiceKind(choice) !== STEP) {
        apply(m, choice)
        units.push(choice)
        continue
      }
      for (let steps = 1; ; steps++) {
        m.select(agent)
        const lo = m.w[m.c + RIP] as number
        const hi = m.w[m.c + RIP + 1] as number
        const variants = fetchVariants(m, lo, hi)
        const variant = variants.length > 1 ? choiceVariant(choice) : 0
        m.visible = false
        const violations = this.checker.after(m, execute(m, variants[variant] as Fetched, lo, hi))
        units.push(packChoice(agent, STEP, variant))
        if (m.visible || variants.length > 1 || violations !== 0 || steps > LOCAL_LIMIT) break
      }
    }
    return units
  }
}

function sameAs(w: Int32Array, at: number, other: Int32Array, width: number): boolean {
  for (let i = 0; i < width; i++) if (w[at + i] !== other[i]) return false
  return true
}
