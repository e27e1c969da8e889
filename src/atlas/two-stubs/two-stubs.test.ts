/** Two stubs: what closes the hole of the one, what each wrong choice does, and the NMI that opens it again. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const decode = createDecode()
const scenario = atlas.get('two-stubs') as Scenario

const told = (params: Record<string, string>, from = scenario) => races(from, { fetch: 'coherent', ...params }, decode, ['irq_lock'])
const names = (params: Record<string, string>, from = scenario) =>
  told(params, from).map(({ property, steps, switches }) => `${property} ${steps}/${switches}`)

test('an NMI behind the sti uses up its shadow, the next broadcast is taken before the jump, and the stub is made anew', () => {
  const all = told({ arrives: 'nmi' })
  expect(all.map(({ property, steps, switches }) => `${property} ${steps}/${switches}`)).toEqual(['whole-instruction 387/9', 'stub-not-reused 390/9'])
  const { story = [], end } = all[1] ?? {}
  expect(story.slice(story.lastIndexOf('1 #BP')).filter((line) => /^1|sti_stub|site0/.test(line))).toEqual([
    '1 #BP',
    '1 IRET',
    '1 executes push 0xffffffff81001010',
    '1 executes sti',
    ...['1 NMI', '1 IRET'],
    ...['1 IPI', '1 IRET', '0 writes 00001338 → site0+0x1', '1 IRET'],
    ...['1 IPI', '1 IRET', '0 writes e8 → site0', '1 IRET'],
    ...['1 IPI', '1 IRET', '0 writes 45e9fb8100101568 → sti_stub', '0 writes fffff545 → sti_stub_jmp+0x1', '1 IRET'],
    '1 executes jmp callee_d',
  ])
  expect(end).toMatch(/^CPU 1 executes jmp callee_d/)
})

describe('the wrong stub', () => {
  test('the plain one, where interrupts were on: they stay off behind the call', () => {
    const [race, ...more] = told({ choice: 'wrong' })
    expect(more).toEqual([])
    expect(race).toMatchObject({ property: 'interrupts-restored', steps: 172, switches: 3 })
    expect(race?.story.slice(-5)).toEqual([
      '1 #BP',
      '1 IRET',
      '1 executes push 0xffffffff81001010',
      '1 executes jmp callee_b',
      '1 executes call callee_c',
    ])
  })

  test('and who does not look at the flags finds that the next broadcast is never acknowledged', () => {
    const blind = { ...scenario, file: { ...scenario.file, properties: scenario.file.properties.filter(({ id }) => id !== 'interrupts-restored') } }
    const [race, ...more] = told({ choice: 'wrong' }, blind)
    expect(more).toEqual([])
    expect(race?.property).toBe('no-deadlock')
    // Its fate is sealed when the handler returns with IF cleared for good.
    expect(race?.end).toMatch(/^CPU 1 executes iretq/)
  })

  test('the one with sti, where they were off: on they are; and an interrupt waits for the lock of whom it interrupted', () => {
    const [restored, deadlock, ...more] = told({ choice: 'wrong', calls: 'irqs-off', arrives: 'timer' })
    expect(more).toEqual([])
    expect(restored).toMatchObject({ property: 'interrupts-restored', steps: 174, switches: 3 })
    expect(deadlock).toMatchObject({ property: 'no-deadlock', steps: 218, switches: 4 })
    const { story = [] } = deadlock ?? {}
    expect(story.slice(story.lastIndexOf('1 #BP')).filter((line) => line.startsWith('1'))).toEqual([
      '1 #BP',
      '1 IRET',
      '1 executes push 0xffffffff81001018',
      '1 executes sti',
      '1 executes jmp callee_b',
      '1 timer',
      '1 reads irq_lock = 1',
      '1 reads irq_lock = 1',
    ])
  })
})

describe('with one thing broken', () => {
  const own = 'two-stubs.asm'
  test.each<[string, Scenario, Record<string, string>, string[]]>([
    [
      'IF is not cleared: interrupts are on in the stub before its sti',
      edited(scenario, own, '        and     qword ptr [rdi + PT_RFLAGS], ~0x200\n', ''),
      {},
      ['whole-instruction', 'stub-not-reused', 'old-or-new'],
    ],
    [
      'the sti comes first: its shadow covers the push, and not the jump',
      edited(
        scenario,
        'lib/call-stubs.asm',
        '        db      0x68\n        dd      return & 0xffffffff\n        db      0xfb, 0xe9',
        '        db      0xfb, 0x68\n        dd      return & 0xffffffff\n        db      0xe9',
      ),
      {},
      ['whole-instruction', 'stub-not-reused'],
    ],
    [
      'the lock is not released',
      edited(scenario, 'lib/two-sites.asm', '        mov     byte ptr [rel irq_lock], 0\n', ''),
      { calls: 'irqs-off', arrives: 'timer' },
      ['no-deadlock'],
    ],
  ])('%s', (_, broken, params, properties) => {
    expect(names(params, broken).map((name) => name.split(' ')[0])).toEqual(properties)
  })
})
