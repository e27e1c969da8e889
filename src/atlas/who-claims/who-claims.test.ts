/** Whose int3 is it? The two races of the 2019 mail as they are told there, and properties that fail for their own reason when the assembly is broken on purpose. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import type { Params } from '../../scenario/params.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('who-claims') as Scenario
const WORDS = ['ftrace_update_func', 'ftrace_update_target', 'modifying_ftrace_code', 'modifying_ftrace_head', 'modifying_ftrace_tail', 'ftrace_seq']

/** The races as "property steps/switches", and the story of one of them from its last #BP on. */
function told(params: Params, property?: string, from: Scenario = scenario) {
  const found = races(from, params, decode, WORDS)
  const race = found.find((each) => each.property === property)
  const trap = race?.story.lastIndexOf('1 #BP') ?? -1
  return {
    found: found.map(({ property, steps, switches }) => `${property} ${steps}/${switches}`),
    story: race?.story.slice(trap - 1) ?? [],
    end: race?.end ?? '',
  }
}

const A_TRAP = ['1 executes int3', '1 #BP']
const OVER = ['0 writes e8 → ftrace_call', '0 reads modifying_ftrace_code = 1', '0 writes 0 → modifying_ftrace_code']

describe('without the final run_sync, and without stale fetch', () => {
  const params = { sync3: 'off', fetch: 'coherent' }

  test('race (a): the modification is over before the handler asks', () => {
    const { found, story, end } = told(params, 'late-handler')
    expect(found).toEqual(['late-handler 235/5', 'other-site 245/5', 'old-or-new 273/5'])
    expect(story).toEqual([...A_TRAP, ...OVER, '1 reads modifying_ftrace_code = 0'])
    expect(end).toMatch(/^CPU 1 executes jmp oops/)
  })

  test('race (b): the handler asks in time, and finds the next site', () => {
    const { story, end } = told(params, 'other-site')
    expect(story).toEqual([
      ...A_TRAP,
      '1 reads modifying_ftrace_code = 1',
      ...OVER,
      '0 writes ftrace_regs_call → ftrace_update_func',
      '1 reads ftrace_update_func = ftrace_regs_call',
    ])
    expect(end).toMatch(/^CPU 1 executes jmp oops/)
  })

  test('race (b): the handler finds its own site, and then the next one’s function', () => {
    const { story } = told(params, 'old-or-new')
    expect(story).toEqual([
      ...A_TRAP,
      '1 reads modifying_ftrace_code = 1',
      '1 reads ftrace_update_func = ftrace_call',
      ...OVER,
      '0 writes ftrace_regs_call → ftrace_update_func',
      '0 writes regs_trace_new → ftrace_update_target',
      '1 reads ftrace_update_target = regs_trace_new',
      '1 IRET',
    ])
  })
})

test('with the final run_sync, race (b) all the same, if the handler lets interrupts in: it acknowledges all three syncs in between', () => {
  const { found, story } = told({ irqs: 'before' }, 'other-site')
  expect(found.map((race) => race.split(' ')[0])).toEqual(['other-site', 'old-or-new'])
  const shared = told({ irqs: 'before', fetch: 'coherent' }, 'other-site').story
  expect(shared.filter((line) => /IPI|ftrace_update_func|writes e8/.test(line)).slice(-3)).toEqual([
    '1 IPI',
    '0 writes ftrace_regs_call → ftrace_update_func',
    '1 reads ftrace_update_func = ftrace_regs_call',
  ])
  expect(story.at(-1)).toBe('1 reads ftrace_update_func = ftrace_regs_call')
})

test('head and tail counters as the mail writes them: the counters are right, for a site that is not this one', () => {
  const { story } = told({ strategy: 'head-tail', sync3: 'off' }, 'old-or-new')
  expect(story.filter((line) => /^1 reads|^1 IRET|^1 executes (?!int3)/.test(line))).toEqual([
    '1 reads modifying_ftrace_head = 2',
    '1 reads modifying_ftrace_tail = 1',
    '1 reads ftrace_update_func = ftrace_regs_call',
    '1 reads ftrace_update_target = regs_trace_new',
    '1 reads modifying_ftrace_tail = 1',
    '1 IRET',
  ])
})

test('a seqcount around the modification: the handler waits for the patcher, which waits for the handler', () => {
  const [race] = races(scenario, { strategy: 'seqcount-around', modifications: '1', fetch: 'coherent' }, decode, ['ftrace_seq', 'csd+0x4'])
  expect(race).toMatchObject({ property: 'no-deadlock' })
  // The livelock is these two turning for ever: an odd count, and a sync that is not acknowledged.
  expect(race?.story.filter((line) => line.includes('reads')).slice(-3)).toEqual([
    '0 reads csd+0x4 = 1',
    '1 reads ftrace_seq = 1',
    '1 reads ftrace_seq = 1',
  ])
})

