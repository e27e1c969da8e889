/** Static calls today: each kind of update, whole; and properties that fail when something is broken on purpose. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { races } from '../../scenario/races.ts'
import { edited, mustBuild, search } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('static-call-today') as Scenario
const told = (params: Record<string, string>, from = scenario) => races(from, { fetch: 'coherent', ...params }, decode)

test('an update ends with every call doing the new thing: another function, nothing, or 0', () => {
  const ends = ['func', 'null', 'ret0'].map((to) => search(mustBuild(scenario, { to, fetch: 'coherent' }, decode)).outcomes.map(({ key }) => key))
  expect(ends).toEqual([['1:rbx=2 1:rax=2'], ['1:rbx=7 1:rax=7'], ['1:rbx=0 1:rax=0']])
})

test('an xor that is emulated as nothing leaves what was in eax', () => {
  const [race, ...more] = told({ to: 'ret0', as: 'nop' })
  expect(more).toEqual([])
  expect(race).toMatchObject({ property: 'old-or-new', steps: 384, switches: 7 })
  // The trampoline is done by then: it is patched first.
  expect(race?.story.filter((line) => /writes|#BP|call/.test(line)).slice(-4)).toEqual([
    '0 writes e9 → trampoline',
    '0 writes cc → site0',
    '1 #BP',
    '1 executes jmp __static_call_return0',
  ])
})

describe('with one thing broken', () => {
  const own = 'static-call-today.asm'
  const handler = 'lib/tp-int3-handler.asm'
  test.each<[string, Scenario, Record<string, string>, string[]]>([
    ['a ret is not emulated', edited(scenario, own, 'EMULATE_RET   equ 1\n', ''), { to: 'null' }, ['no-oops']],
    ['an emulated ret leaves the stack as it is', edited(scenario, handler, '        add     rax, 8\n', ''), { to: 'null' }, ['frame-intact']],
    ['what is emulated is what is written', edited(scenario, own, 'EMULATE_OTHER equ 1\n', ''), { to: 'ret0' }, ['no-oops']],
    [
      'the inline call is not patched',
      edited(scenario, own, '        lea     rbp, [rel request0]\n        call    smp_text_poke_single\n', ''),
      {},
      ['new-after-return'],
    ],
    [
      'the trampoline is not patched',
      edited(scenario, own, '        lea     rbp, [rel request_tramp]\n        call    smp_text_poke_single\n', ''),
      {},
      ['new-after-return'],
    ],
    [
      'the trampoline becomes a call: it returns behind itself',
      edited(scenario, own, 'rept 2\n        db      0xe9', 'rept 2\n        db      0xe8'),
      {},
      ['no-oops'],
    ],
  ])('%s', (_, broken, params, properties) => {
    expect(told(params, broken).map(({ property }) => property)).toEqual(properties)
  })
})
