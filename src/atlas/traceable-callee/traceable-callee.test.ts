/** The handler calls a function that is being patched: #BP in #BP, until the stack is used up. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()

const scenario = atlas.get('traceable-callee') as Scenario
const traced = { helper: 'rcu-read-lock', fetch: 'coherent' }

test('#BP after #BP without a return, then a page fault that finds no room, and a double fault', () => {
  const [recursion, ...more] = races(scenario, traced, decode)
  expect(more).toEqual([])
  expect(recursion?.property).toBe('no-recursion')
  expect(recursion?.story).toEqual(['0 writes cc → __rcu_read_lock', ...Array(5).fill(['1 executes int3', '1 #BP']).flat(), '1 #DF'])
})

test('more stack only takes longer', () => {
  const deeper = edited(scenario, 'traceable-callee.asm', 'STACK_BYTES   equ 1024', 'STACK_BYTES   equ 2048')
  const depth = (from: Scenario) => races(from, traced, decode)[0]?.story.filter((word) => word === '1 #BP').length ?? 0
  expect(depth(deeper)).toBeGreaterThan(depth(scenario) + 2)
})

test('a traced function that the handler calls only with its reference recurses just the same', () => {
  const later = edited(
    scenario,
    'traceable-callee.asm',
    'macro before_lookup\nendm',
    'macro before_lookup\n        call __rcu_read_lock\n        call __rcu_read_unlock\nendm',
  )
  expect(races(later, { helper: 'nothing', fetch: 'coherent' }, decode).map(({ property }) => property)).toEqual(['no-recursion'])
})
