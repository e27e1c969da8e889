/** The tour of the atlas: where on it a moment stands. */
import type { ScenarioInfo, TourStop } from '../worker/protocol.ts'
import { paramValue } from './selectors.ts'
import type { Params } from './state.ts'

/** The stop with this scenario and these very parameters (left out: the default), or -1. */
export function stopIndex(tour: readonly TourStop[], scenario: ScenarioInfo, params: Params): number {
  return tour.findIndex(
    (stop) =>
      stop.scenario === scenario.id &&
      scenario.params.every(({ name }) => paramValue(scenario, stop.params, name) === paramValue(scenario, params, name)),
  )
}
