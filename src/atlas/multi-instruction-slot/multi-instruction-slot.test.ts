/** A slot of two instructions: the sync's own interrupt stops a CPU between them; a preempted task stays there. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('multi-instruction-slot') as Scenario
const calm = { fetch: 'coherent' }
const decisive = (story: readonly string[]) => story.filter((word) => /→|timer|IPI|IRET|#BP|adc|xor/.test(word))

/** An IPI handler that sends whoever stands at the second instruction back to the first, as no kernel does. */
const restarting = edited(
  scenario,
  'lib/ipi.asm',
  '| restore and return\n',
  '        lea rax, [rel site0 + 2]\n        cmp [rsp + 24], rax\n        jne .return\n        lea rax, [rel site0]\n        mov [rsp + 24], rax\n.return:\n',
)

describe('xor; ret in the slot', () => {
  test('the IPI of the first sync is taken between the two, and CPU 1 returns into the displacement', () => {
    const [torn, oops, ...more] = races(scenario, { slot: 'xor-ret', preempt: 'off', ...calm }, decode)
    expect(more).toEqual([])
    expect([torn, oops].map((race) => `${race?.property} ${race?.steps}/${race?.switches}`)).toEqual(['whole-instruction 120/4', 'no-oops 120/4'])
    expect(decisive(torn?.story ?? [])).toEqual([
      '1 executes xor eax, eax',
      '0 writes cc → static_call_tramp',
      '0 IRET',
      '1 IPI',
      '1 IRET',
      '0 writes 00001333 → static_call_tramp+0x1',
      '1 IRET',
      '1 executes adc eax, dword ptr [rax]',
    ])
  })

  test('preemption is no shorter way', () => {
    const [torn] = races(scenario, { slot: 'xor-ret', preempt: 'on', ...calm }, decode)
    expect(torn?.steps).toBe(120)
    expect(torn?.story.filter((word) => /timer/.test(word))).toEqual([])
  })

  test('were it only for the IPI, sending CPU 1 back to the start would do', () => {
    expect(races(restarting, { slot: 'xor-ret', preempt: 'off', ...calm }, decode)).toEqual([])
  })

  test('a preempted task is not seen by the IPI: it comes back to the second instruction when the bytes have changed', () => {
    const [torn] = races(restarting, { slot: 'xor-ret', preempt: 'on', ...calm }, decode)
    const story = decisive(torn?.story ?? [])
    const order = ['1 executes xor eax, eax', '1 timer', '1 IPI', '0 writes 00001333 → static_call_tramp+0x1', '1 executes adc eax, dword ptr [rax]']
    expect(order.map((word) => story.indexOf(word))).toEqual(order.map((word) => story.indexOf(word)).sort((a, b) => a - b))
    expect(order.filter((word) => !story.includes(word))).toEqual([])
  })
})

describe('waiting for tasks', () => {
  test('in front of the int3 lets them in again', () => {
    const [torn] = races(scenario, { slot: 'wait-first', preempt: 'off', ...calm }, decode)
    expect(torn?.property).toBe('whole-instruction')
  })

  test('behind the int3, but before its sync, is not enough either where a stale first byte can be fetched', () => {
    const early = edited(
      edited(scenario, 'lib/tp-single.asm', 'phase "sync 1"\n', 'phase "sync 1"\nif defined(HOOK_BEHIND_SYNC_1)\n        behind_sync_1\nendif\n'),
      'lib/tp-single.asm',
      'if defined(HOOK_BEHIND_SYNC_1)\n        behind_sync_1\nendif\nphase "tail"',
      'phase "tail"',
    )
    expect(races(early, { slot: 'wait-behind-int3', preempt: 'off', fetch: 'worst' }, decode).map(({ property }) => property)).toContain(
      'whole-instruction',
    )
    expect(races(early, { slot: 'wait-behind-int3', preempt: 'off', ...calm }, decode)).toEqual([])
  })
})
