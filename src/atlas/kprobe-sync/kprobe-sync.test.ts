/** Kprobes that are armed and disarmed without a sync: who still fetches the old byte, and what the re-check used to hide. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import type { Params } from '../../scenario/params.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('kprobe-sync') as Scenario
const violated = (params: Params, from = scenario) => races(from, params, decode).map(({ property }) => property)

describe('registering', () => {
  test('a stale first byte lets CPU 1 in behind the wait for tasks; the sync of the jmp finds it between the two instructions', () => {
    const [torn] = races(scenario, { arm: 'nothing', fetch: 'amd' }, decode, ['rcu_tasks_holdout'])
    expect(torn?.property).toBe('whole-instruction')
    const order = ['1 writes 0 → rcu_tasks_holdout', '1 executes xor eax, eax, stale', '1 IPI', '0 writes 000001eb → probed+0x1']
    const places = order.map((word) => torn?.story.lastIndexOf(word) ?? -1)
    expect(torn?.story.indexOf('0 writes cc → probed')).toBeLessThan(places[0] as number)
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(torn?.end).toMatch(/^CPU 1 executes add dword ptr/)
  })

  test('no CPU whose prefetched bytes are thrown away is in danger', () => {
    const models = ['worst', 'amd', 'snoop-keep', 'snoop-nuke', 'coherent']
    expect(models.filter((fetch) => violated({ arm: 'nothing', fetch }).length > 0)).toEqual(['worst', 'amd', 'snoop-keep'])
  })

  test('the wait for tasks is needed as well', () => {
    const hasty = edited(scenario, 'kprobe-sync.asm', 'synchronize_rcu_tasks()\n        call    synchronize_rcu_tasks\n', 'nothing\n')
    expect(violated({ fetch: 'coherent' }, hasty)).toContain('whole-instruction')
  })
})

describe('unregistering', () => {
  test('needs the sync or the re-check', () => {
    const needs = (arm: string, recheck: string) => violated({ arm, recheck, operation: 'unregister' })
    expect(needs('sync', 'on')).toEqual([])
    expect(needs('sync', 'off')).toEqual([])
    expect(needs('nothing', 'on')).toEqual([])
    expect(needs('nothing', 'off')).toEqual(['no-oops'])
  })

  test('with no stale fetch at all, an int3 that was hit before is looked up too late', () => {
    const [oops] = races(scenario, { arm: 'nothing', recheck: 'off', operation: 'unregister', fetch: 'coherent' }, decode, ['kprobe'])
    expect(oops?.story.slice(-5)).toEqual(['1 executes int3', '1 #BP', '0 writes 31 → probed', '0 writes 0 → kprobe', '1 reads kprobe = 0'])
  })

  test('a reader of the kprobe is waited for before it is freed', () => {
    const hasty = edited(scenario, 'kprobe-sync.asm', 'synchronize_rcu()\n        call    synchronize_rcu_tasks\n', 'nothing\n')
    expect(violated({ arm: 'nothing', operation: 'unregister', fetch: 'coherent' }, hasty)).toEqual(['no-oops'])
  })
})
