import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { edited, mustBuild, search } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('sync-with-irqs-off') as Scenario
const found = (changed: Scenario, params: Record<string, string>) =>
  search(mustBuild(changed, params, decode)).violations.map(({ property, steps, switches, trap }) => `${property} ${steps}/${switches} ${trap}`)

test('two senders with interrupts off: each sends, and both spin, after a single switch', () => {
  expect(found(scenario, { caller: 'irqs-off' })).toEqual(['no-deadlock 76/1 livelock'])
})

test('a lock that is waited for with interrupts off: the holder sends and spins, the waiter spins', () => {
  expect(found(scenario, { other: 'spins-masked' })).toEqual(['no-deadlock 49/1 livelock'])
})

test('run_sync that does not look whether interrupts are off is on_each_cpu', () => {
  const blind = edited(scenario, 'irqs-off.asm', '        jnz     .sync\n        sti\n', '        jnz     .sync\n')
  expect(found(blind, { caller: 'run-sync' })).toMatchObject([expect.stringMatching(/^no-deadlock .* livelock$/)])
})

test('a caller that forgets to switch interrupts on again is noticed', () => {
  const forgetful = edited(scenario, 'irqs-off.asm', 'above\n        cli\nendif\nif CALLER == CALLER_RUN_SYNC', 'above\n        cli\nendif\nif 0')
  const lasting = edited(
    forgetful,
    'irqs-off.asm',
    '| local_irq_enable()\n        sti\nendif\nif NEEDS_LOCK\n        spin_unlock',
    'endif\nif NEEDS_LOCK\n        spin_unlock',
  )
  expect(found(lasting, { caller: 'irqs-off', other: 'spins' })).toEqual([expect.stringMatching(/^irqs-restored /)])
})
