import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { decodeLink } from '../interchange/link.ts'
import { browserRuns, browserSearch, verdictText } from './browser-runs.ts'
import { main } from './main.ts'

const SEED = 20261121
const path = join(fileURLToPath(new URL('.', import.meta.url)), '../../examples/counted-acks.json')
const wanted = { seed: SEED, steps: 40, long: 300, files: { [path]: readFileSync(path, 'utf8') } }
const runs = browserRuns(wanted)

test(`each scenario twice where it has parameters, a file and a long run; the same seed makes the same runs (seed ${SEED})`, () => {
  const varied = [...atlas.values()].filter(({ file }) => file.params.length > 0)
  expect(runs).toHaveLength(atlas.size + varied.length + 2)
  expect(new Set(runs.map(({ name }) => name)).size).toBe(runs.length)
  expect(new Set(runs.map(({ bits }) => bits))).toEqual(new Set([32, 64]))
  expect(runs.at(-1)?.steps).toBe(300)
  expect(browserRuns(wanted)).toEqual(runs)
})

test(`a link holds its run to the end, with the digest, and a scenario that is not bundled goes along (seed ${SEED})`, () => {
  for (const { link, steps, digest } of runs) {
    const decoded = decodeLink(link)
    expect(decoded.problems).toEqual([])
    expect(decoded.link).toMatchObject({ cursor: steps, digest })
  }
  expect(runs.filter(({ link }) => decodeLink(link).link.source !== undefined).map(({ name }) => name)).toEqual(['counted-acks (edited)'])
})

test(`the command line, which stops where something is violated, gets to the same state elsewhere (seed ${SEED})`, async () => {
  let whole = 0
  for (const { link, digest } of runs.slice(0, 12)) {
    let text = ''
    const out = (more: string) => {
      text += more
    }
    await main(['run', link], { stdin: (async function* () {})(), out, err: out, readFile: () => '', writeFile: () => {} })
    if (text.includes('first violation')) continue
    expect(text).toContain(`digest ${digest}`)
    whole++
  }
  expect(whole).toBeGreaterThan(3)
})

test('a search is told by what has to be equal everywhere', () => {
  const { link, verdict } = browserSearch('just-write-it', {})
  expect(decodeLink(link).link).toMatchObject({ scenario: 'just-write-it', params: {}, schedule: '' })
  expect(verdict).toMatch(/^violated, \d+ states, \d+ transitions; \S+ after \d+ steps, \d+ switches: \d/)
  expect(verdictText({ kind: 'exhausted', states: 3, transitions: 2, races: [] })).toBe('exhausted, 3 states, 2 transitions')
})
