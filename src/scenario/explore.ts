/** A scenario's search in slices: the same for the worker and the command line. Time is the caller's business; so is cancelling. */
import type { Schedule } from '../explorer/schedules.ts'
import { Search } from '../explorer/search.ts'
import type { Progress } from '../explorer/verdict.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { formatSchedule, type PackedChoice } from '../machine/choice.ts'
import { apply, isEnabled } from '../machine/step.ts'
import type { Instance } from './build.ts'
import { MachineModel } from './model.ts'
import { OutcomeNames } from './outcomes.ts'
import { Checker } from './properties.ts'

export interface ExploreOptions {
  readonly maxStates: number
  readonly maxBytes: number
  /** Purely local steps do not branch (docs/search.md); on unless a test compares. */
  readonly reduce?: boolean
  /** CPUs that turn out to be interchangeable are searched as one (docs/search.md); on unless a test compares. */
  readonly symmetry?: boolean
  readonly deadline?: () => boolean
  /** Start here instead of at the scenario's start. */
  readonly from?: Int32Array
  /** End with the first violation that is proven the shortest. */
  readonly stopAtViolation?: boolean
}

export interface FoundViolation {
  readonly property: string
  readonly title: string
  readonly steps: number
  readonly switches: number
  /** Single steps, as text. */
  readonly schedule: string
  /** For a livelock: the cycle that follows. */
  readonly cycle: string | null
  readonly trap: 'deadlock' | 'livelock' | null
  /**
   * Is it proven that no shorter one exists? A livelock is seen at the end of a run of local steps, which may be some of its steps behind where it begins,
   * so of one that was found with the reduction it is not said.
   */
  readonly shortest: boolean
  /** The one with the fewest preemptions, then steps; null where it is not known. */
  readonly preemptions: { readonly count: number; readonly steps: number; readonly schedule: string } | null
}

export interface ExploreResult {
  readonly kind: 'violated' | 'exhausted' | 'cut'
  readonly states: number
  /** States that were held: fewer where CPUs are interchangeable. */
  readonly held: number
  readonly transitions: number
  readonly depth: number
  /** Of the search's own tables: now, and at most. */
  readonly bytes: number
  readonly peakBytes: number
  readonly complete: boolean
  readonly cut: string | null
  readonly violations: readonly FoundViolation[]
  readonly outcomes: readonly { readonly key: string; readonly states: number; readonly schedule: string }[]
}

export class Exploration {
  private readonly search: Search
  private readonly instance: Instance
  private readonly model: MachineModel
  private readonly titles: ReadonlyMap<string, string>

  private constructor(instance: Instance, checker: Checker, names: OutcomeNames, options: ExploreOptions) {
    this.instance = instance
    const from = options.from === undefined ? {} : { from: options.from }
    this.model = new MachineModel(instance, checker, names, { reduce: options.reduce ?? true, ...from })
    this.titles = new Map(checker.properties.map(({ id, title }) => [id, title]))
    const stuck = instance.scenario.file.properties.some((property) => property.kind === 'no-deadlock')
    const deadline = options.deadline === undefined ? {} : { deadline: options.deadline }
    const { maxStates, maxBytes, stopAtViolation = false, symmetry = true } = options
    this.search = new Search(this.model, { maxStates, maxBytes, stuck, stopAtViolation, symmetry, preemptions: !stopAtViolation, ...deadline })
  }

  static create(instance: Instance, options: ExploreOptions): Result<Exploration, string[]> {
    const checker = Checker.create(instance)
    const names = OutcomeNames.create(instance)
    if (checker.ok && names.ok) return ok(new Exploration(instance, checker.value, names.value, options))
    return fail([...(checker.ok ? [] : checker.error), ...(names.ok ? [] : names.error)])
  }

  /** Goes on for about `budget` transitions; false when it has ended. */
  run(budget: number): boolean {
    return this.search.run(budget) === 'running'
  }

  cancel(): void {
    this.search.cancel()
  }

  /** After a cut: the next `run` goes on, with these limits. */
  resume(limits: Pick<ExploreOptions, 'maxStates' | 'maxBytes' | 'deadline'>): void {
    this.search.resume(limits)
  }

  /**
   * What of the space that was searched this schedule passes through: adds the numbers of its states to `states`, and the names of final ones to `outcomes`.
   * States in the middle of a run of local steps are none of the space. Stops where the schedule is not possible.
   */
  trace(schedule: readonly PackedChoice[], states: Set<number>, outcomes: Set<string>): void {
    const m = this.instance.machine()
    for (let i = 0; ; i++) {
      const here = m.w.slice()
      this.model.normalize(here)
      const state = this.search.locate(here)
      if (state >= 0) {
        states.add(state)
        if (this.isFinal(here)) outcomes.add(this.model.outcome(here))
      }
      if (i === schedule.length || !isEnabled(m, schedule[i] as PackedChoice)) return
      apply(m, schedule[i] as PackedChoice)
    }
  }

  private isFinal(state: Int32Array): boolean {
    for (let cpu = 0; cpu < this.model.agents; cpu++) if (!this.model.done(cpu, state)) return false
    return true
  }

  /** Of a schedule of the model's choices: single steps, as text. */
  text(schedule: Schedule): string {
    return formatSchedule(this.model.unitSchedule(schedule))
  }

  /** What the model calls its properties, in their order, and people. */
  get properties(): readonly { readonly id: string; readonly title: string }[] {
    return this.model.properties.map((id) => ({ id, title: this.titles.get(id) ?? id }))
  }

  progress(): Progress {
    return this.search.progress()
  }

  result(): ExploreResult {
    const verdict = this.search.result()
    const units = (schedule: Schedule) => this.model.unitSchedule(schedule)
    const text = (schedule: Schedule) => formatSchedule(units(schedule))
    return {
      kind: verdict.kind,
      states: verdict.states,
      held: verdict.held,
      transitions: verdict.transitions,
      depth: verdict.depth,
      bytes: verdict.bytes,
      peakBytes: verdict.peakBytes,
      complete: verdict.complete,
      cut: verdict.cut === null ? null : CUTS[verdict.cut],
      violations: verdict.violations.map((violation) => {
        const way = units(violation.schedule)
        const round =
          violation.trap === null || violation.trap.cycle.length === 0
            ? null
            : units([...violation.schedule, ...violation.trap.cycle]).slice(way.length)
        return {
          property: violation.property,
          title: this.titles.get(violation.property) ?? violation.property,
          steps: violation.steps,
          switches: violation.switches,
          schedule: formatSchedule(way),
          cycle: round === null ? null : formatSchedule(round),
          trap: violation.trap?.kind ?? null,
          shortest: violation.fewestSteps && !(this.model.reduces && violation.trap?.kind === 'livelock'),
          preemptions:
            violation.preemptions === null
              ? null
              : { count: violation.preemptions.count, steps: violation.preemptions.steps, schedule: text(violation.preemptions.schedule) },
        }
      }),
      outcomes: verdict.outcomes.map((row) => ({ key: row.key, states: row.states, schedule: text(row.schedule) })),
    }
  }
}

export const CUTS = {
  states: 'the limit of states',
  memory: 'the memory limit',
  time: 'the time limit',
  cancelled: 'cancelled',
  unfinished: 'not finished yet',
} as const
