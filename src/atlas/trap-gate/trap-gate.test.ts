/** int3 behind a trap gate: the syncs are acknowledged inside of the handler. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()

const scenario = atlas.get('trap-gate') as Scenario
const WORDS = ['tp_refs+0x4', 'tp_refs']

test('all three syncs are taken inside of #BP, then the reference is dropped, then looked for', () => {
  const [oops, ...more] = races(scenario, { gate: 'trap', fetch: 'coherent' }, decode, WORDS)
  expect(more).toEqual([])
  expect(oops).toMatchObject({ property: 'no-oops', steps: 288, switches: 7 })
  const inside = oops?.story.slice(oops.story.indexOf('1 #BP')) ?? []
  expect(inside.filter((word) => word === '1 IPI')).toHaveLength(3)
  // What comes back to the handler is the IRET of each IPI and that of its sync_core; the handler itself does not get to its own.
  expect(inside.filter((word) => word === '1 IRET')).toHaveLength(6)
  expect(inside.slice(-3)).toEqual(['0 writes 0 → tp_refs+0x4', '1 IRET', '1 reads tp_refs+0x4 = 0'])
  expect(oops?.end).toMatch(/^CPU 1 executes je oops/)
})

test('a handler that switches interrupts off first comes too late as well: the gate is what does it', () => {
  const late = edited(scenario, 'lib/tp-int3-handler.asm', 'func smp_text_poke_int3_handler\n', 'func smp_text_poke_int3_handler\n        cli\n')
  expect(races(late, { gate: 'trap', fetch: 'coherent' }, decode).map(({ property }) => property)).toEqual(['no-oops'])
})

test('an interrupt gate and a handler that takes interrupts where it starts are no better', () => {
  const open = edited(
    scenario,
    'lib/tp-int3-handler.asm',
    'func smp_text_poke_int3_handler\n',
    'func smp_text_poke_int3_handler\n        sti\n        nop\n',
  )
  expect(races(open, { gate: 'interrupt', fetch: 'coherent' }, decode).map(({ property }) => property)).toEqual(['no-oops'])
})
