import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CliIo } from './io.ts'
import { main } from './main.ts'

const ROOT = join(import.meta.dirname, '../..')
const ONE = ['text-poke', '--set', 'callers=1']

async function cli(args: string[], files: Readonly<Record<string, string>> = {}, stopAsked = async () => false) {
  const said = { out: '', err: '' }
  const io: CliIo = {
    stdin: (async function* () {})(),
    out: (text) => {
      said.out += text
    },
    err: (text) => {
      said.err += text
    },
    readFile: (path) => files[path] ?? fail(path),
    writeFile: fail,
    stopAsked,
  }
  return { code: await main(args, io), ...said }
}

function fail(path: string): never {
  throw Object.assign(new Error(path), { code: 'ENOENT' })
}

const swarm = async (seed: number, ...more: string[]) => (await cli(['explore', ...ONE, '--swarm', String(seed), ...more])).out

test('Ctrl-C ends a search, and tells what was found until then', async () => {
  const text = 'section .text at 0x401000 exec\na:\n.on: inc rcx\n mov [rel x], ecx\n jmp .on\nsection .d at 0x402000 shared\nx: dd 0\n'
  const program = [{ name: 'a.asm', text }]
  const endless = { format: 1, id: 'endless', title: 'never the same twice', program, cpus: [{ role: 'a', entry: 'a' }] }
  const { code, out } = await cli(['explore', 'endless.json', '--json'], { 'endless.json': JSON.stringify(endless) }, async () => true)
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ verdict: 'cut', cut: 'cancelled' })
  expect(JSON.parse(out).states).toBeGreaterThan(1)
})

test('interchangeable callers are held once; what is told is told of all, and the race replays', async () => {
  const file = 'examples/counted-acks.json'
  const files = { [file]: readFileSync(join(ROOT, file), 'utf8') }
  const explored = async (...more: string[]) => JSON.parse((await cli(['explore', file, '--set', 'last=off', '--json', ...more], files)).out)
  const [usual, plain] = [await explored(), await explored('--no-symmetry')]
  expect(usual.held).toBeLessThan(0.51 * usual.states)
  expect(plain.held).toBeUndefined()
  type Race = { steps: number; switches: number; preemptions: { count: number; steps: number }; schedule: string }
  const told = ({ verdict, states, transitions, violations, outcomes }: typeof usual) => [
    ...[verdict, states, transitions],
    violations.map(({ steps, switches, preemptions }: Race) => [steps, switches, preemptions.count, preemptions.steps]),
    outcomes.map(({ key, states }: { key: string; states: number }) => [key, states]),
  ]
  expect(told(usual)).toEqual(told(plain))
  for (const schedule of [usual.violations[0].schedule, usual.violations[0].preemptions.schedule]) {
    const { code, out } = await cli(['run', file, '--set', 'last=off', '--schedule', schedule], files)
    expect([code, out.includes('no-oops')]).toEqual([1, true])
  }
})

test('a race is told in both kinds: fewest steps, and fewest preemptions', async () => {
  const { code, out } = await cli(['explore', ...ONE, '--set', 'sync1=off', '--json'])
  const [violation] = JSON.parse(out).violations
  expect(code).toBe(1)
  expect(violation.steps).toBeLessThanOrEqual(violation.preemptions.steps)
  expect(violation.preemptions).toMatchObject({ count: 0, link: expect.stringContaining('p=sync1:off') })
})

test('fingerprints never say exhausted without what that is worth', async () => {
  const { code, out } = await cli(['explore', ...ONE, '--compact'])
  expect(code).toBe(0)
  expect(out).toMatch(
    /exhausted, nothing is violated \(by 64-bit fingerprints: the probability that a state was omitted is at most .*; livelocks not judged\)/,
  )
  const json = JSON.parse((await cli(['explore', ...ONE, '--compact', '--json'])).out)
  expect(json).toMatchObject({ verdict: 'exhausted', compaction: { bits: 64, notJudged: ['livelocks'] } })
  expect(json.compaction.omission).toBeGreaterThan(0)
})

test('threads share a search and say what one says', () => {
  const explore = (...more: string[]) => {
    const args = ['scripts/cli.mjs', 'explore', ...ONE, '--set', 'sync3=off', '--json', ...more]
    try {
      return JSON.parse(execFileSync('node', args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' }))
    } catch (error) {
      return JSON.parse((error as { stdout: string }).stdout)
    }
  }
  const told = ({ verdict, states, transitions, violations }: ReturnType<typeof explore>) => [
    ...[verdict, states, transitions],
    violations.map(({ property, steps, switches }: { property: string; steps: number; switches: number }) => [property, steps, switches]),
  ]
  expect(told(explore('--workers', '3'))).toEqual(told(explore()))
})

test('merged swarms are never exhausted unless one of them was', async () => {
  const files = { a: await swarm(1, '--max-states', '500'), b: await swarm(2, '--max-states', '500') }
  const { code, out } = await cli(['merge', 'a', 'b'], files)
  expect(code).toBe(0)
  expect(out).toContain('cut: no run visited every reachable state (the limit of states), and all together prove nothing')
  const whole = await cli(['merge', 'a', 'c', '--json'], { ...files, c: await swarm(3) })
  expect(JSON.parse(whole.out)).toMatchObject({ verdict: 'exhausted', runs: 2, exhaustedRuns: 1, states: 2488, statesAre: 'counted' })
})

test('a violation that one run found is found, by the shortest schedule of all', async () => {
  const found = await swarm(1, '--set', 'sync1=off')
  const { code, out } = await cli(['merge', 'a', '--json'], { a: found + (await swarm(2, '--set', 'sync1=off')) })
  const merged = JSON.parse(out)
  expect([code, merged.verdict, merged.runs]).toEqual([1, 'violated', 2])
  expect(merged.violations[0].steps).toBeLessThanOrEqual(JSON.parse(found).violations[0].steps)
})

test('the same run twice counts once', async () => {
  const a = await swarm(1, '--max-states', '500')
  expect(JSON.parse((await cli(['merge', 'a', 'a', '--json'], { a })).out)).toMatchObject({ runs: 1, repeated: 1 })
})

test.each([
  [['merge'], {}, 'name the files'],
  [['merge', 'gone'], {}, 'gone: no such file'],
  [['merge', 'a'], { a: 'x' }, 'a:1: no JSON'],
  [['merge', 'a'], { a: '{"scenario":"x"}' }, 'a:1: params:'],
  [['merge', 'a'], { a: '\n' }, 'a: is empty'],
  [['explore', ...ONE, '--swarm', '-1'], {}, 'expected a whole number'],
  [['explore', ...ONE, '--workers', '1000'], {}, 'expected 1 to 64'],
])('refuses %j in one line', async (args, files, message) => {
  const { code, out, err } = await cli(args, files as Record<string, string>)
  expect([code, out, err.trim().split('\n').length]).toEqual([2, '', 1])
  expect(err).toContain(message)
})

test('results of different machines are not merged', async () => {
  const files = { a: await swarm(1, '--max-states', '100'), b: await swarm(2, '--max-states', '100', '--set', 'sync1=off') }
  const { code, err } = await cli(['merge', 'a', 'b'], files)
  expect(code).toBe(2)
  expect(err).toContain('seed 2 searched another machine than seed 1')
})
