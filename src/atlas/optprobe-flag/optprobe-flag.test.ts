/** The flag of an optimized kprobe, cleared before or behind the bytes that it speaks of. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('optprobe-flag') as Scenario
const calm = { fetch: 'coherent' }

test('cleared first: the int3 goes on behind the first instruction, inside of the jmp', () => {
  const [torn, ...others] = races(scenario, { flag: 'first', ...calm }, decode, ['kprobe_optimized'])
  expect([torn, ...others].map((race) => race?.property)).toEqual(['whole-instruction', 'no-oops'])
  expect(torn?.story).toEqual([
    '0 writes 0 → kprobe_optimized',
    '0 writes cc → probed',
    '1 executes int3',
    '1 #BP',
    '1 reads kprobe_optimized = 0',
    '1 IRET',
    expect.stringMatching(/^1 executes add /),
  ])
})

test('cleared last it is right at every moment, but only behind the tail and its sync', () => {
  expect(races(scenario, calm, decode)).toEqual([])
  const between = edited(
    edited(scenario, 'optprobe-flag.asm', 'phase "tail"\n', '        clear_flag\nphase "tail"\n'),
    'optprobe-flag.asm',
    'if FLAG == FLAG_LAST\nphase "flag"\n        clear_flag\nendif\n',
    '',
  )
  expect(races(between, calm, decode).map(({ property }) => property)).toContain('whole-instruction')
})
