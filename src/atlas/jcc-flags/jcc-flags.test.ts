/** Conditional jumps decided from saved flags: which flags the search finds, and that it would find other mistakes. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('jcc-flags') as Scenario
const ZERO_ALONE = '1 reads combination = 4'
const found = (from: Scenario, params: Record<string, string>) =>
  races(from, params, decode, ['combination']).map(({ property, story, end }) => ({
    property,
    flags: story.filter((word) => word.startsWith('1 reads')),
    end,
  }))

describe('jle with “and” for “or”', () => {
  test('the first combination that goes wrong is the zero flag alone: the jump is not taken', () => {
    expect(found(scenario, { zero: 'and' })).toEqual([
      { property: 'as-the-cpu', flags: [ZERO_ALONE], end: expect.stringMatching(/^CPU 1 executes jmp pass_end/) },
    ])
  })

  test('jg goes wrong in the same place: the jump is taken', () => {
    expect(found(scenario, { zero: 'and', condition: 'g' })).toEqual([
      { property: 'as-the-cpu', flags: [ZERO_ALONE], end: expect.stringMatching(/^CPU 1 executes mov edx, 1/) },
    ])
  })
})

describe('other mistakes', () => {
  test.each([
    ['the sign flag is read from a wrong place', 'shr     edx, 7', 'shr     edx, 8', 'l'],
    ['opposite conditions are not told apart', 'xor     edx, ecx', 'or      edx, ecx', 'ne'],
    ['a mask is wrong', 'FLAG_CF | FLAG_ZF, FLAG_SF', 'FLAG_CF, FLAG_SF', 'be'],
  ])('%s', (_, from, to, condition) => {
    expect(found(edited(scenario, 'jcc.asm', from, to), { condition }).map(({ property }) => property)).toEqual(['as-the-cpu'])
  })
})
