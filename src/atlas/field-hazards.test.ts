/**
 * Every hazard of the field is found as its property's violation, with the race that people tell, and its cure is searched to its end and clean. docs/atlas.md is
 * written from this; after a change `npx vitest run src/atlas/field-hazards.test.ts -u` writes it anew.
 */
import { afterAll, describe, expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import type { Scenario } from '../scenario/format.ts'
import { chooseParams } from '../scenario/params.ts'
import { races } from '../scenario/races.ts'
import { mustBuild, search } from '../scenario/toy.ts'
import { atlasPage, type SearchedHazard } from './atlas-page.ts'
import { FIELD_HAZARDS } from './field-hazards.ts'
import { atlas } from './index.ts'

const decode = createDecode()
const searched: SearchedHazard[] = []

/** The lines of `moments` that are not found in this order; the last one may also be a part of how the race ends. */
function missing(moments: readonly string[], story: readonly string[], end: string): string[] {
  let from = 0
  return moments.filter((moment, i) => {
    const at = story.indexOf(moment, from)
    if (at < 0) return !(i === moments.length - 1 && end.includes(moment))
    from = at + 1
    return false
  })
}

describe('found, and cured', () => {
  test.each(FIELD_HAZARDS.map((each) => [each.hazard, each] as const))('%s', (_, each) => {
    const scenario = atlas.get(each.scenario) as Scenario
    expect(chooseParams(scenario.file, { ...each.params, ...each.cure }).ok).toBe(true)
    const race = races(scenario, each.params, decode, each.words).find(({ property }) => property === each.property)
    if (race === undefined) throw new Error(`${each.property} is not violated`)
    expect(each.moments.length).toBeGreaterThan(0)
    expect(missing(each.moments, race.story, race.end), [...race.story, race.end].join('\n')).toEqual([])
    const cured = search(mustBuild(scenario, { ...each.params, ...each.cure }, decode))
    expect([cured.kind, cured.violations]).toEqual(['exhausted', []])
    searched.push({ hazard: each, steps: race.steps, switches: race.switches, states: cured.states })
  })
})

test('docs/atlas.md says what the searches say', async () => {
  expect(searched).toHaveLength(FIELD_HAZARDS.length)
  await expect(atlasPage(searched, [...atlas.values()])).toMatchFileSnapshot('../../docs/atlas.md')
})

afterAll(() => {
  searched.length = 0
})
