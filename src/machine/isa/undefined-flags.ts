/**
 * The flags that the manual leaves undefined, by instruction (SDM vol. 1 appendix A, and vol. 2 for the rules by count). Comparisons with real
 * processors, which differ among each other here, leave them out.
 *
 * What this machine does with them:
 *   and or xor test            AF = 0
 *   shl shr sar shld shrd      AF = 0; OF by the formula for a count of 1, whatever the count
 *   rol ror rcl rcr            OF by the formula for a count of 1
 *   mul imul, div idiv         unchanged
 *   bt bts btr btc, bsf bsr    unchanged
 *   tzcnt lzcnt                unchanged
 *   andn bls* bzhi bextr       unchanged
 *   aaa aas aam aad daa das    unchanged
 */
import type { Instruction } from '../instruction.ts'
import { FLAG_AF, FLAG_CF, FLAG_OF, FLAG_PF, FLAG_SF, FLAG_ZF } from '../layout.ts'
import { STATUS_FLAGS } from './flags.ts'

const ALWAYS: Readonly<Record<string, number>> = {
  and: FLAG_AF,
  or: FLAG_AF,
  xor: FLAG_AF,
  test: FLAG_AF,
  mul: FLAG_SF | FLAG_ZF | FLAG_AF | FLAG_PF,
  imul: FLAG_SF | FLAG_ZF | FLAG_AF | FLAG_PF,
  div: STATUS_FLAGS,
  idiv: STATUS_FLAGS,
  bsf: STATUS_FLAGS & ~FLAG_ZF,
  bsr: STATUS_FLAGS & ~FLAG_ZF,
  bt: FLAG_OF | FLAG_SF | FLAG_AF | FLAG_PF,
  bts: FLAG_OF | FLAG_SF | FLAG_AF | FLAG_PF,
  btr: FLAG_OF | FLAG_SF | FLAG_AF | FLAG_PF,
  btc: FLAG_OF | FLAG_SF | FLAG_AF | FLAG_PF,
  tzcnt: FLAG_OF | FLAG_SF | FLAG_AF | FLAG_PF,
  lzcnt: FLAG_OF | FLAG_SF | FLAG_AF | FLAG_PF,
  andn: FLAG_AF | FLAG_PF,
  blsi: FLAG_AF | FLAG_PF,
  blsmsk: FLAG_AF | FLAG_PF,
  blsr: FLAG_AF | FLAG_PF,
  bzhi: FLAG_AF | FLAG_PF,
  bextr: FLAG_AF | FLAG_PF | FLAG_SF,
  aaa: FLAG_OF | FLAG_SF | FLAG_ZF | FLAG_PF,
  aas: FLAG_OF | FLAG_SF | FLAG_ZF | FLAG_PF,
  aam: FLAG_OF | FLAG_AF | FLAG_CF,
  aad: FLAG_OF | FLAG_AF | FLAG_CF,
  daa: FLAG_OF,
  das: FLAG_OF,
}

const SHIFTS = new Set(['shl', 'sal', 'shr', 'sar'])
const ROTATES = new Set(['rol', 'ror', 'rcl', 'rcr'])
const DOUBLE_SHIFTS = new Set(['shld', 'shrd'])

/** The undefined flags of this instruction, when its count register (cl) holds `cl`. */
export function undefinedFlags(instruction: Instruction, cl: number): number {
  const { mnemonic } = instruction
  if (SHIFTS.has(mnemonic) || ROTATES.has(mnemonic) || DOUBLE_SHIFTS.has(mnemonic)) return byCount(instruction, cl)
  return ALWAYS[mnemonic] ?? 0
}

function byCount(instruction: Instruction, cl: number): number {
  const { mnemonic, operands } = instruction
  const target = operands[0]
  const given = operands[operands.length - 1]
  const width = target?.kind === 'reg' || target?.kind === 'mem' ? 8 * target.size : 0
  const count = (given?.kind === 'imm' ? given.lo : cl) & (width === 64 ? 63 : 31)
  if (count === 0) return 0
  const overflow = count === 1 ? 0 : FLAG_OF
  if (ROTATES.has(mnemonic)) return overflow
  if (DOUBLE_SHIFTS.has(mnemonic)) return count > width ? STATUS_FLAGS : FLAG_AF | overflow
  return FLAG_AF | overflow | (mnemonic !== 'sar' && count >= width ? FLAG_CF : 0)
}

/** Is the destination of this instruction undefined as well? (16-bit double shifts by more than 16, and a 16-bit bswap.) */
export function hasUndefinedResult(instruction: Instruction, cl: number): boolean {
  const { mnemonic, operands } = instruction
  const target = operands[0]
  if ((target?.kind !== 'reg' && target?.kind !== 'mem') || target.size !== 2) return false
  if (mnemonic === 'bswap') return true
  const given = operands[operands.length - 1]
  return DOUBLE_SHIFTS.has(mnemonic) && ((given?.kind === 'imm' ? given.lo : cl) & 31) > 16
}
