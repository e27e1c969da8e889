import { describe, expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { build } from '../scenario/build.ts'
import { casesOf, explore, matches } from '../scenario/expectation.ts'
import type { Scenario } from '../scenario/format.ts'
import { chooseParams, combinations } from '../scenario/params.ts'
import { Checker } from '../scenario/properties.ts'
import { atlas } from './index.ts'
import { TOUR } from './tour.ts'

const decode = createDecode()
const words = (text: string) => text.split(/\s+/).filter((word) => /\w/.test(word)).length

describe.each([...atlas])('%s', (_, scenario) => {
  const { file } = scenario

  test('every combination of parameters has exactly one expected verdict', () => {
    const rows = combinations(file).map((params) => file.expected.filter((row) => matches(row, params, file)).length)
    expect(new Set(rows)).toEqual(new Set([1]))
  })

  test('a row leaves a parameter out exactly where it changes nothing', () => {
    const cases = casesOf(scenario, decode)
    expect(cases.ok && cases.value.map(({ when }) => when)).toEqual(file.expected.map(({ when }) => when))
  })

  test('its properties and labels exist with all parameters', () => {
    for (const params of combinations(file)) {
      const built = build(scenario, params, decode)
      expect(built.ok && Checker.create(built.value).ok, JSON.stringify(params)).toBe(true)
    }
  })

  test('tells its story in at most 200 words, and says where it comes from', () => {
    expect(words(file.story)).toBeGreaterThan(20)
    expect(words(file.story)).toBeLessThanOrEqual(200)
    expect(file.sources.length).toBeGreaterThan(0)
  })

  test('captions the moments of its races, and says what each rests on', () => {
    expect(file.notes.length).toBeGreaterThan(0)
    const unfounded = file.notes.filter(({ basis, source }) => basis !== undefined && basis !== 'protocol' && source === undefined)
    expect(unfounded).toEqual([])
  })

  test('has a card for each of its strategies, with a source unless nobody proposed it', () => {
    const { cards = [], param } = file.strategies ?? {}
    expect(cards.length).toBeGreaterThan(0)
    const chosen = file.params.find(({ name }) => name === param)
    if (chosen !== undefined) expect(cards.map(({ id }) => id).sort()).toEqual([...chosen.values].sort())
    expect(cards.filter(({ sources, where }) => sources.length === 0 && !/^this scenario|thread$/.test(where))).toEqual([])
  })
})

test.each(TOUR.map((stop) => [stop.question, stop] as const))('the tour stops at a scenario that exists, and its parameters do: %s', (_, stop) => {
  const scenario = atlas.get(stop.scenario)
  expect(scenario, stop.scenario).toBeDefined()
  expect(chooseParams((scenario as Scenario).file, stop.params).ok).toBe(true)
})

test('a stop of the tour shows a race, or that there is none, as its text says', () => {
  const signs = TOUR.map(({ scenario, params }) => {
    const { file } = atlas.get(scenario) as Scenario
    const chosen = chooseParams(file, params)
    const row = file.expected.find((each) => chosen.ok && matches(each, chosen.value, file))
    return row === undefined ? '?' : row.verdict === 'violated' ? 'x' : 'o'
  })
  // From five bytes to the int3; who claims it, what it emulates, the frame; stubs and rules; and what there is today.
  expect(signs.join('')).toBe('xxxooxxx' + 'xxxoo' + 'xxo' + 'xxxx' + 'ooo')
})

/** Lengths of shortest races, which neither states nor verdicts would show to have changed. */
test.each([
  ['sync1=off', { sync1: 'off' }, ['whole-instruction 78/1']],
  ['sync2=off', { sync2: 'off' }, ['whole-instruction 154/3']],
  ['sync3=off', { sync3: 'off' }, ['no-oops 257/5']],
])('the shortest race with %s and one caller', (_, chosen, races) => {
  const result = explore(atlas.get('text-poke') as Scenario, { ...chosen, callers: '1' }, decode)
  expect(result.ok && result.value.violations.map(({ property, steps, switches }) => `${property} ${steps}/${switches}`)).toEqual(races)
})
