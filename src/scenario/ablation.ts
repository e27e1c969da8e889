/**
 * Ablation: what is each barrier, IPI, check, lock for? Each removable thing of a scenario is switched off in turn (and on request each pair), under each fetch
 * model, and searched. A cell of the table is one search; cells know nothing of each other, so whoever runs them may do so in any order and in several places.
 */
import { fail, ok, type Result } from '../lib/result.ts'
import type { Decode } from '../machine/instruction.ts'
import { build, type Instance } from './build.ts'
import { Exploration, type ExploreOptions, type FoundViolation } from './explore.ts'
import type { Scenario, ScenarioFile } from './format.ts'
import { chooseParams, type Params } from './params.ts'

export interface AblationOptions {
  /** Parameters that stay as they are in every cell. */
  readonly params: Params
  readonly pairs?: boolean
  /** Fetch models; all that the scenario offers where they are left out. */
  readonly fetch?: readonly string[]
}

/** A line of the table. The first removes nothing: against it the others are read. */
export interface AblationRow {
  readonly removed: readonly string[]
  readonly title: string
}

export interface AblationCell {
  /** Index of its row. */
  readonly row: number
  /** null: the scenario has no parameter that chooses it. */
  readonly fetch: string | null
  readonly params: Params
}

export interface AblationPlan {
  readonly rows: readonly AblationRow[]
  readonly fetches: readonly (string | null)[]
  /** Row by row, in the order of `fetches`. */
  readonly cells: readonly AblationCell[]
  /** Titles of what these parameters leave out already, and the parameters with all of it put back; null where nothing is left out. */
  readonly off: readonly string[]
  readonly restored: Params | null
}

/**
 * `needed`: without it a race exists. `anyway`: one exists even with everything on. `not-needed`: within this model, every state was visited.
 * `either`, of a pair: without both a race exists, though neither is needed as long as the other is there.
 */
export type Answer = 'needed' | 'either' | 'not-needed' | 'anyway' | 'cut'

export interface CellResult {
  readonly verdict: 'violated' | 'exhausted' | 'cut'
  readonly states: number
  readonly transitions: number
  readonly cut: string | null
  /** The shortest race of all properties. */
  readonly race: FoundViolation | null
}

export function planAblation(file: ScenarioFile, options: AblationOptions): Result<AblationPlan, string[]> {
  const chosen = chooseParams(file, options.params)
  if (!chosen.ok) return chosen
  if (file.removable.length === 0) return fail([`${file.id} does not say what can be removed (docs/scenario-format.md, "removable")`])
  const fetches = fetchesOf(file, chosen.value, options)
  if (!fetches.ok) return fail([fetches.error])
  const singles = file.removable.filter(({ set }) => Object.entries(set).some(([name, value]) => chosen.value[name] !== value))
  const off = file.removable.filter((each) => !singles.includes(each))
  const groups = [[], ...singles.map((each) => [each]), ...(options.pairs === true ? pairsOf(singles) : [])]
  const rows = groups.map((group) => ({
    removed: group.map(({ id }) => id),
    title:
      group.length === 0
        ? off.length === 0
          ? 'everything on'
          : `as it stands, without ${off.map(({ title }) => title).join(' and ')}`
        : group.map(({ title }) => title).join(' and '),
  }))
  const cells = groups.flatMap((group, row) =>
    fetches.value.map((fetch) => ({
      row,
      fetch,
      params: Object.assign({}, chosen.value, ...group.map(({ set }) => set), fetch === null ? {} : { [file.machine.fetch]: fetch }) as Params,
    })),
  )
  const defaults = new Map(file.params.map(({ name, default: standard }) => [name, standard]))
  const restored = {
    ...options.params,
    ...Object.fromEntries(off.flatMap(({ set }) => Object.keys(set)).map((name) => [name, defaults.get(name) ?? ''])),
  }
  return ok({ rows, fetches: fetches.value, cells, off: off.map(({ title }) => title), restored: off.length === 0 ? null : restored })
}

/** Two removals that set the same parameter differently are no pair. */
function pairsOf(singles: ScenarioFile['removable']): ScenarioFile['removable'][] {
  return singles.flatMap((first, i) =>
    singles
      .slice(i + 1)
      .filter((second) => Object.entries(second.set).every(([name, value]) => first.set[name] === undefined || first.set[name] === value))
      .map((second) => [first, second]),
  )
}

function fetchesOf(file: ScenarioFile, chosen: Params, { params, fetch }: AblationOptions): Result<(string | null)[]> {
  const chooser = file.params.find(({ name }) => name === file.machine.fetch)
  if (chooser === undefined) return fetch === undefined ? ok([null]) : fail(`${file.id} has one fetch model only, ${file.machine.fetch}`)
  const unknown = fetch?.find((value) => !chooser.values.includes(value))
  if (unknown !== undefined) return fail(`${file.id} has no fetch model "${unknown}"; it has ${chooser.values.join(', ')}`)
  // Whoever sets the fetch model asks about that one.
  return ok([...(fetch ?? (Object.hasOwn(params, chooser.name) ? [chosen[chooser.name] as string] : chooser.values))])
}

/** The search of one cell, to be run in slices: it ends with the first race that is proven the shortest. */
export function searchCell(
  scenario: Scenario,
  params: Params,
  decode: Decode,
  limits: Pick<ExploreOptions, 'maxStates' | 'maxBytes' | 'deadline'>,
): Result<{ exploration: Exploration; instance: Instance }, string[]> {
  const built = build(scenario, params, decode)
  if (!built.ok) return built
  const created = Exploration.create(built.value, { ...limits, stopAtViolation: true })
  return created.ok ? ok({ exploration: created.value, instance: built.value }) : created
}

export function cellResult(exploration: Exploration): CellResult {
  const { kind, states, transitions, cut, violations } = exploration.result()
  const race = [...violations].sort((a, b) => a.steps - b.steps || a.switches - b.switches)[0] ?? null
  return { verdict: kind, states, transitions, cut, race }
}

/** Of a pair: the rows from which only one of the two is removed. */
export function partsOf({ rows }: AblationPlan, row: number): number[] {
  const removed = rows[row]?.removed ?? []
  if (removed.length < 2) return []
  return [...rows.keys()].filter((other) => rows[other]?.removed.length === 1 && removed.includes(rows[other].removed[0] as string))
}

/**
 * What a cell says of what was removed, read against the cell of the same fetch model from which nothing was; of a pair, against those of its parts too
 * (`parts`, empty for a single thing).
 */
export function answerOf(
  cell: Pick<CellResult, 'verdict'>,
  everything: Pick<CellResult, 'verdict'>,
  parts: readonly Pick<CellResult, 'verdict'>[] = [],
): Answer {
  if (cell.verdict === 'cut') return 'cut'
  if (cell.verdict === 'exhausted') return 'not-needed'
  if (everything.verdict !== 'exhausted') return everything.verdict === 'violated' ? 'anyway' : 'cut'
  return parts.length > 0 && parts.every(({ verdict }) => verdict === 'exhausted') ? 'either' : 'needed'
}
