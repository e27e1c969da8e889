/** What follows from the facts. */
import type { ExpectedVerdict, ScenarioInfo, SearchVerdict } from '../worker/protocol.ts'
import { lastMover } from './default-choice.ts'
import type { PageState, Params } from './state.ts'

/** Names what a search is about: verdicts of other parameters are kept, and come back with their parameters. */
export function verdictKey(scenario: string, params: Params): string {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([scenario, sorted])
}

export function presentKey(state: PageState): string | null {
  return state.view === null ? null : verdictKey(state.view.scenario.id, state.view.params)
}

export function presentVerdict(state: PageState): SearchVerdict | null {
  const key = presentKey(state)
  return key === null ? null : (state.verdicts[key] ?? null)
}

/** What the scenario claims for these parameters: the claim that names most of them. */
export function expectedVerdict(scenario: ScenarioInfo, params: Params): ExpectedVerdict | null {
  let found: ExpectedVerdict | null = null
  for (const claim of scenario.expected) {
    const silent = scenario.params.every(
      ({ name, alone, unsearched, default: standard }) =>
        (alone !== true || name in claim.when || paramValue(scenario, params, name) === standard) &&
        unsearched?.includes(paramValue(scenario, params, name) ?? '') !== true,
    )
    const holds = silent && Object.entries(claim.when).every(([name, value]) => paramValue(scenario, params, name) === value)
    if (holds && (found === null || Object.keys(claim.when).length > Object.keys(found.when).length)) found = claim
  }
  return found
}

export type Agreement = 'agrees' | 'differs' | 'undecided'

/** Does the search confirm the claim? A cut search decides nothing, unless it found the race. */
export function agreement(claim: ExpectedVerdict, verdict: SearchVerdict): Agreement {
  if (verdict.kind === 'cut') return 'undecided'
  if (verdict.kind !== claim.verdict) return 'differs'
  if (verdict.complete && claim.states > 0 && claim.states !== verdict.states) return 'differs'
  const found = new Set(verdict.violations.map((violation) => violation.property))
  return claim.violates.every((property) => found.has(property)) ? 'agrees' : 'differs'
}

export function paramValue(scenario: ScenarioInfo, params: Params, name: string): string | undefined {
  return params[name] ?? scenario.params.find((param) => param.name === name)?.default
}

/** The CPU whose stack and code stand in front: the selected one, else the one that moved last. */
export function shownCpu(state: PageState): number {
  if (state.view === null) return 0
  const count = state.view.snapshot.cpus.length
  const cpu = state.selectedCpu ?? lastMover(state.view, state.timeline)
  return cpu < count ? cpu : 0
}

/** Index of the call site in front, among those of the view. */
export function shownSite({ view, selectedSite }: Pick<PageState, 'view' | 'selectedSite'>): number {
  const sites = view?.snapshot.sites ?? []
  const chosen = sites.findIndex(({ address }) => address === selectedSite)
  return chosen >= 0
    ? chosen
    : Math.max(
        0,
        sites.findIndex(({ memory }) => memory.some(({ from }) => from !== 'both')),
      )
}

/** First step at which this trace, up to its cursor, has violated a property; null where it has not. */
export function violatedAt(state: PageState): number | null {
  const steps = state.view?.snapshot.properties.flatMap((property) => (property.violatedAt === null ? [] : [property.violatedAt])) ?? []
  return steps.length === 0 ? null : Math.min(...steps)
}

export type Standing = 'loading' | 'playing' | 'running' | 'searching' | 'violated' | 'ended' | 'paused'

/** The one word beside the transport. */
export function standing(state: PageState): Standing {
  if (state.view === null) return 'loading'
  if (state.playing) return 'playing'
  if (state.preparing?.what === 'link') return 'loading'
  if (state.running) return 'running'
  if (state.searching !== null) return 'searching'
  if (violatedAt(state) !== null) return 'violated'
  if (state.view.snapshot.choices.length === 0 && state.view.cursor === state.view.length) return 'ended'
  return 'paused'
}
