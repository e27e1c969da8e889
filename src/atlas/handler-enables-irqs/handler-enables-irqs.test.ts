/** STI in the int3 handler: race (b) of the 2019 mail, in spite of all syncs. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { races } from '../../scenario/races.ts'
import { atlas } from '../index.ts'

const decode = createDecode()

const scenario = atlas.get('handler-enables-irqs') as Scenario
const WORDS = ['tp_vec', 'tp_vec+0x4', 'tp_refs+0x4']

/** The races, and the end of the story of one of them. */
function told(params: Record<string, string>, property: string) {
  const found = races(scenario, { fetch: 'coherent', ...params }, decode, WORDS)
  const race = found.find((each) => each.property === property)
  const story = race?.story ?? []
  return { found: found.map(({ property }) => property), story: story.slice(story.indexOf('1 #BP')) }
}

test('before the reference: acknowledged three times, then the descriptor is gone', () => {
  const { found, story } = told({ irqs: 'on-first' }, 'no-oops')
  expect(found).toEqual(['no-oops'])
  expect(story.filter((word) => word === '1 IPI')).toHaveLength(3)
  expect(story.at(-1)).toBe('1 reads tp_refs+0x4 = 0')
})

test('behind the reference nothing happens: the patcher waits for it', () => {
  expect(told({ irqs: 'on-later' }, '').found).toEqual([])
})

test('behind it, and nobody waits: the entry is another’s before it is compared, or behind', () => {
  const missed = told({ irqs: 'on-later', refwait: 'off' }, 'no-oops')
  expect(missed.found).toEqual(['no-oops', 'own-descriptor'])
  expect(missed.story.filter((word) => /tp_vec/.test(word))).toEqual(['0 writes 3010 → tp_vec', '1 reads tp_vec = 3010'])
  const mixed = told({ irqs: 'on-later', refwait: 'off' }, 'own-descriptor')
  expect(mixed.story.filter((word) => /tp_vec/.test(word))).toEqual([
    '1 reads tp_vec = 1010',
    '0 writes 3010 → tp_vec',
    '0 writes 1443 → tp_vec+0x4',
    '1 reads tp_vec+0x4 = 1443',
  ])
  expect(mixed.story.filter((word) => word === '1 IPI')).toHaveLength(3)
})
