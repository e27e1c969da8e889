import { expect, test } from 'vitest'
import type { CliIo } from './io.ts'
import { run } from './litmus.ts'

const SB = (name: string) =>
  `X86 ${name}\n{ x=0; y=0; }\n P0 | P1 ;\n MOV [x],$1 | MOV [y],$1 ;\n MOV EAX,[y] | MOV EAX,[x] ;\nexists (0:EAX=0 /\\ 1:EAX=0)\n`

async function litmus(args: string[], files: Readonly<Record<string, string>>): Promise<{ code: number; tests: string[]; err: string[] }> {
  let out = ''
  let err = ''
  const io: CliIo = {
    stdin: (async function* () {})(),
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    readFile: (path) => files[path] ?? fails('ENOENT'),
    writeFile: () => {},
    filesBelow: (folder) => {
      const start = `${folder.replace(/\/$/, '')}/`
      const below = Object.keys(files).flatMap((path) => (path.startsWith(start) ? [path.slice(start.length)] : []))
      return below.length === 0 ? fails('ENOENT') : below
    },
  }
  const code = await run(args, io)
  return { code, tests: [...out.matchAll(/^Test (\S+)/gm)].map(([, name]) => name as string), err: err.split('\n').filter((line) => line !== '') }
}

function fails(code: string): never {
  throw Object.assign(new Error(code), { code })
}

test('a folder stands for the tests below it, beside files that are named', async () => {
  const files = { 'suite/a.litmus': SB('A'), 'suite/deep/b.litmus': SB('B'), 'suite/@all': 'a.litmus', 'c.litmus': SB('C') }
  expect(await litmus(['suite/', 'c.litmus'], files)).toEqual({ code: 0, tests: ['A', 'B', 'C'], err: [] })
})

test('what cannot be read is named, and the others still run', async () => {
  const files = { 'suite/a.litmus': SB('A'), 'suite/bad.litmus': 'no test', 'texts/readme': 'none here' }
  const { code, tests, err } = await litmus(['gone', 'suite', 'texts'], files)
  expect([code, tests]).toEqual([2, ['A']])
  expect(err).toEqual([
    'litmus: texts: holds no .litmus file',
    'litmus: gone: no such file',
    expect.stringContaining('litmus: suite/bad.litmus: the first line'),
  ])
})
