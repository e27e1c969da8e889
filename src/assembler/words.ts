/** The words of the language, from the tables that read it: for whoever completes or colours a text. */
import { registerNames } from '../decoder/registers.ts'
import { DIRECTIVES } from './directives.ts'
import { PREFIXES } from './instruction.ts'
import { spellings } from './mnemonics.ts'
import { OPERAND_WORDS, SIZES } from './operand.ts'
import { BLOCKS } from './statement.ts'

export interface AssemblyWords {
  readonly mnemonics: readonly string[]
  readonly prefixes: readonly string[]
  readonly registers: readonly string[]
  readonly directives: readonly string[]
  /** Sizes and the like, of operands. */
  readonly operandWords: readonly string[]
}

let words: AssemblyWords | undefined

/** The decoder must have been loaded. */
export function assemblyWords(): AssemblyWords {
  words ??= {
    mnemonics: spellings(),
    prefixes: Object.keys(PREFIXES),
    registers: registerNames(),
    directives: [...DIRECTIVES.keys(), ...BLOCKS, 'equ'],
    operandWords: [...Object.keys(SIZES), ...OPERAND_WORDS],
  }
  return words
}
