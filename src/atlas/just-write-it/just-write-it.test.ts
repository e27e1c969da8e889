/** Plain stores over a call: what each fetch model makes of them, and that each property can fail for its own reason. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import type { Params } from '../../scenario/params.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const justWriteIt = atlas.get('just-write-it') as Scenario

describe('the shortest race', () => {
  test.each<[string, Params, string, readonly string[]]>([
    [
      'of memcpy lies between its two stores, even if fetch is coherent',
      { fetch: 'coherent' },
      'whole-instruction 7/1',
      ['0 writes ffd333e8 → call_site', '1 executes call 0xffffffff81ffe348'],
    ],
    [
      'of memcpy by bytes lies between any two of five',
      { width: 'bytes' },
      'whole-instruction 8/1',
      ['0 writes 33 → call_site+0x1', '1 executes call 0xffffffff81001148'],
    ],
    [
      'of one 8-byte store is a fetch that mixes, where the manual leaves it open',
      { strategy: 'quadword' },
      'whole-instruction 7/1',
      ['0 writes e48545ffffd333e8 → call_site', '1 executes call 0xffffffff81001148, stale'],
    ],
    [
      'of one 8-byte store is a late fetch, where AMD promises the quadword whole',
      { strategy: 'quadword', fetch: 'amd' },
      'new-after-return 11/1',
      ['0 writes e48545ffffd333e8 → call_site', '1 executes call callee_a, stale'],
    ],
    [
      'of one 8-byte store across two lines needs no stale fetch',
      { strategy: 'quadword', fetch: 'coherent', site: 'lines' },
      'whole-instruction 7/1',
      ['0 writes 05e8 → call_site', '1 executes call 0xffffffff81001148'],
    ],
    [
      'of a locked exchange is a fetch in two parts',
      { strategy: 'locked', fetch: 'snoop-keep', site: 'lines' },
      'whole-instruction 7/2',
      ['1 prefetches', '0 writes e48545ffffd305e8 → call_site', '1 executes call 0xffffffff80ffe400, stale'],
    ],
  ])('%s', (_, params, found, story) => {
    const [race] = races(justWriteIt, params, decode)
    expect(`${race?.property} ${race?.steps}/${race?.switches}`).toBe(found)
    expect(race?.story).toEqual(story)
  })
})

const COHERENT = { strategy: 'quadword', fetch: 'coherent' }

test.each<[string, Scenario, Params, string, RegExp]>([
  [
    'the patcher says that it is done before it has written',
    edited(justWriteIt, 'just-write-it.asm', 'phase "write"\n', '        mov dword ptr [rel patch_done], 1\nphase "write"\n'),
    COHERENT,
    'new-after-return',
    /^CPU 1 executes ret: return 1/,
  ],
  [
    'what is written is a call to somewhere else',
    edited(justWriteIt, 'callers.asm', 'dd      callee_b -', 'dd      callee_a - 5 -'),
    COHERENT,
    'no-oops',
    /^CPU 1 finds nothing to execute/,
  ],
  [
    'the new callee does a third thing',
    edited(justWriteIt, 'callers.asm', 'mov     eax, 2', 'mov     eax, 3'),
    COHERENT,
    'old-or-new',
    /^CPU 1 executes ret: return 2/,
  ],
  [
    'the new callee pops a word too many',
    edited(justWriteIt, 'callers.asm', '        mov     eax, 2\n        ret', '        mov     eax, 2\n        ret 8'),
    COHERENT,
    'frame-intact',
    /^CPU 1 executes ret 8/,
  ],
  [
    'the caller lets no interrupt in',
    edited(justWriteIt, 'callers.asm', 'SITE_ADDR - 7 exec\nfunc caller\n', 'SITE_ADDR - 8 exec\nfunc caller\n        cli\n'),
    { ...COHERENT, sync: 'on' },
    'no-deadlock',
    /^CPU \d/,
  ],
])('%s', (_, scenario, params, property, says) => {
  const found = races(scenario, params, decode)
  expect(found[0]?.property).toBe(property)
  expect(found[0]?.end).toMatch(says)
})
