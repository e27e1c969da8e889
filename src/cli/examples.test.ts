/** What we show to be copied works: the files in examples/, and the scenario in docs/scenario-format.md. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { casesOf, explore, matches, rowOf } from '../scenario/expectation.ts'
import type { Scenario } from '../scenario/format.ts'
import { combinations } from '../scenario/params.ts'
import type { CliIo } from './io.ts'
import { main } from './main.ts'
import { findScenario } from './scenarios.ts'

const root = join(fileURLToPath(new URL('.', import.meta.url)), '../..')
const decode = createDecode()

/** Files of the repository, and what else is given; what is printed is kept. */
function ioWith(files: Readonly<Record<string, string>> = {}): CliIo & { printed: string } {
  const io = {
    printed: '',
    stdin: (async function* () {})(),
    out: (text: string) => {
      io.printed += text
    },
    err: () => {},
    readFile: (path: string) => files[path] ?? readFileSync(join(root, path), 'utf8'),
    writeFile: () => {},
  }
  return io
}

const documented = /```json\n(\{\n {2}"format": 1[\s\S]*?)```/.exec(readFileSync(join(root, 'docs/scenario-format.md'), 'utf8'))?.[1] ?? ''
const examples: [string, Readonly<Record<string, string>>][] = [
  ...readdirSync(join(root, 'examples'))
    .filter((file) => file.endsWith('.json'))
    .map((file): [string, Record<string, string>] => [`examples/${file}`, {}]),
  ['the-one-in-the-docs.json', { 'the-one-in-the-docs.json': documented }],
]

describe.each(examples)('%s', (path, files) => {
  const found = findScenario(path, ioWith(files))
  const scenario = (found.ok ? found.value : null) as Scenario

  test('is a scenario, with one expected verdict for every combination', () => {
    expect(found.ok ? null : found.error).toBeNull()
    const cases = casesOf(scenario, decode)
    expect(cases.ok && cases.value.map(({ when }) => when)).toEqual(scenario.file.expected.map(({ when }) => when))
    for (const params of combinations(scenario.file))
      expect(scenario.file.expected.filter((row) => matches(row, params, scenario.file))).toHaveLength(1)
  })

  test('has the verdicts that it states, violated ones among them', () => {
    for (const row of scenario.file.expected) {
      const result = explore(scenario, row.when, decode)
      expect(result.ok && rowOf(row.when, result.value)).toEqual(row)
    }
    expect(new Set(scenario.file.expected.map(({ verdict }) => verdict))).toEqual(new Set(['violated', 'exhausted']))
  })

  test('runs from the command line', async () => {
    const io = ioWith(files)
    expect(await main(['run', path], io)).toBe(0)
    expect(io.printed).toMatch(/nothing can happen any more after \d+ steps/)
  })
})
