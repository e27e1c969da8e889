import { expect, test } from 'vitest'
import { describeFileError, linesOf } from './io.ts'

async function lines(...chunks: string[]): Promise<string[]> {
  const result: string[] = []
  for await (const line of linesOf(
    (async function* () {
      yield* chunks
    })(),
  ))
    result.push(line)
  return result
}

test('lines end at LF and CRLF, wherever the chunks are cut', async () => {
  expect(await lines('a\nb', 'c\r', '\n\nd')).toEqual(['a', 'bc', '', 'd'])
})

test('a last line end adds no empty line', async () => {
  expect(await lines('a\n')).toEqual(['a'])
  expect(await lines()).toEqual([])
})

test('a line separator that JSON allows within a string is no line end', async () => {
  expect(await lines('"a\u2028b"\n')).toEqual(['"a\u2028b"'])
})

test('a file error is said in words', () => {
  expect(describeFileError(Object.assign(new Error('ENOENT: long text'), { code: 'ENOENT' }))).toBe('no such file')
  expect(describeFileError(new Error('odd'))).toBe('odd')
})
