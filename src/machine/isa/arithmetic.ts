/** Addition and subtraction in all their names. The flag arithmetic is in alu.ts, the operand forms in forms.ts. */
import { ADC, ADD, DEC, INC, NEG, type Operations, SBB, SUB } from './alu.ts'
import { bindBinary, bindCompare, bindUnary } from './forms.ts'
import type { InstructionRecord, MicroOp } from './record.ts'

const READ_MODIFY_WRITE: readonly MicroOp[] = ['load', 'compute', 'store']

function binary(mnemonic: string, meaning: string, operations: Operations): InstructionRecord {
  const manual = `SDM 2 ${mnemonic.toUpperCase()}`
  return {
    mnemonics: [mnemonic],
    meaning,
    manual,
    microOps: READ_MODIFY_WRITE,
    bind: (instruction, bits) => bindBinary(instruction, bits, operations),
  }
}

function unary(mnemonic: string, meaning: string, operations: Operations): InstructionRecord {
  const manual = `SDM 2 ${mnemonic.toUpperCase()}`
  return {
    mnemonics: [mnemonic],
    meaning,
    manual,
    microOps: READ_MODIFY_WRITE,
    bind: (instruction, bits) => bindUnary(instruction, bits, operations),
  }
}

export const arithmeticRecords: readonly InstructionRecord[] = [
  binary('add', 'Adds the source to the destination.', ADD),
  binary('adc', 'Adds the source and CF to the destination.', ADC),
  binary('sub', 'Subtracts the source from the destination.', SUB),
  binary('sbb', 'Subtracts the source and CF from the destination.', SBB),
  {
    mnemonics: ['cmp'],
    meaning: 'Sets the flags of first minus second.',
    manual: 'SDM 2 CMP',
    microOps: ['load', 'compute'],
    bind: (instruction, bits) => bindCompare(instruction, bits, SUB),
  },
  unary('inc', 'Adds 1; leaves CF.', INC),
  unary('dec', 'Subtracts 1; leaves CF.', DEC),
  unary('neg', 'Subtracts the destination from 0.', NEG),
]
