/**
 * The machine as a `Model` for those who ask for final states and for faults, and not for the way there.
 *
 * After each choice the CPU goes on at once with its *quiet* steps: those that touch its own component only and that commute with everything else, its own
 * drains included. Local steps are quiet (model.ts), and so are a store that enters the store buffer and HLT where nothing can interrupt. In a state where a
 * quiet step is possible nothing else needs to be tried: whatever the others do first, they can do just as well after it (a persistent set of one step). A run
 * of quiet steps ends before the first step that is not quiet, where every choice is tried again; so no cycle consists of quiet steps alone, nobody is
 * overlooked for ever, and faults are kept as well as final states.
 *
 * Distances mean little here, because quiet steps are taken early. `Exploration` is for schedules.
 */
import type { Emit, Model } from '../explorer/model.ts'
import type { PackedChoice } from '../machine/choice.ts'
import type { Fetched } from '../machine/fetch.ts'
import type { Bound } from '../machine/isa/registry.ts'
import { RIP, STATUS, STATUS_HALTED, STOP } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { apply, choicesOf, execute, stepVariants, waits } from '../machine/step.ts'
import { isAtRest } from './at-rest.ts'
import type { Instance } from './build.ts'
import type { OutcomeNames } from './outcomes.ts'
import type { Checker } from './properties.ts'

/** A CPU that computes without end gives the others their turn. */
const LONGEST_RUN = 256

export class FinalModel implements Model {
  readonly agents: number
  readonly widths: readonly number[]
  readonly properties: readonly string[]
  private readonly checker: Checker
  private readonly names: OutcomeNames
  private readonly m: Machine
  private readonly list: PackedChoice[] = []
  /** The own component before a step that may turn out not to be quiet. */
  private readonly before: Int32Array

  constructor(instance: Instance, checker: Checker, names: OutcomeNames) {
    this.checker = checker
    this.names = names
    this.m = instance.machine()
    this.agents = this.m.layout.cpus
    this.widths = this.m.layout.widths
    this.properties = checker.properties.map((property) => property.id)
    this.before = new Int32Array(Math.max(...this.widths))
  }

  /** Nothing can interrupt these CPUs, and no code changes: only then are the steps above quiet. */
  static fits(instance: Instance): boolean {
    const { machine, idt } = instance.scenario.file
    return machine.fetch === 'coherent' && idt.length === 0 && instance.sites.length === 0
  }

  initial(state: Int32Array): void {
    for (let cpu = 0; cpu < this.agents; cpu++) {
      this.m.select(cpu)
      this.runQuietly()
    }
    state.set(this.m.w)
  }

  expand(agent: number, state: Int32Array, emit: Emit): void {
    const { m, checker, list } = this
    this.load(agent, state)
    list.length = 0
    choicesOf(m, agent, list)
    for (const [i, choice] of list.entries()) {
      if (i > 0) this.load(agent, state)
      const violations = checker.after(m, apply(m, choice))
      if (violations === 0) this.runQuietly()
      emit(choice, 1, violations, m.w)
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

  /** Takes over what the agent may look at, and makes it the one that moves. */
  private load(agent: number, state: Int32Array): void {
    const { w, layout } = this.m
    const own = layout.parts[agent] as number
    const shared = layout.sharedMemory
    w.set(state.subarray(own, own + (layout.widths[agent] as number)), own)
    w.set(state.subarray(shared), shared)
    this.m.select(agent)
  }

  /** Takes the quiet steps of the selected CPU. */
  private runQuietly(): void {
    const { m, before, checker } = this
    const { w, c } = m
    const width = this.widths[m.cpu] as number
    for (let steps = 0; steps < LONGEST_RUN; steps++) {
      if (w[c + STOP] !== 0 || ((w[c + STATUS] as number) & STATUS_HALTED) !== 0) return
      const variants = stepVariants(m)
      const fetched = variants[0] as Fetched
      if (variants.length > 1 || fetched.bound == null || mayExchange(fetched.bound) || waits(m, fetched)) return
      for (let i = 0; i < width; i++) before[i] = w[c + i] as number
      const stores = m.storeCount
      m.visible = false
      const info = execute(m, fetched, w[c + RIP] as number, w[c + RIP + 1] as number)
      const halted = ((w[c + STATUS] as number) & STATUS_HALTED) !== 0
      const mayCommute = !m.visible || m.storeCount > stores || halted || fetched.bound.needsEmptyBuffer
      const readShared = m.fresh !== 0 || m.latched !== 0
      if (info.kind === 'retired' && mayCommute && !readShared && checker.after(m, info) === 0 && !checker.looked) continue
      for (let i = 0; i < width; i++) w[c + i] = before[i] as number
      return
    }
  }
}

/**
 * Locked operations, and others that wait for an empty store buffer, may read and write shared memory in one step. Of those that wait, only a mere fence
 * touches nothing.
 */
function mayExchange({ needsEmptyBuffer, record }: Bound): boolean {
  return needsEmptyBuffer && record.microOps.some((op) => op !== 'fence')
}
