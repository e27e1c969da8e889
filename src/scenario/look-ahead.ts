/**
 * From here: is a violation still ahead, how far, and through which next choice? Each choice that is possible now is taken in thought, and what follows is
 * searched on its own, so that an answer for the first choice is there before the second is looked at.
 */
import { fail, ok, type Result } from '../lib/result.ts'
import type { PackedChoice } from '../machine/choice.ts'
import { apply, choices } from '../machine/step.ts'
import type { Instance } from './build.ts'
import { Exploration, type ExploreOptions } from './explore.ts'
import { Checker } from './properties.ts'

/** `race`: the nearest one, in steps from here, this choice included. `safe`: all that can follow was visited. `cut`: not decided within the bounds. */
export type Ahead =
  | { readonly kind: 'race'; readonly steps: number; readonly property: string }
  | { readonly kind: 'safe'; readonly states: number }
  | { readonly kind: 'cut'; readonly states: number }

export class LookAhead {
  /** The possible choices, in canonical order. */
  readonly choices: readonly PackedChoice[]
  /** What is known of them, in the same order. */
  readonly answers: Ahead[] = []
  private readonly instance: Instance
  private readonly checker: Checker
  private readonly state: Int32Array
  private readonly limits: Pick<ExploreOptions, 'maxStates' | 'maxBytes' | 'deadline'>
  private exploration: Exploration | null = null

  private constructor(instance: Instance, checker: Checker, state: Int32Array, limits: LookAhead['limits']) {
    this.instance = instance
    this.checker = checker
    this.state = state
    this.limits = limits
    const m = instance.machine()
    m.w.set(state)
    this.choices = choices(m)
  }

  /** Looks ahead from where the schedule leads (as far as it is possible). Limits are for each choice. */
  static create(instance: Instance, schedule: readonly PackedChoice[], limits: LookAhead['limits']): Result<LookAhead, string[]> {
    const checker = Checker.create(instance)
    if (!checker.ok) return checker
    const m = instance.machine()
    for (const [i, choice] of schedule.entries()) {
      if (!choices(m).includes(choice)) return fail([`step ${i + 1} of the schedule cannot happen`])
      apply(m, choice)
    }
    return ok(new LookAhead(instance, checker.value, m.w.slice(), limits))
  }

  /** Works on for about `budget` transitions. True while choices are left. */
  run(budget: number): boolean {
    const choice = this.choices[this.answers.length]
    if (choice === undefined) return false
    if (this.exploration === null) this.begin(choice)
    else if (!this.exploration.run(budget)) this.end(this.exploration)
    return this.answers.length < this.choices.length
  }

  private begin(choice: PackedChoice): void {
    const { instance, checker } = this
    const m = instance.machine()
    m.w.set(this.state)
    const broken = checker.after(m, apply(m, choice))
    if (broken !== 0) {
      const property = checker.properties[31 - Math.clz32(broken & -broken)]?.id ?? ''
      this.answers.push({ kind: 'race', steps: 1, property })
      return
    }
    const created = Exploration.create(instance, { ...this.limits, stopAtViolation: true, from: m.w.slice() })
    if (created.ok) this.exploration = created.value
    else this.answers.push({ kind: 'cut', states: 0 })
  }

  private end(exploration: Exploration): void {
    const { kind, states, violations } = exploration.result()
    const nearest = [...violations].sort((a, b) => a.steps - b.steps)[0]
    if (nearest !== undefined && (nearest.shortest || nearest.trap !== null))
      this.answers.push({ kind: 'race', steps: nearest.steps + 1, property: nearest.property })
    else this.answers.push({ kind: kind === 'exhausted' ? 'safe' : 'cut', states })
    this.exploration = null
  }
}
