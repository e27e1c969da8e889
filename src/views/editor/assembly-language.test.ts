import { StringStream } from '@codemirror/language'
import { expect, test } from 'vitest'
import { assemblyWords } from '../../assembler/words.ts'
import { atlas } from '../../atlas/index.ts'
import { assemblyReader } from './assembly-language.ts'

const reader = assemblyReader(assemblyWords())

function tokens(line: string): string[] {
  const stream = new StringStream(line, 8, 2)
  const state = reader.startState()
  const found: string[] = []
  while (!stream.eol()) {
    const kind = reader.token(stream, state)
    if (kind !== null) found.push(`${stream.current()} ${kind}`)
    stream.start = stream.pos
  }
  return found
}

test.each([
  [
    '.wait:  lock inc dword ptr [rel counter] ; again',
    [
      '.wait: labelName',
      'lock modifier',
      'inc operatorKeyword',
      'dword typeName',
      'ptr typeName',
      'rel typeName',
      'counter variableName',
      '; again comment',
    ],
  ],
  ['| counter++; not a comment', ['| counter++; not a comment docString']],
  ['SYNC equ 0x10', ['SYNC labelName', 'equ keyword', '0x10 number']],
  ['section .text at 0x1000 exec', ['section keyword', '.text variableName', 'at variableName', '0x1000 number', 'exec variableName']],
  ['a: db "it\\"s", \'x\'', ['a: labelName', 'db keyword', '"it\\"s" string', "'x' string"]],
  ['MOV RAX, gs:[8]', ['MOV operatorKeyword', 'RAX variableName.special', 'gs variableName.special', '8 number']],
])('%s', (line, expected) => {
  expect(tokens(line)).toEqual(expected)
})

test('every line of the atlas is read to its end', () => {
  for (const { sources } of atlas.values())
    for (const { text } of sources) for (const line of text.split('\n')) expect(() => tokens(line)).not.toThrow()
})