describe('going back to the site, because the int3 is gone', () => {
  const params = { strategy: 'recheck', modifications: '1', sync3: 'off' }

  test.each(['worst', 'amd', 'snoop-keep', 'snoop-nuke', 'coherent'])('is never in vain by IRET: %s', (fetch) => {
    expect(told({ ...params, fetch }).found).toEqual([])
  })

  // Where a trap refreshes fetch (amd), what was fetched before it may still come back once. Windows that were read ahead are dropped at the trap (snoop).
  test.each([
    ['worst', ['retried-in-vain'], ['retried-in-vain']],
    ['amd', ['retried-in-vain'], []],
    ['snoop-keep', [], []],
    ['snoop-nuke', [], []],
    ['coherent', [], []],
  ])('without IRET may be in vain once, or for ever: %s', (fetch, once, twice) => {
    const chosen = { ...params, strategy: 'recheck-no-iret', fetch }
    const allowOne = scenario.file.properties.map((each) =>
      each.kind === 'assert' && each.id === 'retried-in-vain' ? { ...each, holds: `${each.holds} + 1` } : each,
    )
    const lenient = { ...scenario, file: { ...scenario.file, properties: allowOne } }
    expect(races(scenario, chosen, decode).map(({ property }) => property)).toEqual(once)
    expect(races(lenient, chosen, decode).map(({ property }) => property)).toEqual(twice)
  })
})

describe.each(['amd', 'snoop-keep', 'snoop-nuke', 'coherent'])('without the final run_sync, under %s,', (fetch) => {
  test.each(['head-tail-recheck', 'two-entries'])('%s cures both races', (strategy) => {
    expect(told({ strategy, sync3: 'off', fetch }).found).toEqual([])
  })
})

const COUNTER_NEVER_RISES = edited(
  scenario,
  'patcher.asm',
  '| smp_wmb(); atomic_inc(&modifying_ftrace_code)\n        lock inc dword ptr [rel modifying_ftrace_code]',
  '        lock inc dword ptr [rel csd]',
)
const ONE = { fetch: 'coherent', modifications: '1' }

/** What is broken, with which parameters; the violated properties. */
test.each<[string, Scenario, Params, string[]]>([
  ['the counter never rises', COUNTER_NEVER_RISES, ONE, ['late-handler']],
  ['the counter never rises, and the int3 is looked at: it is there', COUNTER_NEVER_RISES, { ...ONE, strategy: 'recheck' }, ['late-handler']],
  [
    'the counter never rises, and the handler goes back without looking',
    edited(COUNTER_NEVER_RISES, 'handler.asm', '        cmp     byte ptr [rsi], 0xcc\n        je      oops', ''),
    { ...ONE, strategy: 'recheck' },
    ['retried-in-vain'],
  ],
  [
    'the handler does not compare addresses',
    edited(
      scenario,
      'handler.asm',
      '        jne     not_mine\nread_target:\n| func = ftrace_update_target',
      'read_target:\n| func = ftrace_update_target',
    ),
    { fetch: 'coherent', sync3: 'off' },
    ['late-handler', 'old-or-new'],
  ],
  ['the patcher publishes another site', edited(scenario, 'patcher.asm', 'mov     [rbp], rdi', 'mov     [rbp], rsi'), ONE, ['other-site']],
  [
    'the patcher publishes a function of another call',
    edited(scenario, 'patcher.asm', 'mov     [rbp + 8], rdx', 'lea rax, [rel regs_trace_new]\n        mov     [rbp + 8], rax'),
    ONE,
    ['old-or-new'],
  ],
  ['the handler pushes no return address', edited(scenario, 'handler.asm', '        sub     rax, 8\n', ''), ONE, ['frame-intact']],
  [
    'the handler claims the int3 and jumps over the call',
    edited(
      scenario,
      'handler.asm',
      '        mov     [rdi + PT_RIP], r9\n',
      '        mov     [rdi + PT_RIP], rsi\n        add     qword ptr [rdi + PT_RSP], 8\n',
    ),
    ONE,
    ['no-lost-call'],
  ],
  [
    'the patcher says that it is done before it has begun',
    edited(scenario, 'patcher.asm', 'func patcher\n', 'func patcher\n        mov dword ptr [rel patch_done], 1\n'),
    ONE,
    ['new-after-return'],
  ],
  [
    'the first sync is missing',
    edited(scenario, 'patcher.asm', 'SYNC1         equ 1', 'SYNC1         equ 0'),
    { modifications: '1' },
    ['whole-instruction'],
  ],
  ['the entry leaves no gap', edited(scenario, 'lib/entry64.asm', 'rept 6', 'rept 0'), ONE, ['no-fault']],
])('%s', (_, broken, params, violated) => {
  expect(races(broken, params, decode).map(({ property }) => property)).toEqual(violated)
})
