/** list, run and explore, called as a terminal calls them. */
import { describe, expect, test } from 'vitest'
import { decodeLink } from '../interchange/link.ts'
import type { CliIo } from './io.ts'
import { main } from './main.ts'

interface Called {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly written: ReadonlyMap<string, string>
}

async function call(line: string, files: Readonly<Record<string, string>> = {}): Promise<Called> {
  const written = new Map<string, string>()
  const texts = { out: '', err: '' }
  const io: CliIo = {
    stdin: (async function* () {})(),
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
    writeFile: (path, text) => {
      if (path.startsWith('gone/')) throw Object.assign(new Error(path), { code: 'ENOENT' })
      written.set(path, text)
    },
  }
  const args = line.match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', '')) ?? []
  return { code: await main(args, io), ...texts, written }
}

/** Bad input: exit 2, nothing on standard output, one line that says what is wrong. */
async function refused(line: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const { code, out, err } = await call(line, files)
  expect([code, out]).toEqual([2, ''])
  expect(err).toMatch(/^[a-z]+: [^\n]+\n$/)
  return err.trimEnd()
}

/** A scenario of one CPU in one file. */
function scenario(text: string, fields: object = {}): string {
  const cpus = [{ role: 'only', entry: 'start' }]
  return JSON.stringify({
    format: 1,
    id: 'own',
    title: 'own',
    program: [{ name: 'own.asm', text: `section .text at 0x1000 exec\n${text}` }],
    cpus,
    ...fields,
  })
}

const ENDLESS = { 'endless.json': scenario('start:\n  inc rax\n  jmp start') }

describe('list', () => {
  test('names every scenario with its parameters, properties and sources', async () => {
    const { code, out } = await call('list')
    expect(code).toBe(0)
    expect(out).toMatch(/^just-write-it\n {2}Just write it: /)
    expect(out).toMatch(/\ntext-poke\n {2}text_poke: a call site, breakpoint first\n/)
    expect(out).toContain('--strategy text-poke   text_poke: breakpoint first')
    expect(out).toContain('--set sync1=on*|off')
    expect(out).toContain('properties: whole-instruction, old-or-new, new-after-return, no-oops, frame-intact, no-deadlock')
    expect(out).toMatch(/expected: \d+ combinations stated, \d+ violated, \d+ exhausted/)
    expect(out).toContain('commit: x86_64: Add gap to int3 to allow for call emulation (2700fefdb2d9)')
  })

  test('says the same as JSON, with every expected verdict', async () => {
    const textPoke = JSON.parse((await call('list --json')).out).find(({ id }: { id: string }) => id === 'text-poke')
    expect(textPoke).toMatchObject({ id: 'text-poke', bits: 64, strategies: [{ id: 'text-poke', param: null, who: expect.any(String) }] })
    expect(textPoke.params[0]).toEqual({ name: 'sync1', title: 'sync 1', values: ['on', 'off'], default: 'on', help: expect.any(String) })
    expect(textPoke.expected.length).toBeGreaterThanOrEqual(192)
    expect(textPoke.expected[0]).toEqual({ when: expect.any(Object), verdict: 'exhausted', states: expect.any(Number), violates: [] })
  })

  test.each([
    ['list text-poke', 'list: unexpected "text-poke"'],
    ['list --all', 'list: unknown option --all (known: --json)'],
  ])('%s is refused', async (line, message) => {
    expect(await refused(line)).toBe(message)
  })
})

