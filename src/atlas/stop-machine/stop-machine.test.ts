/** stop_machine and NMIs: what the races tell, and that each property can fail for its own reason. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import type { Params } from '../../scenario/params.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const stopMachine = atlas.get('stop-machine') as Scenario

const HALF = '0 writes ffd333e8 → traced0'
const REST = '0 writes ff → traced0+0x4'
const HALF_NEW = 'executes call 0xffffffff81ffe348'

describe('the shortest race', () => {
  test.each<[string, Params, string, readonly string[]]>([
    [
      'is an NMI between two stores of its own CPU',
      { strategy: 'plain', nmi: 'on-patcher' },
      'whole-instruction 47/2',
      ['1 IPI', HALF, '0 NMI', `0 ${HALF_NEW}`],
    ],
    ['is an NMI on a parked CPU', { strategy: 'plain', nmi: 'on-parked' }, 'whole-instruction 47/3', ['1 IPI', HALF, '1 NMI', `1 ${HALF_NEW}`]],
    [
      'without the first wait is an NMI that came before the flag',
      { wait1: 'off' },
      'whole-instruction 64/3',
      ['1 IPI', '1 NMI', HALF, `1 ${HALF_NEW}`],
    ],
    [
      'without the barrier is the same, in spite of the wait',
      { barrier: 'off' },
      'whole-instruction 66/5',
      ['1 IPI', '1 NMI', HALF, `1 ${HALF_NEW}`],
    ],
    [
      'without the second wait is an NMI that writes what belongs to the first site over the second',
      { sites: '2', wait2: 'off' },
      'whole-instruction 93/5',
      ['1 IPI', HALF, REST, '1 NMI', '1 executes call 0xffffffff80ffe448, stale'],
    ],
    ['with late publishing is an NMI that finds nothing to write', { publish: 'late' }, 'no-oops 52/2', ['1 IPI', '0 NMI']],
    [
      'under AMD’s rules is an NMI that fetched half of the call before its barrier, and came too late to write the rest',
      { fetch: 'amd' },
      'whole-instruction 74/5',
      ['1 IPI', HALF, '1 NMI', REST, `1 ${HALF_NEW}, stale`],
    ],
    [
      'with a locked operation for the barrier is an NMI that nothing makes forget what it fetched',
      { fetch: 'amd', strategy: 'nmi-counts', fence: 'locked' },
      'whole-instruction 74/3',
      ['1 IPI', '1 NMI', HALF, REST, `1 ${HALF_NEW}, stale`],
    ],
    [
      'of a parked thread that does not serialise needs no NMI',
      { fetch: 'amd', park: 'thread', exitsync: 'off', nmi: 'none' },
      'whole-instruction 76/3',
      ['1 executes call callee_a', HALF, REST, `1 ${HALF_NEW}, stale`],
    ],
  ])('%s', (_, params, found, story) => {
    const [race] = races(stopMachine, params, decode)
    expect(`${race?.property} ${race?.steps}/${race?.switches}`).toBe(found)
    expect(race?.story).toEqual(story)
  })
})

const ASM = 'stop-machine.asm'
const QUIET = { nmi: 'none', strategy: 'plain' }

test.each<[string, Scenario, Params, string, RegExp]>([
  [
    'nobody waits until the others stand still',
    edited(stopMachine, ASM, 'cmp     dword ptr [rel thread_ack], 0\n        jne     .parked', 'cmp     dword ptr [rel thread_ack], 0'),
    QUIET,
    'whole-instruction',
    /^CPU 1 executes call 0xffffffff81ffe348/,
  ],
  [
    'the new callee does a third thing',
    edited(stopMachine, 'callers.asm', 'mov     eax, 2', 'mov     eax, 3'),
    QUIET,
    'old-or-new',
    /^CPU 1 executes ret/,
  ],
  [
    'in an NMI, too',
    edited(stopMachine, 'callers.asm', 'mov     eax, 2', 'mov     eax, 3'),
    { nmi: 'on-patcher' },
    'nmi-old-or-new',
    /^CPU 0 executes ret/,
  ],
  [
    'the patcher says that it is done before it has begun',
    edited(stopMachine, ASM, 'func stop_machine\n', 'func stop_machine\n        mov dword ptr [rel patch_done], 1\n'),
    QUIET,
    'new-after-return',
    /^CPU 1 executes ret/,
  ],
  [
    'in an NMI, too, it finds the old call',
    edited(stopMachine, ASM, 'func stop_machine\n', 'func stop_machine\n        mov dword ptr [rel patch_done], 1\n'),
    { nmi: 'on-patcher' },
    'nmi-new-after-return',
    /^CPU 0 executes ret/,
  ],
  [
    'the patcher never lets the others go',
    edited(stopMachine, ASM, 'mov     dword ptr [rel state], STOP_EXIT', 'mov     dword ptr [rel state], STOP_WAIT'),
    QUIET,
    'no-deadlock',
    /^CPU \d/,
  ],
  ['an NMI forgets to say that it is over', edited(stopMachine, 'callers.asm', 'call    ftrace_nmi_exit', 'nop'), {}, 'no-deadlock', /^CPU \d/],
  [
    'the callee goes straight back to the caller, and pops a word too many',
    edited(stopMachine, 'callers.asm', '        mov     eax, 2\n        ret', '        mov     eax, 2\n        add     rsp, 16\n        ret 8'),
    QUIET,
    'frame-intact',
    /^CPU 1 executes ret 8/,
  ],
])('%s', (_, scenario, params, property, says) => {
  const found = races(scenario, params, decode)
  expect(found.map((race) => race.property)).toContain(property)
  expect(found.find((race) => race.property === property)?.end).toMatch(says)
})
