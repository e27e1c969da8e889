/** A scenario searched with hash compaction, by distance or in a seeded order (explorer/compact.ts); schedules in single steps, as text. */
import { CompactSearch } from '../explorer/compact.ts'
import type { Schedule } from '../explorer/schedules.ts'
import { digestOf } from '../lib/digest.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { formatSchedule } from '../machine/choice.ts'
import type { Instance } from './build.ts'
import { CUTS, type ExploreOptions } from './explore.ts'
import { MachineModel } from './model.ts'
import { OutcomeNames } from './outcomes.ts'
import { Checker } from './properties.ts'

export interface CompactResult {
  readonly kind: 'violated' | 'exhausted' | 'cut'
  readonly states: number
  readonly transitions: number
  readonly bytes: number
  readonly peakBytes: number
  readonly cut: string | null
  readonly omission: number
  /** What the scenario asks and this search cannot answer. */
  readonly notJudged: readonly string[]
  readonly violations: readonly {
    readonly property: string
    readonly steps: number
    readonly switches: number
    readonly schedule: string
    readonly shortest: boolean
  }[]
  readonly outcomes: readonly { readonly key: string; readonly states: number; readonly schedule: string }[]
  readonly sketch: readonly number[]
  /** Results with another one are about another machine. */
  readonly model: string
}

export class CompactExploration {
  private readonly search: CompactSearch
  private readonly model: MachineModel
  private readonly instance: Instance
  private readonly stuck: boolean

  private constructor(instance: Instance, model: MachineModel, options: CompactOptions) {
    this.instance = instance
    this.model = model
    this.stuck = instance.scenario.file.properties.some(({ kind }) => kind === 'no-deadlock')
    this.search = new CompactSearch(model, { ...options, stuck: this.stuck })
  }

  static create(instance: Instance, options: CompactOptions): Result<CompactExploration, string[]> {
    const checker = Checker.create(instance)
    const names = OutcomeNames.create(instance)
    if (!checker.ok || !names.ok) return fail([...(checker.ok ? [] : checker.error), ...(names.ok ? [] : names.error)])
    return ok(new CompactExploration(instance, new MachineModel(instance, checker.value, names.value, { reduce: true }), options))
  }

  run(budget: number): boolean {
    return this.search.run(budget)
  }

  cancel(): void {
    this.search.cancel()
  }

  get states(): number {
    return this.search.states
  }

  get bytes(): number {
    return this.search.bytes
  }

  result(): CompactResult {
    const { kind, states, transitions, bytes, peakBytes, cut, omission, violations, outcomes, sketch } = this.search.result()
    const text = (schedule: Schedule) => formatSchedule(this.model.unitSchedule(schedule))
    return {
      ...{ kind, states, transitions, bytes, peakBytes, omission, sketch },
      cut: cut === null ? null : CUTS[cut],
      notJudged: this.stuck ? ['livelocks'] : [],
      violations: violations.map(({ property, steps, switches, schedule, fewestSteps }) => ({
        ...{ property, steps, switches },
        schedule: text(schedule),
        shortest: fewestSteps,
      })),
      outcomes: outcomes.map((row) => ({ key: row.key, states: row.states, schedule: text(row.schedule) })),
      model: digestOf(this.instance.machine().w),
    }
  }
}

type CompactOptions = Pick<ExploreOptions, 'maxStates' | 'maxBytes' | 'deadline'> & { readonly seed?: number }
