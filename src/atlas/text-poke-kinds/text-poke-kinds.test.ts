/** Every kind of instruction that text_poke writes: what its races tell, and that a wrong emulation of each is caught. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import type { Params } from '../../scenario/params.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const kinds = atlas.get('text-poke-kinds') as Scenario
const HANDLER = 'lib/tp-int3-handler.asm'

describe('the shortest race without', () => {
  test.each<[string, Params, string, string, RegExp]>([
    ['sync 1: an old conditional jump with half of the new target', { sync1: 'off' }, 'whole-instruction', '1 executes jle', /neither old nor new/],
    ['sync 2: a new call with the tail of the nop', { kind: 'nop-call', sync2: 'off' }, 'whole-instruction', '1 executes call', /e80b440000/],
    ['sync 3: an int3 that nobody claims', { kind: 'jmp-ret', sync3: 'off' }, 'no-oops', '1 #BP', /je oops/],
  ])('%s', (_, params, property, last, end) => {
    const [race] = races(kinds, params, decode)
    expect(race?.property).toBe(property)
    expect(race?.story.at(-1)).toMatch(last)
    expect(race?.end).toMatch(end)
  })

  test('sync 2 is no race where a bare return has no tail', () => {
    expect(races(kinds, { kind: 'jmp-ret', sync2: 'off' }, decode)).toEqual([])
  })
})

/** One condition for each way to ask the flags, and some negated. */
const CONDITIONS = ['o', 'ae', 'np', 'l', 'le', 'g']

/** Those of them whose emulation an edit breaks. */
function broken(scenario: Scenario): string[] {
  return CONDITIONS.filter((cc) => races(scenario, { cc, fetch: 'coherent' }, decode).length > 0)
}

test.each<[string, string, string, readonly string[]]>([
  ['less-or-equal forgets equal', 'or      eax, r10d', 'nop', ['le', 'g']],
  ['less does not compare sign and overflow', '        shr     eax, 4\n        xor     eax, r9d\n', '', ['l', 'le', 'g']],
  ['odd conditions are not negated', 'xor     eax, ecx', 'nop', ['ae', 'np', 'g']],
  ['the masks are shifted by one place', '[r10 + rax*4]', '[r10 + rax*4 + 4]', ['o', 'ae', 'np']],
])('a conditional jump is emulated wrongly: %s', (_, from, to, conditions) => {
  expect(broken(edited(kinds, HANDLER, from, to))).toEqual(conditions)
})

test.each<[string, Scenario, Params, string, RegExp]>([
  ['a return by hand does not pop', edited(kinds, HANDLER, 'add     rax, 8', 'add     rax, 0'), { kind: 'jmp-ret' }, 'frame-intact', /^CPU 1/],
  [
    'a call by hand does not push',
    edited(kinds, HANDLER, 'je      .call', 'je      .jmp'),
    { kind: 'nop-call' },
    'frame-intact',
    /^CPU 1 executes ret/,
  ],
  [
    'a nop is taken for a jump by its tail',
    edited(kinds, 'lib/tp-loc-init.asm', '        je      .nop5\n', '        je      .short\n'),
    { kind: 'call-nop' },
    'no-oops',
    /^CPU 1 executes ud2: #UD/,
  ],
  [
    'the length of a conditional jump is taken to be five',
    edited(kinds, 'patcher.asm', 'dd      SITE_LENGTH, 0', 'dd      5, 0'),
    {},
    'whole-instruction',
    /^CPU 1/,
  ],
])('%s', (_, scenario, params, property, says) => {
  const found = races(scenario, { fetch: 'coherent', ...params }, decode)
  expect(found.map((race) => race.property)).toContain(property)
  expect(found.find((race) => race.property === property)?.end).toMatch(says)
})
