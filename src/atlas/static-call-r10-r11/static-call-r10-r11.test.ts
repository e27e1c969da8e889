/** Two registers for the handler: what they cost, and what the handler must get right. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('static-call-r10-r11') as Scenario
const told = (params: Record<string, string>, from = scenario) => races(from, { fetch: 'coherent', ...params }, decode)

test('one trap is enough for a callee-saved op to lose two registers of its caller', () => {
  const [race, ...more] = told({ convention: 'callee-saved' })
  expect(more).toEqual([])
  expect(race).toMatchObject({ property: 'registers-survive', steps: 84, switches: 1 })
  expect(race?.story.slice(-4)).toEqual(['0 writes cc → site0', '1 executes int3', '1 #BP', '1 IRET'])
  expect(race?.end).toMatch(/^CPU 1 executes ret: result = 2/)
})

describe('with one thing broken', () => {
  const own = 'r10-r11.asm'
  test.each<[string, Scenario, string[]]>([
    ['r11 is the key itself', edited(scenario, own, '        mov     rdx, [rdx]\n', ''), ['no-oops']],
    ['r10 is the site, not what is behind it', edited(scenario, own, 'add     rcx, 5', 'add     rcx, 0'), ['old-or-new']],
    ['r10 is inside the call', edited(scenario, own, 'add     rcx, 5', 'add     rcx, 4'), ['whole-instruction', 'no-oops']],
    ['the thunk returns to who called it', edited(scenario, own, '        mov     [rsp], r11\n', ''), ['no-deadlock']],
    ['nothing is pushed', edited(scenario, own, '        push    r10\n', ''), ['no-oops']],
    [
      'the table holds another site',
      edited(scenario, own, 'static_call_sites:\n        dq      site0, key_op', 'static_call_sites:\n        dq      pass_end, key_op'),
      ['no-oops'],
    ],
  ])('%s', (_, broken, properties) => {
    expect(told({}, broken).map(({ property }) => property)).toEqual(properties)
  })
})
