import { expect, test } from 'vitest'
import { run } from './exec.ts'
import type { CliIo } from './io.ts'

/** Runs lines through the verb and notes what was read when each result came out. */
async function exec(
  lines: Iterable<string>,
  args: string[] = [],
): Promise<{ code: number; results: Record<string, unknown>[]; err: string; ahead: number }> {
  const results: Record<string, unknown>[] = []
  let err = ''
  let read = 0
  let ahead = 0
  const io: CliIo = {
    stdin: (async function* () {
      for (const line of lines) {
        read++
        yield line
      }
    })(),
    out: (text) => {
      results.push(JSON.parse(text))
      ahead = Math.max(ahead, read - results.length)
    },
    err: (text) => {
      err += text
    },
    readFile: () => '',
    writeFile: () => {},
  }
  return { code: await run(args, io), results, err, ahead }
}

const good = (id: string) => JSON.stringify({ id, bits: 64, rip: '0x1000', code: '90cc' })

test('one result a case, in the same order, as they come', async () => {
  const { code, results, err, ahead } = await exec(Array.from({ length: 50 }, (_, i) => good(`case ${i}`)))
  expect([code, err, ahead]).toEqual([0, '', 0])
  expect(results.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, i) => `case ${i}`))
  expect(Object.keys(results[0] as object)).toEqual(['id', 'stop', 'vector', 'regs', 'mem', 'steps'])
})

test('a bad case keeps its place, says what is wrong on one line, and the others still run', async () => {
  const { code, results, err } = await exec([good('a'), '{"id":"b","bits":64}', '', '{', good('c'), '[]'])
  expect(code).toBe(2)
  expect(results.map(({ id, stop }) => [id, stop])).toEqual([
    ['a', 'exception'],
    ['b', 'error'],
    [null, 'error'],
    ['c', 'exception'],
    [null, 'error'],
  ])
  expect(err.trimEnd().split('\n')).toEqual([
    'pokescope exec: line 2: rip must be a number or a "0x…" string of at most 64 bits',
    expect.stringMatching(/^pokescope exec: line 4: is no JSON: /),
    'pokescope exec: line 6: the case must be a JSON object',
  ])
})

test('an argument is a mistake', async () => {
  expect(await exec([], ['file'])).toMatchObject({
    code: 2,
    results: [],
    err: 'pokescope exec: takes no arguments; cases come on standard input, one a line\n',
  })
})
