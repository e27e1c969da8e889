/** text_poke_bp with an address to go on at: right for jumps, wrong for calls, and each property can fail for its own reason. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import type { Params } from '../../scenario/params.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const textPokeBp = atlas.get('text-poke-bp-handler') as Scenario

const TRAPPED = ['0 writes cc → do_something', '1 executes int3', '1 #BP', '1 IRET']

describe('the shortest race', () => {
  test.each<[string, Params, string, readonly string[], RegExp]>([
    ['of a call, going on behind it, loses it', { kind: 'call-call' }, 'no-lost-call 78/1', TRAPPED, /^CPU 1 executes ret: the rest of the function/],
    [
      'of a call, going on at the callee, comes back too far out',
      { kind: 'call-call', resume: 'target' },
      'comes-back 78/1',
      TRAPPED,
      /^CPU 1 executes ret: return 2/,
    ],
    [
      'of a two-byte label without the first sync is an old first byte with the new second',
      { length: '2', sync1: 'off' },
      'whole-instruction 44/1',
      ['0 writes cc → do_something', '0 writes 0b → do_something+0x1', '1 executes or di, word ptr [rax+1], stale'],
      /#PF/,
    ],
    [
      'of a two-byte label without the second sync is the new first byte with the old second',
      { length: '2', sync2: 'off' },
      'whole-instruction 114/3',
      [
        '0 writes cc → do_something',
        '0 IRET',
        '1 IPI',
        '1 IRET',
        '1 IRET',
        '0 writes 0b → do_something+0x1',
        '0 writes eb → do_something',
        '1 executes jmp 0xffffffff81000fd1, stale',
      ],
      /neither old nor new: eb90/,
    ],
  ])('%s', (_, params, found, story, end) => {
    const [race] = races(textPokeBp, params, decode)
    expect(`${race?.property} ${race?.steps}/${race?.switches}`).toBe(found)
    expect(race?.story).toEqual(story)
    expect(race?.end).toMatch(end)
  })
})

test('without the third sync a stale int3 finds that nothing is in progress', () => {
  const [race] = races(textPokeBp, { sync3: 'off' }, decode)
  expect(`${race?.property} ${race?.steps}/${race?.switches}`).toBe('no-oops 200/5')
  expect(race?.story.slice(-3)).toEqual(['0 writes e9 → do_something', '1 executes int3, stale', '1 #BP'])
})

const COHERENT = { fetch: 'coherent' }

test.each<[string, Scenario, Params, string, RegExp]>([
  [
    'the flag goes up only behind the int3',
    edited(
      edited(
        textPokeBp,
        'lib/text-poke-bp.asm',
        '| bp_patching_in_progress = true\n        mov     dword ptr [rel bp_patching_in_progress], 1\n',
        '',
      ),
      'lib/text-poke-bp.asm',
      'if SYNC1\n',
      '        mov     dword ptr [rel bp_patching_in_progress], 1\nif SYNC1\n',
    ),
    COHERENT,
    'no-oops',
    /^CPU 1 executes je oops/,
  ],
  [
    'the address to go on at is one instruction too far',
    edited(textPokeBp, 'patcher.asm', 'POKE0, RESUME_AT', 'POKE0, RESUME_AT + 5'),
    COHERENT,
    'old-or-new',
    /^CPU 1 executes/,
  ],
  [
    'the key is still off',
    edited(textPokeBp, 'callers.asm', 'eax = 2\n        mov     eax, 2', 'eax = 2\n        mov     eax, 1'),
    COHERENT,
    'new-after-return',
    /ret/,
  ],
  [
    'the tail is written one byte too far',
    edited(textPokeBp, 'lib/text-poke-bp.asm', 'inc     rdi', 'add     rdi, 2'),
    COHERENT,
    'within-model',
    /^CPU 0 executes .* text that the scenario does not declare/,
  ],
  [
    'the first byte never comes back',
    edited(textPokeBp, 'lib/text-poke-bp.asm', 'movzx   esi, byte ptr [rbp + 24]', 'mov     esi, 0xcc'),
    COHERENT,
    'no-oops',
    /^CPU 1 executes je oops/,
  ],
])('%s', (_, scenario, params, property, says) => {
  const found = races(scenario, params, decode)
  expect(found.map((race) => race.property)).toContain(property)
  expect(found.find((race) => race.property === property)?.end).toMatch(says)
})