describe('run', () => {
  test('takes turns calmly to the end, and tells every step', async () => {
    const { code, out, err } = await call('run text-poke --set callers=1')
    expect([code, err]).toEqual([0, ''])
    const lines = out.trimEnd().split('\n')
    expect(lines[0]).toBe('     1  CPU 0 executes xor ebx, ebx: ZF 0→1.')
    expect(out).toContain('takes IPI 0xfb')
    const end = lines.findIndex((line) => /^text-poke: nothing can happen any more after \d+ steps$/.test(line))
    expect(Number(/after (\d+) steps/.exec(lines[end] as string)?.[1])).toBe(end)
    expect(lines.slice(end + 1)).toEqual([
      expect.stringMatching(/^ {2}CPU 0 \(patcher\): at rest at patcher\+0x/),
      expect.stringMatching(/^ {2}CPU 1 \(caller\): at rest at pass_end\+0x/),
      '  outcome 1:rax=2',
      expect.stringMatching(/^ {2}digest [0-9a-f]{16}$/),
      expect.stringMatching(/^ {2}#v=1&/),
    ])
  })

  test('a seed is a schedule: the same twice, another with another seed, and its link leads to the same state', async () => {
    const [one, again, other] = await Promise.all([7, 7, 8].map((seed) => call(`run text-poke --seed ${seed} --max-steps 300`)))
    expect(one?.out).toBe(again?.out)
    expect(one?.out).not.toBe(other?.out)
    const { link, problems } = decodeLink(/#(\S+)/.exec(one?.out ?? '')?.[1] ?? '')
    expect(problems).toEqual([])
    const replayed = await call(`run text-poke --schedule "${link.schedule}"`)
    expect(replayed.out).toContain(`digest ${link.digest}`)
    expect(one?.out).toContain(`digest ${link.digest}`)
  })

  test('follows the race that explore found, and ends where it is violated with exit 1', async () => {
    const explored = JSON.parse((await call('explore text-poke --set sync1=off --set callers=1 --json')).out)
    const [race] = explored.violations
    const { code, out } = await call(`run text-poke --set sync1=off --set callers=1 --schedule "${race.schedule}"`)
    expect(code).toBe(1)
    expect(out).toContain(`text-poke: ends at its first violation, after ${race.steps} steps\n`)
    expect(out).toMatch(new RegExp(`violated by CPU 1 at step ${race.steps}: whole-instruction: `))
    expect(out).toMatch(/CPU 1 executes .* \(neither old nor new: [0-9a-f]+\)/)
    expect(out).toContain(`#${race.link}`)
  })

  test('stops an endless run with a clear line', async () => {
    const { code, out } = await call('run endless.json --max-steps 1000', ENDLESS)
    expect(code).toBe(0)
    expect(out).toContain('\nown: stopped after 1000 steps, the most that --max-steps allows: it could go on\n')
    expect((await call('run endless.json --to json x.json', ENDLESS)).out).toMatch(/^own: stopped after 100000 steps/)
  })

  test.each([
    ['perfetto', (text: string) => expect(JSON.parse(text).traceEvents.length).toBeGreaterThan(50)],
    ['ftrace', (text: string) => expect(text).toMatch(/^# tracer: nop\n[\s\S]*patcher-100 +\[000\]/)],
    ['json', (text: string) => expect(JSON.parse(text)).toMatchObject({ format: 'pokescope-run', steps: { length: 200 }, violation: null })],
    ['svg', (text: string) => expect(text).toMatch(/^<svg [\s\S]*<title>text-poke, callers=1<\/title>[\s\S]*<\/svg>\s*$/)],
  ])('--to %s writes a file, and only the end to standard output', async (format, check) => {
    const { code, out, written } = await call(`run text-poke --set callers=1 --max-steps 200 --to ${format} run.out`)
    expect([code, [...written.keys()]]).toEqual([0, ['run.out']])
    expect(out).toMatch(/^text-poke: stopped after 200 steps/)
    check(written.get('run.out') ?? '')
  })

  test.each([
    ['run', 'run: name a scenario'],
    ['run text-poke more', 'run: unexpected "more"'],
    ['run text-poke --fast', /^run: unknown option --fast \(known: /],
    ['run text-poke --schedule', 'run: --schedule needs a value'],
    ['run text-poke --schedule 0q', 'run: --schedule: "0q" is no run of choices (like 0s*12)'],
    ['run text-poke --schedule 0s --seed 1', 'run: --schedule and --seed: only one of them can choose'],
    ['run text-poke --seed -1', 'run: --seed -1: expected a whole number'],
    ['run text-poke --max-steps many', 'run: --max-steps many: expected a number above 0'],
    ['run text-poke --to pdf x.pdf', 'run: --to pdf: expected one of perfetto, ftrace, json, svg'],
    ['run text-poke --to svg', 'run: --to needs 2 values'],
    ['run text-poke --to svg gone/x.svg --max-steps 1', 'run: gone/x.svg: no such file'],
    ['run text-poke --strategy x', 'run: --strategy x: text-poke has text-poke'],
  ])('%s is refused', async (line, message) => {
    const err = await refused(line)
    if (typeof message === 'string') expect(err).toBe(message)
    else expect(err).toMatch(message)
  })
})

test.each(['run', 'explore'])('%s: a scenario without strategies has none to choose, and says null for it', async (verb) => {
  const files = { 'own.json': scenario('start: hlt') }
  expect(await refused(`${verb} own.json --strategy x`, files)).toMatch(`${verb}: --strategy: own has no strategies to choose from`)
  if (verb === 'explore') expect(JSON.parse((await call('explore own.json --json', files)).out).strategy).toBe(null)
})

describe('a schedule that cannot happen', () => {
  test('is refused with exit 2 where it stops being possible; the steps before it are told', async () => {
    const { code, out, err } = await call('run text-poke --schedule "0s*3 2i"')
    expect([code, err]).toEqual([2, 'run: step 4 of the schedule, 2i, cannot happen there\n'])
    expect(out.split('\n').length).toBe(4)
  })
})

describe('explore', () => {
  test('a race: exit 1, shortest schedule, and a link that stands at it', async () => {
    const { code, out } = await call('explore text-poke --set sync1=off --set callers=1')
    expect(code).toBe(1)
    const lines = out.split('\n')
    expect(lines[1]).toBe('violated')
    expect(lines[3]).toBe('  whole-instruction: every instruction executed at the site is whole: old, new or int3')
    expect(lines[4]).toMatch(/^ {4}\d+ steps, 1 switches between CPUs$/)
    const { link, problems } = decodeLink(/#(\S+)/.exec(out)?.[1] ?? '')
    expect([problems, link.scenario, link.params]).toEqual([[], 'text-poke', { sync1: 'off', callers: '1' }])
    expect(link.schedule).toBe(lines[5]?.trim())
  })

  test('the contract as JSON', async () => {
    const result = JSON.parse((await call('explore text-poke --set callers=1 --json')).out)
    expect(result).toMatchObject({
      scenario: 'text-poke',
      strategy: 'text-poke',
      params: { sync1: 'on', callers: '1' },
      verdict: 'exhausted',
      violations: [],
      outcomes: [{ key: '1:rax=2', states: 1, schedule: expect.any(String) }],
      cut: null,
    })
    for (const key of ['states', 'transitions', 'seconds', 'peakMb']) expect(result[key], key).toBeGreaterThan(0)
  })

  test.each([
    ['--max-states 100', 'the limit of states'],
    ['--max-seconds 0.001', 'the time limit'],
    ['--max-mb 0.4', 'the memory limit'],
  ])('with %s it is cut, and never says that it holds', async (limit, cut) => {
    const { code, out } = await call(`explore text-poke ${limit} --json`)
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ verdict: 'cut', cut, violations: [] })
    expect((await call(`explore text-poke ${limit}`)).out).toContain(`cut by ${cut}: not every reachable state was visited`)
  })

  test('a scenario that computes for ever is cut; one that goes round is a livelock with its cycle', async () => {
    expect((await call('explore endless.json --max-states 10', ENDLESS)).out).toContain('cut by the limit of states')
    const round = { 'round.json': scenario('start:\n  nop\n  jmp start', { properties: [{ kind: 'no-deadlock' }] }) }
    const { code, out } = await call('explore round.json', round)
    expect(code).toBe(1)
    expect(out).toMatch(/no-deadlock: a final state stays reachable\n.*then a livelock\n[\s\S]*round and round: 0s\*2\n/)
  })

  test.each([
    ['explore', 'explore: name a scenario'],
    ['explore text-poke --max-states none', 'explore: --max-states none: expected a number above 0'],
    ['explore text-poke --strategy x', 'explore: --strategy x: text-poke has text-poke'],
  ])('%s is refused', async (line, message) => {
    const err = await refused(line)
    if (typeof message === 'string') expect(err).toBe(message)
    else expect(err).toMatch(message)
  })
})

describe.each(['run', 'explore'])('%s refuses a bad scenario', (verb) => {
  const own = (text: string, fields: object = {}) => ({ 'my/own.json': scenario(text, fields) })

  test.each<[string, string, Record<string, string>, string | RegExp]>([
    ['an id that nobody knows', 'nothing', {}, /^there is no scenario "nothing" \(bundled: [^)]*text-poke/],
    ['a path where nothing is', 'my/gone.json', {}, 'my/gone.json: no such file'],
    ['broken JSON', 'my/own.json', { 'my/own.json': '{\n  "format": 1,\n  oops\n}' }, 'my/own.json:3:3: this is no JSON: unexpected "o"'],
    ['JSON that is no scenario', 'my/own.json', { 'my/own.json': '{"format":2}' }, /^my\/own\.json: format: .*\(and \d+ more\)$/],
    ['an unknown key', 'my/own.json', own('start: hlt', { colour: 'red' }), /^my\/own\.json: colour: /],
    [
      'a program file that is not there',
      'my/own.json',
      own('', { program: ['gone.asm'] }),
      'my/own.json, program "gone.asm": my/gone.asm: no such file',
    ],
    ['an assembly error', 'my/own.json', own('start:\n  mvo rax, 1'), /^own\.asm:3:3: .*mvo.*expected .*mov/],
    ['a label that is not there', 'my/own.json', own('begin: hlt'), /^cpus\.0\.entry: "start" is no register, symbol or parameter/],
    ['a value that a parameter does not have', 'text-poke --set sync1=maybe', {}, 'sync1=maybe: expected one of on, off'],
    ['a parameter that is not there', 'text-poke --set sync9=on', {}, /^text-poke has no parameter "sync9"; it has sync1, /],
    ['a setting without a value', 'text-poke --set sync1', {}, '--set sync1: expected name=value'],
    [
      'a property at a label that is not there',
      'my/own.json',
      own('start: hlt', { properties: [{ kind: 'never', id: 'x', title: 'x', at: ['gone'] }] }),
      'properties.0.at.0: there is no label "gone"',
    ],
    [
      'a condition with a register that is not there',
      'my/own.json',
      own('start: hlt', { properties: [{ kind: 'assert', id: 'x', title: 'x', at: 'start', holds: 'raxx == 1' }] }),
      'properties.0.holds: "raxx" is no register, symbol or parameter',
    ],
  ])('%s', async (_, args, files, message) => {
    const err = await refused(`${verb} ${args}`, files)
    if (typeof message === 'string') expect(err).toBe(`${verb}: ${message}`)
    else expect(err.slice(verb.length + 2)).toMatch(message)
  })
})
