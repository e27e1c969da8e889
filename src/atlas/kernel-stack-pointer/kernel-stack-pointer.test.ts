/** kernel_stack_pointer(): which question is answered rightly by which frame, and that the answer is compared with what the machine does. */
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import type { Scenario } from '../../scenario/format.ts'
import { races } from '../../scenario/races.ts'
import { edited } from '../../scenario/toy.ts'
import { atlas } from '../index.ts'

const scenario = atlas.get('kernel-stack-pointer') as Scenario
const decode = createDecode()

/** y: right, -: wrong, for the questions of the int3 handler, of somebody later, of an NMI. */
const answers = (frame: string, reads: string) =>
  ['int3', 'later', 'nmi'].map((asks) => (races(scenario, { frame, reads, asks }, decode).length === 0 ? 'y' : '-')).join('')

test('who gets the right answer', () => {
  const table = ['old', 'first-cut', 'int3-only', 'move', 'complete'].map((frame) => [
    frame,
    ...['address', 'value', 'marked'].map((reads) => answers(frame, reads)),
  ])
  expect(table).toEqual([
    ['old', 'yyy', '---', 'yyy'],
    ['first-cut', '--y', '---', '--y'],
    ['int3-only', '--y', 'yy-', 'yyy'],
    ['move', 'y-y', '---', 'y-y'],
    ['complete', '---', 'yyy', 'yyy'],
  ])
})

test('an NMI in the middle is asked about itself, not about the int3', () => {
  const [race] = races(scenario, { frame: 'int3-only', asks: 'nmi' }, decode)
  expect(race).toMatchObject({ property: 'nmi-answer', story: ['0 NMI'] })
})

test.each([
  [
    'the complete frame says S, but a word too low',
    edited(scenario, 'lib/pt-regs32.asm', 'add     dword ptr [esp], 24', 'add     dword ptr [esp], 20'),
    'int3',
    'int3-answer',
  ],
  [
    'the same, asked by an NMI',
    edited(scenario, 'handler.asm', 'mov     [answer], eax', 'dec     eax\n        mov     [answer], eax'),
    'nmi',
    'nmi-answer',
  ],
])('%s', (_, broken, asks, property) => {
  expect(races(broken, { asks }, decode).map((race) => race.property)).toEqual([property])
})
