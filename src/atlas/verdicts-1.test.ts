/** Half of the expected verdicts of all bundled scenarios, each searched to its end, as far as their spaces are not large; two files, so that two workers share them. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { explore, LARGE_SPACE, rowOf } from '../scenario/expectation.ts'
import { atlas } from './index.ts'

const decode = createDecode()

describe.each([...atlas])('%s: what the search says is what the file says', (_, scenario) => {
  const rows = scenario.file.expected.filter(({ states }, i) => states <= LARGE_SPACE && i % 2 === 0)
  test.each(rows.map((row) => [Object.values(row.when).join(' '), row] as const))('%s', (_, row) => {
    const result = explore(scenario, row.when, decode)
    expect(result.ok && rowOf(row.when, result.value)).toEqual(row)
  })
})
