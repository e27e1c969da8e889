/** The frame on 32 bit: what each proposal does to the stack, to the word, and that each property can fail for its own reason. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { MachineEvent } from '../../machine/events.ts'
import type { Scenario } from '../../scenario/format.ts'
import type { Params } from '../../scenario/params.ts'
import { Checker } from '../../scenario/properties.ts'
import { type Race, races } from '../../scenario/races.ts'
import { Run } from '../../scenario/run.ts'
import { readWord } from '../../scenario/scope.ts'
import { edited, mustBuild } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const frame32 = atlas.get('frame-32') as Scenario

const told = (params: Params, scenario = frame32): Race[] => races(scenario, params, decode)
const short = ({ property, steps, switches }: Race) => `${property} ${steps}/${switches}`

/** A run in which nothing arrives, until an event for which `until` holds; and the words around S, the interrupted stack pointer, by their distance from it. */
function follow(params: Params, until: (event: MachineEvent, func: string | null) => boolean) {
  const instance = mustBuild(frame32, params, decode)
  const checker = Checker.create(instance)
  if (!checker.ok) throw new Error(checker.error.join('\n'))
  const run = new Run(instance, checker.value)
  const at = (label: string) => Number(instance.program.symbol(label))
  for (let steps = 0; steps < 300; steps++) {
    const events = run.take(run.choices()[0] as number)?.events ?? []
    const event = events.find((each) => until(each, 'address' in each ? instance.program.func(each.address) : null))
    if (event !== undefined) return { event, at, word: (offset: number) => Number(readWord(run.machine, BigInt(at('S') + offset), 4)) }
  }
  throw new Error('it never happens')
}

const entered = (event: MachineEvent, func: string | null) => event.kind === 'execute' && event.mnemonic === 'call' && func === 'asm_exc_int3'
const left = (event: MachineEvent) => event.kind === 'iret'

describe('what the handler finds', () => {
  test('old frame: 15 words, which end where the interrupted stack begins', () => {
    const { at, word } = follow({ frame: 'naive' }, entered)
    expect([word(-4) & 0xffff, word(-8), word(-12), word(-16)]).toEqual([0x297, 0x60, at('site0') + 1, 0xffffffff])
    expect([word(-0x24), word(-0x3c)]).toEqual([0xa0, 0xa3])
    expect(word(-0x40), 'return address of the call of the handler').toBeGreaterThan(at('asm_exc_int3'))
    expect(word(0)).toBe(at('pass_end'))
  })

  test('complete frame: the five words of the gap, then all 17 of pt_regs', () => {
    const { at, word } = follow({ frame: 'complete' }, entered)
    const regs = -0x58
    expect([0x2c, 0x30, 0x34, 0x38, 0x3c, 0x40].map((offset) => word(regs + offset))).toEqual([
      0xffffffff,
      at('site0') + 1,
      0x60 | (1 << 29),
      word(-4),
      at('S'),
      0x68,
    ])
    expect([0x00, 0x04, 0x0c, 0x18, 0x1c, 0x20].map((offset) => word(regs + offset))).toEqual([0xa3, 0xa1, 0xa6, 0xa0, 0x68, 0x68])
    expect(word(-0x5c), 'return address of the call of the handler').toBeGreaterThan(at('asm_exc_int3'))
  })

  test('first cut: at the place of sp lies a copy of the word at S', () => {
    const { at, word } = follow({ frame: 'first-cut' }, entered)
    expect(word(-0x18)).toBe(word(0))
    expect(word(0)).toBe(at('pass_end'))
  })
})

describe('where IRET comes back', () => {
  test.each([
    ['complete', -4],
    ['int3-only', -4],
    ['move', -4],
    ['pointer', -4],
    ['in-place', 0],
    ['skip', 0],
  ])('%s: at S%i', (frame, offset) => {
    const { event, at } = follow({ frame }, left)
    expect(event).toMatchObject({ sp: BigInt(at('S') + offset) })
  })

  test('first cut: 24 bytes too low, even where there is nothing to push', () => {
    const { event, at } = follow({ frame: 'first-cut', emulates: 'jmp' }, left)
    expect(event).toMatchObject({ sp: BigInt(at('S') - 24) })
  })

  test('one push uses the gap of the complete frame to its last word', () => {
    const { word, at } = follow({}, left)
    expect([-4, -8, -12, -16, -20].map(word)).toEqual([at('site0_end'), 0x297, 0x60, at('ftrace_regs_caller'), 0xa0])
  })
})

