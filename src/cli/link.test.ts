import { expect, test } from 'vitest'
import type { CliIo } from './io.ts'
import { run } from './link.ts'

const REPLAY = {
  version: 1,
  scenario: 'text-poke',
  params: { sync1: 'off' },
  schedule: '0s*12 1s 1s.2 0d',
  cursor: 14,
  digest: '0123456789abcdef',
  title: 'Two\nlines',
  source: '{ "id": "mine" }\n',
}

async function link(args: string[], stdin = '', files: Record<string, string> = {}): Promise<{ code: number; out: string; err: string }> {
  let out = ''
  let err = ''
  const io: CliIo = {
    stdin: (async function* () {
      yield* stdin.split('\n')
    })(),
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    readFile: (path) => files[path] ?? raise(path),
    writeFile: () => {},
  }
  return { code: await run(args, io), out, err }
}

function raise(path: string): never {
  throw Object.assign(new Error(path), { code: 'ENOENT' })
}

test('a replay goes through a link and back', async () => {
  const { code, out, err } = await link(['encode'], JSON.stringify(REPLAY, null, 2))
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/^v=1&k=....&s=text-poke&p=sync1:off&t=0s12.1s.1s_2.0d&c=14&d=0123456789abcdef&n=Two%0Alines&x=[\w-]+\n$/)
  const decoded = await link(['decode', out.trim()])
  expect([decoded.code, decoded.err]).toEqual([0, ''])
  expect(JSON.parse(decoded.out)).toEqual(REPLAY)
  expect(await link(['encode', 'a.json'], '', { 'a.json': decoded.out })).toEqual({ code: 0, out, err: '' })
})

test('an exported run is a replay too', async () => {
  const { out } = await link(['encode'], JSON.stringify({ replay: REPLAY, steps: [] }))
  expect(JSON.parse((await link(['decode', `#${out.trim()}`])).out)).toEqual(REPLAY)
})

test.each([
  ['v=1&s=a&t=0s4.oops', /the schedule \(t\) is damaged at character 5/],
  ['v=1&k=AAAA&s=a', /the check \(k\) does not match/],
  ['v=1&t=0s', /the scenario \(s\) is missing/],
  ['what is this', /"what is this" is no key=value/],
  ['', /the link is empty/],
])('a bad fragment ends with 2 and one line that names the part: %s', async (fragment, message) => {
  const { code, out, err } = await link(['decode', fragment])
  expect([code, out]).toEqual([2, ''])
  expect(err).toMatch(message)
  expect(err.trimEnd()).not.toContain('\n')
})

test('a field that nobody knows is a remark, no damage', async () => {
  const { code, out, err } = await link(['decode', 'v=1&s=a&zoom=3'])
  expect([code, err]).toEqual([0, 'pokescope link: "zoom" is no field of a link; ignored\n'])
  expect(JSON.parse(out).scenario).toBe('a')
})

test.each([
  ['{', /standard input holds no JSON/],
  ['[]', /must be a JSON object/],
  ['{"scenario":""}', /"scenario" must be/],
  ['{"scenario":"a","version":2}', /"version" must be 1/],
  ['{"scenario":"a","cursors":1}', /"cursors" is no field/],
  ['{"scenario":"a","params":{"x":1}}', /"params\.x" must be a string/],
  ['{"scenario":"a","schedule":"0s 9s"}', /"schedule": "9s" is no run/],
  ['{"scenario":"a","schedule":"0s*3","cursor":4}', /"cursor" must be an integer from 0 to 3/],
  ['{"scenario":"a","digest":"12"}', /"digest" must be 16/],
  ['{"scenario":"a","title":3}', /"title" must be a text/],
  ['{"scenario":"a","note":"\\ud800"}', /lone surrogate/],
])('a bad replay ends with 2 and one line that names the field: %s', async (text, message) => {
  const { code, out, err } = await link(['encode'], text)
  expect([code, out]).toEqual([2, ''])
  expect(err).toMatch(message)
  expect(err.trimEnd()).not.toContain('\n')
})

test('other mistakes are one line as well', async () => {
  expect(await link(['encode', 'gone.json'])).toEqual({ code: 2, out: '', err: 'pokescope link: gone.json: no such file\n' })
  for (const args of [[], ['decode'], ['encode', 'a', 'b'], ['shorten', 'x']])
    expect((await link(args)).err).toMatch(/^pokescope link: use "link encode/)
})
