/** Half of the expected verdicts of all bundled scenarios, each searched to its end, as far as their spaces are not large; two files, so that two workers share them. */
import { expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { explore, LARGE_SPACE, rowOf } from '../scenario/expectation.ts'
import { atlas } from './index.ts'

const decode = createDecode()

const rows = [...atlas].flatMap(([id, scenario]) =>
  scenario.file.expected
    .filter(({ states }, i) => states <= LARGE_SPACE && i % 2 === 0)
    .map((row) => [`${id} ${Object.values(row.when).join(' ')}`, scenario, row] as const),
)

test.each(rows)('what the search says is what the file says: %s', (_, scenario, row) => {
  const result = explore(scenario, row.when, decode)
  expect(result.ok && rowOf(row.when, result.value)).toEqual(row)
})
