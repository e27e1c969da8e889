/** How the assembler's language is coloured (its grammar: src/assembler/README.md). The words come from the assembler's own tables. */
import { StreamLanguage, type StringStream } from '@codemirror/language'
import type { AssemblyWords } from '../../worker/protocol.ts'

interface LineState {
  /** A statement may begin here: behind labels, prefixes, `times N`. */
  begins: boolean
}

const WORD = /^(?:%%)?(?:[A-Za-z_.?@]|\{\w+\})(?:[\w.?@$#]|\{\w+\})*/

/** One reader for each set of words. */
export function assemblyReader(words: AssemblyWords) {
  const [mnemonics, prefixes, registers, directives, operandWords] = [
    words.mnemonics,
    words.prefixes,
    words.registers,
    words.directives,
    words.operandWords,
  ].map((list) => new Set(list))
  return {
    name: 'assembly',
    startState: (): LineState => ({ begins: true }),
    copyState: (state: LineState): LineState => ({ ...state }),
    token(stream: StringStream, state: LineState): string | null {
      if (stream.sol()) state.begins = true
      if (stream.eatSpace()) return null
      const { begins } = state
      if (stream.eat(';')) {
        stream.skipToEnd()
        return 'comment'
      }
      if (begins && stream.eat('|')) {
        stream.skipToEnd()
        return 'docString'
      }
      if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^'\\]|\\.)*'?/)) return 'string'
      if (stream.match(/^\d\w*/)) return 'number'
      const word = stream.match(WORD)
      if (!word || word === true) {
        stream.next()
        return null
      }
      if (stream.match(/^\s*:/, false) && begins) {
        stream.match(/^\s*:/)
        return 'labelName'
      }
      const lower = word[0].toLowerCase()
      if (prefixes?.has(lower)) return 'modifier'
      if (begins && stream.match(/^\s+equ\b/i, false)) {
        state.begins = false
        return 'labelName'
      }
      state.begins = lower === 'times'
      if ((begins && directives?.has(lower)) || lower === 'equ') return 'keyword'
      if (registers?.has(lower)) return 'variableName.special'
      if (operandWords?.has(lower)) return 'typeName'
      if (mnemonics?.has(lower)) return 'operatorKeyword'
      return 'variableName'
    },
    languageData: { commentTokens: { line: ';' } },
  }
}

export function assemblyLanguage(words: AssemblyWords) {
  return StreamLanguage.define(assemblyReader(words))
}
