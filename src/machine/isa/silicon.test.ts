/** The instruction set against the processor that runs this test, where that is one (see silicon/harness-node.ts). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import { metadataOf } from '../../decoder/metadata.ts'
import { Random } from '../../lib/random.ts'
import { type Case, createTable } from './silicon/case.ts'
import { CaseMaker } from './silicon/case-maker.ts'
import { Comparison, describeCase } from './silicon/compare.ts'
import { ENCODINGS, type Encoding, isAvailable } from './silicon/encodings.ts'
import { type Outcome, openHarness } from './silicon/harness-node.ts'
import { parseRecorded } from './silicon/recorded.ts'

const ROOT = join(import.meta.dirname, '../../..')
const harness = openHarness(ROOT)
if (typeof harness === 'string') console.warn(`silicon: skipped, ${harness}`)

const SEED = 20_190_501
const CASES = 5000

function isHere(encoding: Encoding): boolean {
  return typeof harness !== 'string' && isAvailable(encoding, harness.features)
}

/** What is wrong with these cases, in words. */
function wrongOf(table: Uint8Array, cases: readonly Case[]): { wrong: string[]; compared: number } {
  if (typeof harness === 'string') throw new Error(harness)
  const outcomes = harness.run(table, cases)
  const comparison = new Comparison(createDecode(), metadataOf)
  const wrong: string[] = []
  let compared = 0
  cases.forEach((given, i) => {
    const verdict = comparison.check(given, table, outcomes[i] as Outcome)
    if (verdict.kind === 'different' || verdict.kind === 'unsupported') wrong.push(`${verdict.kind}: ${verdict.detail}\n  ${describeCase(given)}`)
    if (verdict.kind !== 'skipped') compared++
  })
  return { wrong, compared }
}

test.skipIf(typeof harness === 'string')(`the real processor agrees on ${CASES} random cases, seed ${SEED}`, { timeout: 60_000 }, () => {
  const random = new Random(SEED)
  const table = createTable(random)
  const maker = new CaseMaker(random, isHere)
  const { wrong, compared } = wrongOf(
    table,
    Array.from({ length: CASES }, () => maker.make()),
  )
  expect(wrong.slice(0, 5)).toEqual([])
  expect(compared).toBeGreaterThan(0.95 * CASES)
})

test.skipIf(typeof harness === 'string')(`the real processor agrees on every line of the opcode table, seed ${SEED}`, { timeout: 60_000 }, () => {
  const random = new Random(SEED)
  const table = createTable(random)
  const cases = ENCODINGS.filter(isHere).flatMap((encoding) => {
    const maker = new CaseMaker(random, (candidate) => candidate === encoding)
    return Array.from({ length: 6 }, () => maker.make())
  })
  expect(wrongOf(table, cases).wrong.slice(0, 5)).toEqual([])
})

const RECORDED = readFileSync(join(ROOT, 'native/fixtures/cases.ndjson'), 'utf8').trim().split('\n')

test(`a real processor agreed on ${RECORDED.length - 1} recorded cases`, { timeout: 60_000 }, () => {
  const { seed } = JSON.parse(RECORDED[0] as string) as { seed: number }
  const table = createTable(new Random(seed))
  const comparison = new Comparison(createDecode(), metadataOf)
  const wrong = RECORDED.slice(1).flatMap((line) => {
    const { given, outcome } = parseRecorded(line)
    const verdict = comparison.check(given, table, outcome)
    return verdict.kind === 'different' || verdict.kind === 'unsupported' ? [`${verdict.detail}\n  ${describeCase(given)}`] : []
  })
  expect(wrong.slice(0, 5)).toEqual([])
})
