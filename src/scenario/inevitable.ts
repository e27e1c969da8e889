/**
 * From which step on could a violation not be avoided any more? From every state before it, some order of the remaining choices still led to an end where
 * nothing is violated; from it on, none does.
 *
 *     start ──●──●──●──●──●──●──╳        ● a good end can be reached      ○ none can
 *                       ○  ○  ○          asked from the back, in growing strides, then halved
 *
 * "Some order leads to a good end" is shown by a walk that gets there, or by a search that meets one; "none does" only by a search that has visited all that
 * can follow. Where a bound stops that search, nothing is said.
 */
import type { Emit, Model } from '../explorer/model.ts'
import { Search } from '../explorer/search.ts'
import { Random } from '../lib/random.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import type { PackedChoice } from '../machine/choice.ts'
import type { Machine } from '../machine/machine.ts'
import { apply, choices } from '../machine/step.ts'
import { isAtRest } from './at-rest.ts'
import type { Instance } from './build.ts'
import { MachineModel } from './model.ts'
import { OutcomeNames } from './outcomes.ts'
import { Checker } from './properties.ts'
import { randomChoice, roundRobin } from './scheduler.ts'

export interface InevitableLimits {
  /** Of all searches together. */
  readonly maxStates: number
  readonly maxBytes: number
  readonly deadline?: () => boolean
}

/** `from`: steps taken when it had become inevitable; the violating step itself where that alone decided. */
export type Inevitability =
  | { readonly kind: 'from'; readonly from: number; readonly states: number }
  | { readonly kind: 'cut'; readonly states: number }

/** Walks that are tried before a state is searched, and how long each may be. */
const WALKS = 6
const LONGEST_WALK = 4000

export class Inevitable {
  private readonly instance: Instance
  private readonly checker: Checker
  private readonly names: OutcomeNames
  private readonly schedule: readonly PackedChoice[]
  private readonly limits: InevitableLimits
  private readonly m: Machine
  /** After so many steps no good end can be reached; after so many one still can (−1: not known). */
  private doomed: number
  private open = -1
  private stride = 1
  private asked = -1
  private search: Search | null = null
  private states = 0
  private cut = false

  private constructor(instance: Instance, checker: Checker, names: OutcomeNames, schedule: readonly PackedChoice[], limits: InevitableLimits) {
    this.instance = instance
    this.checker = checker
    this.names = names
    this.schedule = schedule
    this.limits = limits
    this.m = instance.machine()
    this.doomed = schedule.length
  }

  /** `schedule`: up to and including the violating step. */
  static create(instance: Instance, schedule: readonly PackedChoice[], limits: InevitableLimits): Result<Inevitable, string[]> {
    const checker = Checker.create(instance)
    const names = OutcomeNames.create(instance)
    if (!checker.ok || !names.ok) return fail([...(checker.ok ? [] : checker.error), ...(names.ok ? [] : names.error)])
    const m = instance.machine()
    for (const [i, choice] of schedule.entries()) {
      if (!choices(m).includes(choice)) return fail([`step ${i + 1} of the schedule cannot happen`])
      apply(m, choice)
    }
    return ok(new Inevitable(instance, checker.value, names.value, schedule, limits))
  }

  /** Works on for about `budget` transitions; false when it has ended. */
  run(budget: number): boolean {
    if (this.result !== null) return false
    if (this.search === null) this.ask(this.next)
    else this.goOn(this.search, budget)
    return this.result === null
  }

  get result(): Inevitability | null {
    const { states } = this
    if (this.cut) return { kind: 'cut', states }
    const known = this.open >= 0 ? this.doomed - this.open === 1 : this.doomed === 0
    return known ? { kind: 'from', from: this.doomed, states } : null
  }

  /** The step to ask about: further and further back until a good end is found, then halfway between. */
  private get next(): number {
    return this.open < 0 ? Math.max(0, this.doomed - this.stride) : (this.open + this.doomed) >> 1
  }

  private ask(step: number): void {
    const { m, schedule, instance } = this
    this.asked = step
    m.w.set(instance.machine().w)
    for (let i = 0; i < step; i++) apply(m, schedule[i] as PackedChoice)
    const here = m.w.slice()
    if (this.walks(here, step)) {
      this.open = step
      return
    }
    const model = new MachineModel(instance, this.checker, this.names, { reduce: true, from: here })
    const { maxBytes, maxStates, deadline } = this.limits
    this.search = new Search(new Blameless(model), {
      maxBytes,
      maxStates: Math.max(1, maxStates - this.states),
      stuck: false,
      ...(deadline === undefined ? {} : { deadline }),
    })
  }

  /** Does one of a few walks come to a good end? */
  private walks(from: Int32Array, step: number): boolean {
    const { m } = this
    for (let walk = 0; walk < WALKS; walk++) {
      m.w.set(from)
      const random = new Random(1 + walk + WALKS * step)
      for (let i = 0, mover = 0; i < LONGEST_WALK; i++) {
        if (allAtRest(m)) return true
        const possible = choices(m)
        // The first walk is that of a machine at rest, where interrupts are taken and stores become visible at once.
        const choice = walk === 0 ? roundRobin(m, possible, mover) : randomChoice(possible, random)
        if (choice === null || this.checker.after(m, apply(m, choice)) !== 0) break
        mover = m.cpu
      }
    }
    return false
  }

  private goOn(search: Search, budget: number): void {
    const more = search.run(budget) === 'running'
    const { finalStates, states, cut } = search.result()
    if (finalStates > 0) this.open = this.asked
    else if (more) return
    else if (cut !== null) this.cut = true
    else {
      this.doomed = this.asked
      this.stride *= 2
    }
    this.states += states
    this.search = null
  }
}

function allAtRest(m: Machine): boolean {
  for (let cpu = 0; cpu < m.layout.cpus; cpu++) {
    m.select(cpu)
    if (!isAtRest(m)) return false
  }
  return true
}

/** A model in which nothing is violated: what would be is left out. */
class Blameless implements Model {
  readonly agents: number
  readonly widths: readonly number[]
  readonly properties: readonly string[] = []
  private readonly model: Model

  constructor(model: Model) {
    this.model = model
    this.agents = model.agents
    this.widths = model.widths
  }

  initial(state: Int32Array): void {
    this.model.initial(state)
  }

  expand(agent: number, state: Int32Array, emit: Emit): void {
    this.model.expand(agent, state, (choice, cost, violations, after) => {
      if (violations === 0) emit(choice, cost, 0, after)
    })
  }

  done(agent: number, state: Int32Array): boolean {
    return this.model.done(agent, state)
  }
}
