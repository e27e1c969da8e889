/**
 * Expected verdicts: what a scenario says of each combination of its parameters, and what the search says. One row stands for all combinations that build the
 * very same machine (where a batch was recorded, the parameter that places our own site changes nothing), so its `when` leaves such parameters out.
 */
import { digestOf } from '../lib/digest.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import type { Decode } from '../machine/instruction.ts'
import { build, type Instance } from './build.ts'
import { Exploration, type ExploreResult } from './explore.ts'
import { parseExpression } from './expression.ts'
import type { Scenario, ScenarioFile } from './format.ts'
import { combinations, type Params, searchedValues } from './params.ts'

export type ExpectedRow = ScenarioFile['expected'][number]

/**
 * States from which on a space counts as large: the unit tests of bundled scenarios search the smaller ones, and `npm run expect -- --check --large`, which
 * `npm test` runs as well, all others.
 */
export const LARGE_SPACE = 5_000

/** Combinations that build the same machine. */
export interface Case {
  /** The parameters that matter. */
  readonly when: Params
  /** One of the combinations. */
  readonly params: Params
}

/**
 * Does this combination fall under the row? A parameter that is varied alone and that the row leaves out has to be at its default. Of values that are
 * not searched no row says anything.
 */
export function matches({ when }: Pick<ExpectedRow, 'when'>, params: Params, file: Pick<ScenarioFile, 'params'>): boolean {
  const silent = file.params.every(
    ({ name, alone, unsearched, default: standard }) =>
      (alone !== true || name in when || params[name] === standard) && unsearched?.includes(params[name] as string) !== true,
  )
  return silent && Object.entries(when).every(([name, value]) => params[name] === value)
}

/** All cases of a scenario, in the order of its combinations; mistakes where one does not build. */
export function casesOf(scenario: Scenario, decode: Decode): Result<Case[], string[]> {
  const all = combinations(scenario.file)
  const prints = new Map<string, string>()
  for (const params of all) {
    const built = build(scenario, params, decode)
    if (!built.ok) return fail(built.error.map((message) => `${JSON.stringify(params)}: ${message}`))
    prints.set(keyOf(params), fingerprint(built.value))
  }
  const cases = new Map<string, Case>()
  for (const params of all) {
    const print = prints.get(keyOf(params))
    const matters = scenario.file.params.filter((param) => {
      const { name, alone, default: standard } = param
      return alone === true
        ? params[name] !== standard
        : searchedValues(param).some((value) => prints.get(keyOf({ ...params, [name]: value })) !== print)
    })
    const when = Object.fromEntries(matters.map(({ name }) => [name, params[name] as string]))
    const key = keyOf(when)
    if (!cases.has(key)) cases.set(key, { when, params })
  }
  return ok([...cases.values()])
}

/** Searches one case to its end. */
export function explore(scenario: Scenario, params: Params, decode: Decode): Result<ExploreResult, string[]> {
  const built = build(scenario, params, decode)
  if (!built.ok) return built
  const exploration = Exploration.create(built.value, { maxStates: 100_000_000, maxBytes: 3e9 })
  if (!exploration.ok) return exploration
  while (exploration.value.run(1_000_000));
  return ok(exploration.value.result())
}

/** The row that states a result; null where the search did not get to its end. */
export function rowOf(when: Params, result: ExploreResult): ExpectedRow | null {
  if (result.kind === 'cut' || !result.complete) return null
  return { when, verdict: result.kind, states: result.states, violates: result.violations.map(({ property }) => property) }
}

function keyOf(params: Params): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

/** Everything that the search looks at: equal prints, equal machines and properties. */
function fingerprint(instance: Instance): string {
  const m = instance.machine()
  const { layout, map, decode: _, fetch, ...config } = m.config
  const { rom } = map
  const words = new Int32Array((rom.length + 3) >> 2)
  new Uint8Array(words.buffer).set(rom)
  const pieces = map.pieces.map(({ fetched: __, shown: ___, ...piece }) => piece)
  const sites = instance.sites.map(({ address, length, old, new: fresh, between }) => [
    String(address),
    length,
    [...old],
    [...fresh],
    ...between.map(({ bytes }) => [...bytes]),
  ])
  const names = namesIn(instance.scenario.file).map((name) => [name, instance.params[name] ?? String(instance.program.symbol(name))])
  const roles = instance.cpus.map(({ role, stackTop }) => [role, String(stackTop)])
  const rest = { config, layout, pieces, fetch: [fetch.name, fetch.unitSize], sites, names, roles }
  return `${digestOf(m.w)} ${digestOf(words)} ${JSON.stringify(rest)}`
}

/** Names that properties and outcomes ask for: labels, symbols, parameters. */
function namesIn(file: ScenarioFile): string[] {
  const names = new Set<string>()
  const texts = file.outcome.map((text) => text.replace(/^\d+:/, ''))
  for (const property of file.properties) {
    if (property.kind === 'assert') {
      names.add(property.at)
      texts.push(property.holds)
    } else if (property.kind === 'never') for (const label of property.at) names.add(label)
  }
  for (const text of texts) {
    const parsed = parseExpression(text)
    if (parsed.ok) for (const name of parsed.value.names) names.add(name)
  }
  return [...names]
}
