import { expect, test } from 'vitest'
import { assembled } from './testing.ts'

function mapOf(text: string): string[] {
  return assembled(text).lines.map(({ line, length, source, phase, func }) => [line, length, source ?? '-', phase ?? '-', func ?? '-'].join(' | '))
}

test('a | line holds until the next one, an empty one, or the next function', () => {
  const text = `func a
      push rbp
    | while (acks != 0) cpu_relax(); ; all of it is text
      pause
    .again: jmp .again
    | next
      nop
    |
      nop
    | last
      nop
    func b
      ret`
  expect(mapOf(text)).toEqual([
    '2 | 1 | - | - | a',
    '4 | 2 | while (acks != 0) cpu_relax(); ; all of it is text | - | a',
    '5 | 2 | while (acks != 0) cpu_relax(); ; all of it is text | - | a',
    '7 | 1 | next | - | a',
    '9 | 1 | - | - | a',
    '11 | 1 | last | - | a',
    '13 | 1 | - | - | b',
  ])
})

test('a phase holds until the next one, across functions', () => {
  expect(mapOf('nop\nphase "int3"\nnop\nfunc f\nnop\nphase "tail"\nnop\nphase ""\nnop')).toEqual([
    '1 | 1 | - | - | -',
    '3 | 1 | - | int3 | -',
    '5 | 1 | - | int3 | f',
    '7 | 1 | - | tail | f',
    '9 | 1 | - | - | f',
  ])
})

test('a function and its source line wait while another section is open', () => {
  const text = `section text
    func f
    | call(1)
    nop
    section sites
    dq f
    section text
    nop`
  expect(mapOf(text)).toEqual(['4 | 1 | call(1) | - | f', '8 | 1 | call(1) | - | f', '6 | 8 | - | - | -'])
})

test('every item that produced bytes is in the map, padding and repetitions too', () => {
  expect(mapOf('times 2 nop\ndb 1, 2\nalign 8\nresb 0\nx: int3')).toEqual([
    '1 | 1 | - | - | -',
    '1 | 1 | - | - | -',
    '2 | 2 | - | - | -',
    '3 | 4 | - | - | -',
    '5 | 1 | - | - | -',
  ])
})

test('lines of a macro are those of its body, annotations inside hold on behind it', () => {
  expect(mapOf('macro m\n| in the macro\nnop\nendm\nm\nnop')).toEqual(['3 | 1 | in the macro | - | -', '6 | 1 | in the macro | - | -'])
})

test('addresses in the map are those of the sections', () => {
  const { lines, labels, symbols } = assembled('section a at 0xffffffff81000000\nx: nop\nN equ 5\n.y: int3')
  expect(lines.map(({ section, address }) => [section, address])).toEqual([
    ['a', 0xffff_ffff_8100_0000n],
    ['a', 0xffff_ffff_8100_0001n],
  ])
  expect([...labels]).toEqual(['x', 'x.y'])
  expect([...symbols]).toEqual([
    ['x', 0xffff_ffff_8100_0000n],
    ['N', 5n],
    ['x.y', 0xffff_ffff_8100_0001n],
  ])
})
