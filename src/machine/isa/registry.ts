/**
 * All instruction families behind one door: from a decoded instruction to the code that executes it. What every instruction shares is
 * decided here too: undefined opcodes, LOCK where it is not allowed, over-long encodings, and privilege.
 */
import type { Instruction } from '../instruction.ts'
import { VECTOR_GP, VECTOR_UD } from '../machine.ts'
import { arithmeticRecords } from './arithmetic.ts'
import { bitRecords } from './bits.ts'
import { branchRecords } from './branches.ts'
import { decimalRecords } from './decimal.ts'
import { exchangeRecords } from './exchange.ts'
import { extensionRecords } from './extensions.ts'
import { flagRecords } from './flag-control.ts'
import { hintRecords } from './hints.ts'
import { logicRecords } from './logic.ts'
import { moveRecords } from './moves.ts'
import { multiplyRecords } from './multiply.ts'
import type { Execute, InstructionRecord } from './record.ts'
import { shiftRecords } from './shifts.ts'
import { stackRecords } from './stack.ts'
import { stringRecords } from './strings.ts'
import { systemRecords } from './system.ts'

export interface Bound {
  readonly execute: Execute
  /** It waits for an empty store buffer. */
  readonly needsEmptyBuffer: boolean
  readonly record: InstructionRecord
}

/** Every record; where several name the same mnemonic, the first whose `bind` accepts the form wins. */
export const RECORDS: readonly InstructionRecord[] = [
  ...moveRecords,
  ...arithmeticRecords,
  ...logicRecords,
  ...branchRecords,
  ...stackRecords,
  ...shiftRecords,
  ...multiplyRecords,
  ...bitRecords,
  ...exchangeRecords,
  ...stringRecords,
  ...flagRecords,
  ...decimalRecords,
  ...hintRecords,
  ...extensionRecords,
  ...systemRecords,
]

const BY_MNEMONIC = new Map<string, InstructionRecord[]>()
for (const record of RECORDS) {
  for (const mnemonic of record.mnemonics) BY_MNEMONIC.set(mnemonic, [...(BY_MNEMONIC.get(mnemonic) ?? []), record])
}

function raising(meaning: string, manual: string, vector: number, errorCode: number): Bound {
  const execute: Execute = (m) => m.raise(vector, errorCode)
  return {
    execute,
    needsEmptyBuffer: true,
    record: { mnemonics: ['invalid'], meaning, manual, microOps: ['raise'], drains: true, bind: () => execute },
  }
}

const UNDEFINED = raising('Bytes that are no instruction raise #UD.', 'SDM 3A 6.15 (interrupt 6)', VECTOR_UD, -1)
const MISPLACED_LOCK = raising('LOCK on anything but a read-modify-write of memory raises #UD.', 'SDM 2A LOCK', VECTOR_UD, -1)
const TOO_LONG = raising('An instruction of more than 15 bytes raises #GP.', 'SDM 3A 6.15 (interrupt 13)', VECTOR_GP, 0)

/** The code that executes this instruction, or null where the machine does not support it. */
export function bind(instruction: Instruction, bits: 32 | 64): Bound | null {
  if (instruction.invalid === 'undefined') return UNDEFINED
  if (instruction.invalid === 'too-long') return TOO_LONG
  if (instruction.invalid !== null) return null
  if (instruction.lock && !(instruction.lockable && instruction.operands[0]?.kind === 'mem')) return MISPLACED_LOCK
  for (const record of BY_MNEMONIC.get(instruction.mnemonic) ?? []) {
    const execute = record.bind(instruction, bits)
    if (execute === null) continue
    const drains = typeof record.drains === 'function' ? record.drains(instruction) : record.drains === true
    const needsEmptyBuffer = drains || instruction.lock || exchangesMemory(instruction)
    return { execute: instruction.privileged ? onlyInRing0(execute) : execute, needsEmptyBuffer, record }
  }
  return instruction.privileged ? { ...UNSUPPORTED_IN_RING0, execute: onlyInRing0(refuse(instruction)) } : null
}

/** Elsewhere than in ring 0 the outcome is known even of a privileged instruction that is not modelled. */
const UNSUPPORTED_IN_RING0 = raising('A privileged instruction raises #GP elsewhere than in ring 0.', 'SDM 3A 5.9', VECTOR_GP, 0)

function refuse(instruction: Instruction): Execute {
  return (m) => m.unsupported(`${instruction.mnemonic} (${instruction.code})`)
}

/** xchg with memory is locked without the prefix. */
function exchangesMemory(instruction: Instruction): boolean {
  return instruction.mnemonic === 'xchg' && instruction.operands.some((operand) => operand.kind === 'mem')
}

function onlyInRing0(execute: Execute): Execute {
  return (m) => {
    if (m.cpl !== 0) m.raise(VECTOR_GP, 0)
    execute(m)
  }
}
