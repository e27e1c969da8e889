/** For `npm run expect`: what the search says of every combination of a scenario's parameters. */
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import type { Result } from '../lib/result.ts'
import { type Case, casesOf, type ExpectedRow, LARGE_SPACE } from '../scenario/expectation.ts'
import type { Scenario } from '../scenario/format.ts'
import { type ExpectInput, runJob } from './jobs.ts'
import { findScenario } from './scenarios.ts'
import { runTasks, serveTasks, threadsFor } from './threads.ts'

/** Ids of all bundled scenarios. */
export const bundled: readonly string[] = [...atlas.keys()]

/** A bundled id, or the path of a scenario file. */
export function open(name: string, readFile: (path: string) => string): Result<Scenario> {
  return findScenario(name, { readFile, writeFile: () => {}, out: () => {}, err: () => {}, stdin: (async function* () {})() })
}

/** Cases from which on it is worth starting threads. */
const MANY = 8

/**
 * The rows of all cases, in their order, computed in up to `workers` threads (null: as many as there are cores). `told` hears how many of how many are done.
 * With `large` only those whose stated row has a large space. Throws one line where a case does not build or a search does not end.
 */
export async function computedRows(
  scenario: Scenario,
  workers: number | null,
  large: boolean,
  told: (done: number, of: number) => void,
): Promise<ExpectedRow[]> {
  const stated = scenario.file.expected.filter(({ states }) => states > LARGE_SPACE).map(({ when }) => JSON.stringify(when))
  if (large && stated.length === 0) return []
  const wanted = ({ when }: Case) => !large || stated.includes(JSON.stringify(when))
  loadIcedNode()
  const cases = casesOf(scenario, createDecode())
  if (!cases.ok) throw new Error(cases.error.join('; '))
  const tasks = cases.value.filter(wanted).map(({ when, params }) => ({ job: 'expect', input: { scenario, when, params } satisfies ExpectInput }))
  const rows: ExpectedRow[] = []
  let done = 0
  await runTasks(tasks, tasks.length < MANY ? 1 : threadsFor(tasks.length, workers), runJob, (i, row) => {
    rows[i] = row as ExpectedRow
    told(++done, tasks.length)
  })
  return rows
}

/** What a worker thread of this very file does (threads.ts). */
export async function thread(): Promise<void> {
  serveTasks(runJob)
}
