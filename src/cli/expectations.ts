/** For `npm run expect`: what the search says of every combination of a bundled scenario's parameters. */
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { casesOf, type ExpectedRow, explore, rowOf } from '../scenario/expectation.ts'
import type { Scenario } from '../scenario/format.ts'

export const scenarios: readonly string[] = [...atlas.keys()]

export function statedRows(id: string): readonly ExpectedRow[] {
  return (atlas.get(id) as Scenario).file.expected
}

/** Computes the rows one after another; throws one line where a case does not build or a search does not end. */
export function* computedRows(id: string): Generator<{ readonly row: ExpectedRow; readonly cases: number }> {
  loadIcedNode()
  const decode = createDecode()
  const scenario = atlas.get(id) as Scenario
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
