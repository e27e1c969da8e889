/** Bitwise operations. CF and OF become 0; AF is undefined (undefined-flags.ts), here 0. */
import { AND, NOT, OR, XOR } from './alu.ts'
import { bindBinary, bindCompare, bindUnary } from './forms.ts'
import type { InstructionRecord } from './record.ts'

export const logicRecords: readonly InstructionRecord[] = [
  {
    mnemonics: ['and'],
    meaning: 'Bitwise and.',
    manual: 'SDM 2 AND',
    microOps: ['load', 'compute', 'store'],
    bind: (instruction, bits) => bindBinary(instruction, bits, AND),
  },
  {
    mnemonics: ['or'],
    meaning: 'Bitwise or.',
    manual: 'SDM 2 OR',
    microOps: ['load', 'compute', 'store'],
    bind: (instruction, bits) => bindBinary(instruction, bits, OR),
  },
  {
    mnemonics: ['xor'],
    meaning: 'Bitwise exclusive or.',
    manual: 'SDM 2 XOR',
    microOps: ['load', 'compute', 'store'],
    bind: (instruction, bits) => bindBinary(instruction, bits, XOR),
  },
  {
    mnemonics: ['test'],
    meaning: 'Sets the flags of a bitwise and.',
    manual: 'SDM 2 TEST',
    microOps: ['load', 'compute'],
    bind: (instruction, bits) => bindCompare(instruction, bits, AND),
  },
  {
    mnemonics: ['not'],
    meaning: 'Flips every bit; changes no flag.',
    manual: 'SDM 2 NOT',
    microOps: ['load', 'compute', 'store'],
    bind: (instruction, bits) => bindUnary(instruction, bits, NOT),
  },
]
