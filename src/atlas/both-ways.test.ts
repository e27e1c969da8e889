/**
 * What the search leaves out must not be seen in what it says, on every bundled scenario: with and without the reduction, and with and without exchanging
 * interchangeable CPUs, the verdict, the violated properties, the lengths of the shortest races and the outcomes are the same. And a search in quite another
 * order finds no shorter race.
 *
 * Only rows that are small enough: each scenario has a share of work (in runs of the machine, which take the time), and its rows are tried in a seeded
 * order, the smallest violated and the smallest exhausted one first, until it is used up. What was compared is printed.
 */
import { afterAll, describe, expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { deepestFirst } from '../explorer/deepest-first.ts'
import { Random } from '../lib/random.ts'
import { build, type Instance } from '../scenario/build.ts'
import type { ExpectedRow } from '../scenario/expectation.ts'
import { Exploration, type ExploreResult } from '../scenario/explore.ts'
import type { Scenario } from '../scenario/format.ts'
import { MachineModel } from '../scenario/model.ts'
import { OutcomeNames } from '../scenario/outcomes.ts'
import { Checker } from '../scenario/properties.ts'
import { atlas } from './index.ts'

const SEED = 7
/** Of all scenarios together. */
const ALL_RUNS = 400_000
const ALL_VISITS = 1_500_000
/** Of one scenario. */
const MOST_RUNS = 50_000
const MOST_VISITS = 200_000
/** States with the reduction, beyond which a row is not tried. */
const LARGEST = 20_000
const MOST_STATES = 200_000
/** States beyond which exchanging CPUs is not tried by itself. */
const LARGEST_PAIR = 20_000
const MOST_ROWS = 12

const decode = createDecode()
const said: string[] = []
afterAll(() => console.info(`compared both ways (seed ${SEED}):\n${said.join('\n')}`))

function rowsOf({ file }: Scenario): ExpectedRow[] {
  const random = new Random(SEED)
  const small = file.expected.filter(({ states }) => states <= LARGEST).map((row) => ({ row, draw: random.bits() >>> 0 }))
  const shuffled = small.sort((a, b) => a.draw - b.draw).map(({ row }) => row)
  const least = (verdict: string) => shuffled.filter((row) => row.verdict === verdict).sort((a, b) => a.states - b.states)[0]
  return [...new Set([least('violated'), least('exhausted'), ...shuffled])].filter((row) => row !== undefined)
}

interface Options {
  readonly reduce: boolean
  readonly symmetry: boolean
}

/** Null where it takes more runs of the machine than that, or more states than are worth waiting for. */
function search(instance: Instance, options: Options, runs: number): { readonly result: ExploreResult; readonly runs: number } | null {
  const created = Exploration.create(instance, { maxStates: MOST_STATES, maxBytes: 1e9, ...options })
  if (!created.ok) throw new Error(created.error.join('\n'))
  while (created.value.run(20_000)) if (created.value.progress().memoMisses > runs) return null
  const result = created.value.result()
  return result.complete ? { result, runs: created.value.progress().memoMisses } : null
}

function answer({ kind, violations, outcomes }: ExploreResult) {
  return {
    kind,
    // A livelock is met at the end of a run of local steps with the reduction, and perhaps earlier without: only that there is one must agree.
    violations: violations.map(({ property, steps, switches, trap, shortest }) =>
      trap === 'livelock' ? { property, trap } : { property, trap, steps, switches, shortest },
    ),
    outcomes: outcomes.map(({ key }) => key),
  }
}

function counts({ states, transitions, depth, outcomes, violations }: ExploreResult) {
  const calm = violations.map(({ steps, switches, preemptions }) => [steps, switches, preemptions?.count, preemptions?.steps])
  return { states, transitions, depth, outcomes: outcomes.map(({ key, states }) => [key, states]), calm }
}

function mustBuild(scenario: Scenario, row: ExpectedRow): Instance {
  const built = build(scenario, row.when, decode)
  if (!built.ok) throw new Error(built.error.join('\n'))
  return built.value
}

function nameOf(row: ExpectedRow): string {
  return Object.values(row.when).join(' ')
}

describe.each([...atlas])('%s', (id, scenario) => {
  const rows = rowsOf(scenario)

  test('says the same without the reduction, and without exchanging CPUs', () => {
    let left = Math.min(MOST_RUNS, Math.ceil(ALL_RUNS / atlas.size))
    const compared: string[] = []
    for (const row of rows) {
      if (left <= 0 || compared.length === MOST_ROWS) break
      const instance = mustBuild(scenario, row)
      const full = search(instance, { reduce: false, symmetry: false }, left)
      left -= full?.runs ?? left
      if (full === null) continue
      const usual = search(instance, { reduce: true, symmetry: true }, Number.POSITIVE_INFINITY)?.result as ExploreResult
      const plain = search(instance, { reduce: true, symmetry: false }, Number.POSITIVE_INFINITY)?.result as ExploreResult
      expect(answer(usual), nameOf(row)).toEqual(answer(full.result))
      expect([answer(usual), counts(usual)], nameOf(row)).toEqual([answer(plain), counts(plain)])
      compared.push(`${nameOf(row)} (${full.result.states}, ${usual.states}${usual.held < usual.states ? `, ${usual.held} held` : ''})`)
    }
    said.push(`  ${id}: ${compared.length} of ${scenario.file.expected.length} rows (states without, with the reduction): ${compared.join('; ')}`)
  })

  test('says the same with and without exchanging CPUs, where several have one role', () => {
    const bySize = [...scenario.file.expected].sort((a, b) => a.states - b.states).filter(({ states }) => states <= LARGEST_PAIR)
    const row = bySize.find((row) => {
      const roles = mustBuild(scenario, row).cpus.map(({ role }) => role)
      return new Set(roles).size < roles.length
    })
    if (row === undefined) return
    const instance = mustBuild(scenario, row)
    const [usual, plain] = [true, false].map((symmetry) => search(instance, { reduce: true, symmetry }, Number.POSITIVE_INFINITY)?.result)
    if (usual === undefined || plain === undefined) throw new Error(`${nameOf(row)} was not searched to its end`)
    expect([answer(usual), counts(usual)], nameOf(row)).toEqual([answer(plain), counts(plain)])
    said.push(`  ${id}, exchanging CPUs: ${nameOf(row)}: ${usual.held} of ${usual.states} states held`)
  })

  test('has no shorter races in another order', () => {
    let left = Math.min(MOST_VISITS, Math.ceil(ALL_VISITS / atlas.size))
    for (const row of rows.filter(({ verdict }) => verdict === 'violated').slice(0, MOST_ROWS)) {
      if (left <= 0) break
      const instance = mustBuild(scenario, row)
      const checker = Checker.create(instance)
      const names = OutcomeNames.create(instance)
      const found = search(instance, { reduce: true, symmetry: true }, Number.POSITIVE_INFINITY)?.result
      if (!checker.ok || !names.ok || found === undefined) throw new Error(`${nameOf(row)} cannot be searched`)
      const races = found.violations.filter(({ trap }) => trap === null)
      const most = Math.max(0, ...races.map(({ steps }) => steps))
      const visits = Math.min(left, 100 * found.states)
      left -= visits
      const nearest = deepestFirst(new MachineModel(instance, checker.value, names.value, { reduce: true }), most, visits)
      if (nearest === null) continue
      expect(Object.fromEntries(nearest), nameOf(row)).toEqual(
        Object.fromEntries(races.map(({ property, steps, switches }) => [property, { steps, switches }])),
      )
      said.push(
        `  ${id}, another order: ${nameOf(row)}: ${races.map(({ property, steps, switches }) => `${property} ${steps}/${switches}`).join(', ')}`,
      )
    }
  })
})