describe('what breaks', () => {
  test('naive: the return address of the caller is lowered by four, and the push goes where it points', () => {
    const [race, ...more] = told({ frame: 'naive' })
    expect(more).toEqual([])
    expect(race).toMatchObject({ property: 'no-fault', steps: 39, story: ['0 executes int3', '0 #BP'] })
    expect(race?.end).toMatch(/mov dword ptr \[ecx\], edx: #PF on 0xc100101d, error code 0x3 /)
    const { word, at } = follow({ frame: 'naive' }, ({ kind }) => kind === 'stop')
    expect(word(0)).toBe(at('pass_end') - 4)
  })

  test('in place: the flags come from a return address, and nothing is pushed', () => {
    const [race] = told({ frame: 'in-place' })
    expect(race).toMatchObject({ property: 'as-called', steps: 57, story: ['0 executes int3', '0 #BP', '0 IRET'] })
  })

  test('up too early: an NMI writes over what is still to be read', () => {
    const found = told({ exit: 'early', arrives: 'nmi' })
    expect(found.map(short)).toEqual(['as-called 144/0', 'frame-intact 150/0', 'no-fault 144/0'])
    for (const { story } of found) expect(story.slice(0, 4)).toEqual(['0 executes int3', '0 #BP', '0 NMI', '0 IRET'])
    expect(found[2]?.end).toMatch(/^CPU 0 executes iretd: #GP/)
  })

  test('the short way out forgets a changed EIP: the CPU goes on inside of the instruction', () => {
    const [race] = told({ exit: 'reuse', emulates: 'jmp' })
    expect(race).toMatchObject({
      property: 'no-fault',
      steps: 69,
      story: ['0 executes int3', '0 #BP', '0 IRET', '0 executes pop ds'],
    })
  })
})

const EMULATE = 'lib/int3-emulate32.asm'

test.each<[string, Scenario, Params, string, RegExp]>([
  [
    'the way out does not look at regs->sp',
    edited(frame32, 'lib/pt-regs32.asm', '| sp = regs->sp\n        mov     eax, [esp + 20]', '        lea     eax, [esp + 48]'),
    {},
    'as-called 88/0',
    /iretd/,
  ],
  [
    'regs->sp is a word too low',
    edited(frame32, 'lib/pt-regs32.asm', 'add     dword ptr [esp], 24', 'add     dword ptr [esp], 20'),
    {},
    'as-called 88/0',
    /iretd/,
  ],
  ['the handler jumps without a push', edited(frame32, EMULATE, '        call    int3_emulate_push\n', ''), {}, 'as-called 82/0', /iretd/],
  [
    'the frame is moved from its end, over itself',
    edited(
      frame32,
      EMULATE,
      '        cld\n        rep movsd\n',
      '        lea     esi, [esi + 56]\n        lea     edi, [edi + 56]\n        std\n        rep movsd\n        cld\n',
    ),
    { frame: 'move' },
    'no-fault 86/0',
    /iretd: #GP/,
  ],
  [
    'nobody takes the moved regs',
    edited(frame32, 'lib/entry32-2019.asm', '        call    exc_int3\n        mov     esp, eax', '        call    exc_int3\n        add     esp, 8'),
    { frame: 'move' },
    'no-fault 83/0',
    /iretd: #GP/,
  ],
  ['the handler knows another site', edited(frame32, 'handler.asm', 'PT_IP], site0 + 1', 'PT_IP], site0 + 2'), {}, 'no-oops 45/0', /oops/],
  [
    'the tracer returns with other flags',
    edited(frame32, 'caller.asm', '        pop     ecx\n', '        pop     ecx\n        inc     ecx\n'),
    {},
    'frame-intact 95/0',
    /ret/,
  ],
])('%s', (_, scenario, params, property, end) => {
  const found = told(params, scenario)
  expect(found.map(short)).toEqual([property])
  expect(found[0]?.end).toMatch(end)
})
