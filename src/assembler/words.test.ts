import { expect, test } from 'vitest'
import { assemblyWords } from './words.ts'

test('the words that people write are there, what the assembler does not take is not', () => {
  const { mnemonics, prefixes, registers, directives } = assemblyWords()
  for (const word of ['mov', 'jz', 'call', 'cmpxchg16b', 'iretq', 'int3', 'movs', 'wrmsr']) expect(mnemonics).toContain(word)
  for (const word of ['vaddps', 'addps', 'nonsense']) expect(mnemonics).not.toContain(word)
  expect(prefixes).toContain('lock')
  for (const word of ['rax', 'r8b', 'gs', 'cr3', 'dil']) expect(registers).toContain(word)
  for (const word of ['xmm0', 'st']) expect(registers).not.toContain(word)
  expect(directives).toEqual(expect.arrayContaining(['section', 'func', 'phase', 'rept', 'endm', 'dq', 'equ']))
})
