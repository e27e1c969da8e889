/** A binary search over entries that do not ascend, and a vector that is written over its end. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()

const scenario = atlas.get('unsorted-vector') as Scenario
const unchecked = { single: 'unchecked', fetch: 'coherent' }

test('the search misses the entry that was there first: the higher one', () => {
  const [oops, ...more] = races(scenario, unchecked, decode, ['tp_vec', 'tp_vec+0x10'])
  expect(more).toEqual([])
  expect(oops?.property).toBe('no-oops')
  expect(oops?.story.filter((word) => /cc → site|1 reads tp_vec/.test(word))).toEqual(['0 writes cc → site1', '1 reads tp_vec+0x10 = 100b'])
  expect(oops?.end).toMatch(/^CPU 1 executes je oops/)
})

test('a linear search would not care', () => {
  const search = ['        lea     eax, [r9 + rcx]\n        shr     eax, 1\n', '        mov     eax, r9d\n'] as const
  const linear = edited(
    edited(scenario, 'lib/tp-int3-handler.asm', ...search),
    'lib/tp-int3-handler.asm',
    '        jb      .left\n        lea     r9d, [rax + 1]\n        jmp     .search\n',
    '        lea     r9d, [rax + 1]\n        jmp     .search\n',
  )
  expect(races(linear, unchecked, decode)).toEqual([])
})

test('no room: the address of the new entry becomes the number of entries', () => {
  const found = races(scenario, { ...unchecked, order: 'higher', room: 'one' }, decode, ['tp_nr'])
  expect(found.map(({ property }) => property)).toEqual(['no-oops', 'within-vector'])
  expect(found[0]?.end).toMatch(/^CPU 0 executes mov .*#PF/)
  expect(found[0]?.story.filter((word) => /^0 reads tp_nr = /.test(word)).at(-1)).toBe('0 reads tp_nr = 1010')
})
