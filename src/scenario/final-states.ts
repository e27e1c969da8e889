/** Everything that a scenario can end with, without the ways that lead there: much less to search than with them. */
import { Search, type SearchLimits } from '../explorer/search.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import type { Instance } from './build.ts'
import { Exploration } from './explore.ts'
import { FinalModel } from './final-model.ts'
import { OutcomeNames } from './outcomes.ts'
import { Checker } from './properties.ts'

export interface FinalStates {
  /** The final states' names, as in `ExploreResult.outcomes`, ascending. */
  readonly keys: readonly string[]
  /** How many states were looked at. */
  readonly states: number
}

/** Fails where a property is violated, with the shortest way, or where a limit cut the search. */
export function finalStates(instance: Instance, limits: Pick<SearchLimits, 'maxStates' | 'maxBytes'>): Result<FinalStates, string[]> {
  const checker = Checker.create(instance)
  const names = OutcomeNames.create(instance)
  if (!checker.ok || !names.ok) return fail([...(checker.ok ? [] : checker.error), ...(names.ok ? [] : names.error)])
  if (FinalModel.fits(instance)) {
    const model = new FinalModel(instance, checker.value, names.value)
    const search = new Search(model, { ...limits, stuck: false, stopAtViolation: true })
    while (search.run(PORTION) === 'running');
    const { kind, states, outcomes } = search.result()
    if (kind === 'exhausted') return ok({ keys: outcomes.map(({ key }) => key), states })
  }
  return explored(instance, limits)
}

const PORTION = 1_000_000

function explored(instance: Instance, limits: Pick<SearchLimits, 'maxStates' | 'maxBytes'>): Result<FinalStates, string[]> {
  const exploration = Exploration.create(instance, limits)
  if (!exploration.ok) return exploration
  while (exploration.value.run(PORTION));
  const result = exploration.value.result()
  const broken = result.violations[0]
  if (broken !== undefined) return fail([`${broken.property === 'no-fault' ? 'a processor faults' : broken.title} (${broken.schedule})`])
  if (result.kind === 'cut') return fail([`the search was cut by ${result.cut}`])
  return ok({ keys: result.outcomes.map(({ key }) => key), states: result.states })
}
