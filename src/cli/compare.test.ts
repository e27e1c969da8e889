import { expect, test } from 'vitest'
import linux from '../atlas/recordings/linux-6.1-batches.json'
import { main } from './main.ts'

async function call(args: string[], files: Readonly<Record<string, string>> = {}, stdin: readonly string[] = []) {
  const texts = { out: '', err: '' }
  const code = await main(args, {
    stdin: (async function* () {
      yield* stdin
    })(),
    out: (text) => {
      texts.out += text
    },
    err: (text) => {
      texts.err += text
    },
    readFile: (path) => {
      const text = files[path]
      if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' })
      return text
    },
    writeFile: () => {},
  })
  return { code, ...texts }
}

test('compare of a bundled batch: every event in its lane, the step that shows it, the verdict, and a link', async () => {
  const { code, out, err } = await call(['compare', 'linux-6.1-batches.json', '--batch', '0'])
  expect([code, err]).toEqual([0, ''])
  const lines = out.split('\n')
  expect(lines.filter((line) => /step \d+$/.test(line))).toHaveLength(42)
  expect(lines.find((line) => line.startsWith('133'))).toMatch(/^133 {83}int3 {20} {2}step \d+$/)
  expect(out).toMatch(/allowed: a run of \d+ steps of linux-6-1 shows these 42 events, with these values, and no others/)
  expect(out).toMatch(/\n {2}#v=1&.*s=linux-6-1&/)
})

test('compare of a recording that cannot be: exit 1, and the first event that has no place', async () => {
  const copy = JSON.parse(JSON.stringify(linux)) as { batches: { events: Record<string, unknown>[] }[] }
  const events = copy.batches[0]?.events as Record<string, unknown>[]
  const answer = events.find(({ event }) => event === 'int3 return') as Record<string, unknown>
  answer.sp_delta = -8
  const { code, out } = await call(['compare', 'own.json', '--batch', '0', '--json'], { 'own.json': JSON.stringify(copy) })
  expect(code).toBe(1)
  expect(JSON.parse(out)).toEqual([
    expect.objectContaining({
      batch: 0,
      verdict: 'refused',
      met: 4,
      why: expect.stringMatching(/^event 135, CPU 3: int3 return .* stack pointer moves by/),
    }),
  ])
}, 20_000)

test('compare of ftrace text, streamed: lanes, no verdict, and what was not understood', async () => {
  const text = [
    '  a-1   [000]  1.000000: function: text_poke_bp_batch <-- text_poke_finish',
    '  a-1   [000]  1.000001: function: __text_poke <-- text_poke_bp_batch',
    '  a-1   [000',
  ]
  const { code, out, err } = await call(['compare', '-'], {}, text)
  expect(code).toBe(0)
  expect(out).toBe('batch 0: 2 events\nseconds       CPU 0 (patcher)\n1.000000      begin\n1.000001      writes (int3)\n')
  expect(err).toMatch(/2 of 3 lines were read.*no verdict/)
  expect(err).toMatch(/line 3: there is no CPU in brackets: " {2}a-1 {3}\[000"/)
})

test.each([
  [['compare'], {}, /name a recording/],
  [['compare', 'gone.json'], {}, /gone\.json: no such file/],
  [['compare', 'a.json'], { 'a.json': '{' }, /a\.json:1:2: this is no JSON/],
  [['compare', 'a.json'], { 'a.json': '{}' }, /a\.json: kernel: /],
  [['compare', 'linux-6.1-batches.json', '--batch', '9'], {}, /--batch 9: the recording has 4 batches/],
  [['compare', 'linux-6.1-batches.json', '--batch', 'x'], {}, /--batch x: expected a whole number/],
  [['compare', 'linux-6.1-batches.json', '--scenario', 'text-poke'], {}, /text-poke says nothing of comparing/],
  [
    ['compare', 'a.txt'],
    { 'a.txt': '  a-1   [000]  1.000000: sched_switch: x' },
    /none of its 1 lines tells of live patching \(there are sched_switch\)/,
  ],
])('bad input %# is one line and exit 2', async (args, files, message) => {
  const { code, err } = await call(args, files)
  expect([code, err.split('\n').length]).toEqual([2, 2])
  expect(err).toMatch(message)
})
