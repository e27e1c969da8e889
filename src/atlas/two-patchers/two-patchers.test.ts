/** Two patchers without the mutex: their steps mix. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()

const scenario = atlas.get('two-patchers') as Scenario

test('one site: an opcode of one and a tail of the other, a call to 0x441f bytes further on', () => {
  const found = races(scenario, { lock: 'none', fetch: 'coherent' }, decode)
  expect(found.map(({ property }) => property)).toEqual(['whole-instruction', 'no-oops', 'no-deadlock'])
  expect(found[0]?.story.filter((word) => /→/.test(word) || /executes call 0x/.test(word))).toEqual([
    '0 writes cc → site0',
    '1 writes cc → site0',
    '0 writes 00001339 → site0+0x1',
    '1 writes 0000441f → site0+0x1',
    '0 writes e8 → site0',
    '0 executes call 0xffffffff8100542e',
  ])
})

test('two sites: who finishes first takes the descriptor away', () => {
  const [oops] = races(scenario, { lock: 'none', second: 'other-site', fetch: 'coherent' }, decode, ['tp_nr'])
  expect(oops?.property).toBe('no-oops')
  expect(oops?.story.filter((word) => /tp_nr/.test(word))).toEqual(['1 writes 1 → tp_nr', '0 writes 1 → tp_nr', '1 writes 0 → tp_nr'])
  expect(oops?.end).toMatch(/^CPU 1 executes je oops/)
})

test('a mutex that is waited for with interrupts off is a deadlock: its holder syncs', () => {
  const deaf = edited(scenario, 'two-patchers.asm', '%%wait:\n', '        cli\n%%wait:\n')
  expect(races(deaf, { fetch: 'coherent' }, decode).map(({ property }) => property)).toEqual(['no-deadlock'])
})
