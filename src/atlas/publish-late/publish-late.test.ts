/** An int3 that can be hit before its descriptor is there. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()

const scenario = atlas.get('publish-late') as Scenario
const WORDS = ['tp_refs+0x4', 'tp_nr']

test('int3, trap, no reference: three moves and a single switch', () => {
  const [oops, ...more] = races(scenario, { publish: 'late', fetch: 'coherent' }, decode, WORDS)
  expect(more).toEqual([])
  expect(oops).toMatchObject({ property: 'no-oops', steps: 53, switches: 1 })
  expect(oops?.story).toEqual(['0 writes cc → site0', '1 executes int3', '1 #BP', '1 reads tp_refs+0x4 = 0'])
})

test('the references are what tells: number and entry alone do not help', () => {
  const half = edited(scenario, 'lib/tp-single.asm', 'mov     dword ptr [rel tp_refs + 4*n], 1', 'nop')
  expect(races(half, { fetch: 'coherent' }, decode)[0]?.property).toBe('no-oops')
})
