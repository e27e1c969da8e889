/**
 * The hazard matrix: each strategy, whole and with one thing left out, against each hazard. A row is searched under every circumstance that its scenario names; a cell
 * says what the searches say together. Nothing in it is stated by a scenario but which property stands for which hazard.
 */
import { fail, ok, type Result } from '../lib/result.ts'
import type { ExploreResult } from './explore.ts'
import type { ScenarioFile } from './format.ts'
import { HAZARDS, type Hazard } from './format-meaning.ts'
import { chooseParams, type Params } from './params.ts'

export const HAZARD_LIST = Object.keys(HAZARDS) as Hazard[]

export interface RowPlan {
  readonly scenario: string
  readonly family: string
  /** Card of the strategy; the scenario's title where it has none. */
  readonly strategy: string
  readonly title: string
  /** What is left out, or null for the strategy as its author meant it. */
  readonly removed: string | null
  readonly searches: readonly { readonly circumstance: string | null; readonly params: Params }[]
}

export type MatrixCell =
  /** No property of the scenario stands for this hazard. */
  | { readonly kind: 'none' }
  /** Not violated, and every reachable state was visited under each circumstance. */
  | { readonly kind: 'clean' }
  /** Not violated; but runs end at the violation of something else, so what lies behind it is not known. */
  | { readonly kind: 'hidden' }
  /** A limit of the search came first. */
  | { readonly kind: 'cut' }
  | {
      readonly kind: 'violated'
      readonly property: string
      readonly steps: number
      readonly circumstance: string | null
      /** To the shortest of its races. */
      readonly link: string
    }

export interface MatrixRow extends Omit<RowPlan, 'searches'> {
  /** Of all searches of the row together. */
  readonly states: number
  readonly cells: Readonly<Record<Hazard, MatrixCell>>
}

/** A link to the end of a schedule. */
export type LinkTo = (params: Params, schedule: string) => string

/** The rows of a scenario: its strategies, then each of them with one removable thing left out. */
export function planRows(file: ScenarioFile): Result<RowPlan[], string[]> {
  const { strategies, circumstances } = file
  const cards = strategies?.cards ?? [{ id: file.id, title: file.title }]
  const chooser = strategies?.param
  const settings = circumstances.length === 0 ? [{ title: null, set: {} }] : circumstances
  const rows: RowPlan[] = []
  for (const card of cards) {
    const chosen: Params = chooser === undefined ? {} : { [chooser]: card.id }
    for (const removable of [null, ...file.removable]) {
      if (removable !== null && chooser !== undefined && chooser in removable.set) continue
      const searches: { circumstance: string | null; params: Params }[] = []
      for (const { title, set } of settings) {
        const params = chooseParams(file, { ...set, ...chosen, ...removable?.set })
        if (!params.ok) return fail(params.error)
        searches.push({ circumstance: title, params: params.value })
      }
      rows.push({ scenario: file.id, family: file.family, strategy: card.id, title: card.title, removed: removable?.title ?? null, searches })
    }
  }
  return ok(rows)
}

/** What the searches of a row say together, in the order of its plan. */
export function rowResult(file: ScenarioFile, { searches, ...row }: RowPlan, results: readonly ExploreResult[], linkTo: LinkTo): MatrixRow {
  const cells = Object.fromEntries(
    HAZARD_LIST.map((hazard) => [
      hazard,
      cellOf(
        file.properties.filter((property) => property.hazard === hazard).map(({ id }) => id),
        searches,
        results,
        linkTo,
      ),
    ]),
  )
  return { ...row, states: results.reduce((sum, { states }) => sum + states, 0), cells: cells as MatrixRow['cells'] }
}

function cellOf(properties: readonly string[], searches: RowPlan['searches'], results: readonly ExploreResult[], linkTo: LinkTo): MatrixCell {
  if (properties.length === 0) return { kind: 'none' }
  const races = results.flatMap((result, i) =>
    result.violations
      .filter(({ property }) => properties.includes(property))
      .map((race) => ({ race, search: searches[i] as RowPlan['searches'][number] })),
  )
  races.sort((a, b) => a.race.steps - b.race.steps || a.race.switches - b.race.switches)
  const [shortest] = races
  if (shortest !== undefined) {
    const { race, search } = shortest
    const { circumstance, params } = search
    return { kind: 'violated', property: race.property, steps: race.steps, circumstance, link: linkTo(params, race.schedule) }
  }
  if (results.some(({ kind, complete }) => kind === 'cut' || !complete)) return { kind: 'cut' }
  return results.some(({ kind }) => kind === 'violated') ? { kind: 'hidden' } : { kind: 'clean' }
}
