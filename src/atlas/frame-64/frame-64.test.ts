/** The frame on 64 bit: which alignments break without the gap and how, and that each property can fail for its own reason. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import type { Params } from '../../scenario/params.ts'
import { type Race, races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const frame64 = atlas.get('frame-64') as Scenario

const told = (params: Params, scenario = frame64): Race[] => races(scenario, params, decode)
const short = ({ property, steps, switches }: Race) => `${property} ${steps}/${switches}`

describe('without the gap', () => {
  test.each(Array.from({ length: 16 }, (_, offset) => offset))('RSP ≡ %i mod 16', (offset) => {
    const [race, ...more] = told({ frame: 'no-gap', smod16: `${offset}` })
    expect(more).toEqual([])
    // The selector that IRETQ loads is the low half of the return address (…1815), or has its last byte as second one.
    const error = { 0: '0x1814', 1: '0x1518' }[offset]
    if (error === undefined) expect(race).toBeUndefined()
    else {
      expect(short(race as Race)).toBe('no-fault 71/0')
      expect(race?.story).toEqual(['0 executes int3', '0 #BP'])
      expect(race?.end).toMatch(new RegExp(`^CPU 0 executes iretq: #GP, error code ${error} `))
    }
  })

  test('it breaks under a patcher too, as soon as its int3 is met', () => {
    const [race] = told({ frame: 'no-gap', patching: 'on' })
    expect(race?.story).toEqual(['0 writes cc → traced_function', '1 executes int3', '1 #BP'])
  })
})

test('an NMI between slot and trampoline takes the slot, where it has none of its own', () => {
  const [race, ...more] = told({ frame: 'trampolines', nmi: 'traced', slot: 'off' })
  expect(more).toEqual([])
  expect(race?.property).toBe('as-called')
  // On the way from the handler to the trampoline the NMI runs into its own int3, and returns: its return address stays behind in the slot.
  expect(race?.story).toEqual(['0 executes int3', '0 #BP', '0 IRET', '0 NMI', '0 #BP', '0 IRET', '0 IRET'])
  expect(race?.end).toMatch(/^CPU 0 executes jmp ftrace_regs_caller/)
})

const HANDLER = 'handler.asm'

test.each<[string, Scenario, string, RegExp]>([
  ['the entry copies five words, and pt_regs does not fit', edited(frame64, 'lib/entry64.asm', 'rept 6', 'rept 5'), 'no-oops 53/0', /oops/],
  [
    'the handler jumps without a push',
    edited(frame64, HANDLER, '        mov     [rdi + PT_RSP], rax\n        mov     [rax], rsi\n', ''),
    'as-called 77/0',
    /iretq/,
  ],
  [
    'the handler pushes its own address',
    edited(frame64, HANDLER, '        add     rsi, 5\nif FRAME', '        add     rsi, 4\nif FRAME'),
    'as-called 79/0',
    /iretq/,
  ],
  [
    'the way out exchanges two registers',
    edited(frame64, 'lib/entry64.asm', 'pop     rbx\n        pop     r11', 'pop     r11\n        pop     rbx'),
    'as-called 79/0',
    /iretq/,
  ],
  [
    'the tracer pops too much',
    edited(frame64, 'caller.asm', 'mov     r8d, 2\n        ret', 'mov     r8d, 2\n        ret     8'),
    'no-fault 86/0',
    /#PF/,
  ],
  [
    'the tracer returns with other flags',
    edited(frame64, 'caller.asm', 'pop     r15\n', 'pop     r15\n        inc     r15\n'),
    'frame-intact 86/0',
    /ret/,
  ],
  ['the handler knows another site', edited(frame64, HANDLER, 'dec     rsi\n', 'inc     rsi\n'), 'no-oops 54/0', /oops/],
])('%s', (_, scenario, property, end) => {
  const found = told({}, scenario)
  expect(found.map(short)).toEqual([property])
  expect(found[0]?.end).toMatch(end)
})
