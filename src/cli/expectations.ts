/** For `npm run expect`: what the search says of every combination of a scenario's parameters. */
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import type { Result } from '../lib/result.ts'
import { casesOf, type ExpectedRow, explore, rowOf } from '../scenario/expectation.ts'
import type { Scenario } from '../scenario/format.ts'
import { findScenario } from './scenarios.ts'

/** Ids of all bundled scenarios. */
export const bundled: readonly string[] = [...atlas.keys()]

/** A bundled id, or the path of a scenario file. */
export function open(name: string, readFile: (path: string) => string): Result<Scenario> {
  return findScenario(name, { readFile, writeFile: () => {}, out: () => {}, err: () => {}, stdin: (async function* () {})() })
}

/** Computes the rows one after another; throws one line where a case does not build or a search does not end. */
export function* computedRows(scenario: Scenario): Generator<{ readonly row: ExpectedRow; readonly cases: number }> {
  loadIcedNode()
  const decode = createDecode()
  const cases = casesOf(scenario, decode)
  if (!cases.ok) throw new Error(cases.error.join('; '))
  for (const { when, params } of cases.value) {
    const result = explore(scenario, params, decode)
    if (!result.ok) throw new Error(result.error.join('; '))
    const row = rowOf(when, result.value)
    if (row === null) throw new Error(`${JSON.stringify(when)}: cut by ${result.value.cut}`)
    yield { row, cases: cases.value.length }
  }
}
