/** Decimal adjustment and array bounds: 32-bit mode only. */
import { assert } from '../../lib/assert.ts'
import type { Instruction } from '../instruction.ts'
import { FLAG_AF, FLAG_CF, FLAG_PF, FLAG_SF, FLAG_ZF, FLAGS } from '../layout.ts'
import { type Machine, VECTOR_BR, VECTOR_DE } from '../machine.ts'
import { resultFlags8, setFlags } from './flags.ts'
import { type Bits, bindAddress, operandAt, RAX, readRegister, writeRegister } from './operands.ts'
import type { Execute, InstructionRecord } from './record.ts'

const SZP = FLAG_SF | FLAG_ZF | FLAG_PF
const SZAPC = SZP | FLAG_AF | FLAG_CF

const writeAl = writeRegister(RAX, 1)
const writeAx = writeRegister(RAX, 2)

function ax(m: Machine): number {
  return (m.w[m.c + 2 * RAX] as number) & 0xffff
}

/** Does the low digit of al need an adjustment? */
function lowDigitOverflowed(m: Machine): boolean {
  return (ax(m) & 15) > 9 || ((m.w[m.c + FLAGS] as number) & FLAG_AF) !== 0
}

/** aaa, aas: unpacked digits. `step` is what an adjustment adds to ax. */
function asciiAdjust(step: number): Execute {
  return (m) => {
    const adjust = lowDigitOverflowed(m)
    const result = adjust ? ax(m) + step : ax(m)
    writeAx(m, result & 0xff0f, 0)
    setFlags(m, FLAG_AF | FLAG_CF, adjust ? FLAG_AF | FLAG_CF : 0)
  }
}

/** daa, das: packed digits; `sign` is 1 after an addition, -1 after a subtraction. */
function decimalAdjust(sign: 1 | -1): Execute {
  return (m) => {
    const old = ax(m) & 0xff
    const oldCarry = ((m.w[m.c + FLAGS] as number) & FLAG_CF) !== 0
    const low = lowDigitOverflowed(m)
    const high = old > 0x99 || oldCarry
    const once = low ? old + 6 * sign : old
    const al = (high ? once + 0x60 * sign : once) & 0xff
    // A subtraction that borrows out of the low digit's adjustment sets CF too; an addition that carries there has old > 0x99 anyway.
    const carry = high || once < 0
    writeAl(m, al, 0)
    setFlags(m, SZAPC, resultFlags8(al) | (low ? FLAG_AF : 0) | (carry ? FLAG_CF : 0))
  }
}

function baseOf(instruction: Instruction): number {
  const operand = operandAt(instruction, 0)
  assert(operand.kind === 'imm', instruction.code)
  return operand.lo & 0xff
}

function bindAam(instruction: Instruction): Execute {
  const base = baseOf(instruction)
  return (m) => {
    if (base === 0) m.raise(VECTOR_DE)
    const al = ax(m) & 0xff
    const rest = al % base
    writeAx(m, (Math.floor(al / base) << 8) | rest, 0)
    setFlags(m, SZP, resultFlags8(rest))
  }
}

function bindAad(instruction: Instruction): Execute {
  const base = baseOf(instruction)
  return (m) => {
    const al = ((ax(m) & 0xff) + (ax(m) >>> 8) * base) & 0xff
    writeAx(m, al, 0)
    setFlags(m, SZP, resultFlags8(al))
  }
}

/** Raises #BR where the signed index lies outside the pair of bounds in memory. */
function bindBound(instruction: Instruction, bits: Bits): Execute | null {
  const index = operandAt(instruction, 0)
  const place = operandAt(instruction, 1)
  if (index.kind !== 'reg' || place.kind !== 'mem' || (index.size !== 2 && index.size !== 4)) return null
  const { size } = index
  const spare = 32 - 8 * size
  const read = readRegister(index.index, size)
  const address = bindAddress(place, instruction, bits)
  return (m) => {
    address(m)
    m.load(m.lo, m.hi, 2 * size)
    const lower = (m.lo << spare) >> spare
    const upper = size === 4 ? m.hi : m.lo >> 16
    read(m)
    const value = (m.lo << spare) >> spare
    if (value < lower || value > upper) m.raise(VECTOR_BR)
  }
}

export const decimalRecords: readonly InstructionRecord[] = [
  {
    mnemonics: ['aaa'],
    meaning: 'Adjusts ax after adding unpacked digits.',
    manual: 'SDM 2A AAA',
    microOps: ['compute'],
    bind: () => asciiAdjust(0x106),
  },
  {
    mnemonics: ['aas'],
    meaning: 'Adjusts ax after subtracting unpacked digits.',
    manual: 'SDM 2A AAS',
    microOps: ['compute'],
    bind: () => asciiAdjust(-0x106),
  },
  {
    mnemonics: ['daa'],
    meaning: 'Adjusts al after adding packed digits.',
    manual: 'SDM 2A DAA',
    microOps: ['compute'],
    bind: () => decimalAdjust(1),
  },
  {
    mnemonics: ['das'],
    meaning: 'Adjusts al after subtracting packed digits.',
    manual: 'SDM 2A DAS',
    microOps: ['compute'],
    bind: () => decimalAdjust(-1),
  },
  { mnemonics: ['aam'], meaning: 'Splits al into two digits.', manual: 'SDM 2A AAM', microOps: ['compute'], bind: bindAam },
  { mnemonics: ['aad'], meaning: 'Joins two digits in ax.', manual: 'SDM 2A AAD', microOps: ['compute'], bind: bindAad },
  {
    mnemonics: ['bound'],
    meaning: 'Raises #BR for an index out of bounds.',
    manual: 'SDM 2A BOUND',
    microOps: ['load', 'load', 'compute'],
    bind: bindBound,
  },
]
