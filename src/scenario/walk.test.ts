import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { Random } from '../lib/random.ts'
import { choiceCpu, formatSchedule, type PackedChoice } from '../machine/choice.ts'
import { build } from './build.ts'
import { answerQuestion } from './console.ts'
import type { Scenario } from './format.ts'
import { arm, type Breakpoint, describePoint, type Point, type Watchpoint } from './points.ts'
import { Checker } from './properties.ts'
import { Run } from './run.ts'
import { randomChoice, roundRobin, Steady } from './scheduler.ts'
import { readWord } from './scope.ts'
import { addressOf, TraceLog } from './trace-log.ts'
import { Walk, type WalkGoal } from './walk.ts'

const SEED = 20261121

function aWalker(id = 'text-poke', params: Record<string, string> = {}) {
  const built = build(atlas.get(id) as Scenario, params, createDecode())
  if (!built.ok) throw new Error(built.error.join('\n'))
  const instance = built.value
  const checker = Checker.create(instance)
  if (!checker.ok) throw new Error(checker.error.join('\n'))
  const run = new Run(instance, checker.value)
  const log = new TraceLog(instance)
  const walker = { instance, run, take: (choice: PackedChoice) => run.take(choice) !== null, seek: (step: number) => run.seek(step) }
  const walk = (goal: WalkGoal, cpu: number, back = false, points: readonly Point[] = []) => {
    const armed = points.map((point) => {
      const found = arm(instance, run.machine, point)
      if (!found.ok) throw new Error(found.error)
      return found.value
    })
    const steady = new Steady(goal === 'point' ? null : cpu)
    const way = new Walk(walker, log, { goal, back, cpu, armed }, (m, choices, last) => steady.next(m, choices, last))
    let went = way.go(portion)
    while (!went.arrived && way.taken < 20_000) went = way.go(portion)
    expect(went.arrived, `${goal} of CPU ${cpu}`).toBe(true)
    return went.remark
  }
  const at = (cpu: number) => instance.program.name(addressOf(run.machine, cpu))
  const depth = (cpu: number) => {
    log.sync(run.branch)
    return log.depthAt(cpu, run.cursor)
  }
  /** Steps that a walk does at once. */
  let portion = 20_000
  const inPortions = (steps: number) => {
    portion = steps
  }
  return { instance, run, log, walk, at, depth, inPortions }
}

const breakpoint = (where: string, more: Partial<Breakpoint> = {}): Breakpoint => {
  return { kind: 'break', id: 1, enabled: true, cpu: null, where, condition: '', ...more }
}
const watchpoint = (where: string, more: Partial<Watchpoint> = {}): Watchpoint => {
  return { kind: 'watch', id: 2, enabled: true, cpu: null, where, condition: '', size: 1, access: 'change', ...more }
}

/** A trace on which everybody moves at random, so that int3, IPIs and stale bytes are in it. */
function atRandom(seed: number, steps: number, params: Record<string, string> = {}, id = 'text-poke') {
  const walker = aWalker(id, params)
  const random = new Random(seed)
  while (walker.run.length < steps) {
    const choice = randomChoice(walker.run.choices(), random)
    if (choice === null) break
    walker.run.take(choice)
  }
  return walker
}

test.each(['text-poke', 'frame-32', 'two-stubs', 'ftrace-2012'].map((id, i) => [id, SEED + i] as const))(
  "stepping into and back are each other's inverse at every moment where they stop: %s (seed %i)",
  (id, seed) => {
    const { run, walk, log, instance } = atRandom(seed, 400, {}, id)
    const random = new Random(seed)
    for (let i = 0; i < 25; i++) {
      for (const goal of ['instruction', 'line'] as const) {
        const cpu = random.below(instance.cpus.length)
        run.seek(1 + random.below(run.length - 1))
        walk(goal, cpu, true)
        const from = run.cursor
        if (from === 0) continue
        const { digest } = run
        walk(goal, cpu)
        expect(run.cursor).toBeGreaterThan(from)
        walk(goal, cpu, true)
        expect([run.cursor, run.digest], `${goal} of CPU ${cpu}`).toEqual([from, digest])
      }
    }
    expect(log.rows.some(({ depth }) => depth > 0)).toBe(true)
  },
)

test(`stepping over and back over undo each other where they stay in their frame (seed ${SEED})`, () => {
  let checked = 0
  for (let round = 0; round < 2; round++) {
    const { run, walk, depth } = atRandom(SEED + round, 400)
    const random = new Random(SEED + round)
    for (let i = 0; i < 25; i++) {
      for (const goal of ['over-instruction', 'over'] as const) {
        const cpu = random.pick([0, 1])
        run.seek(1 + random.below(run.length - 1))
        walk(goal, cpu, true)
        const from = run.cursor
        const deep = depth(cpu)
        if (from === 0) continue
        walk(goal, cpu)
        if (depth(cpu) !== deep) continue
        walk(goal, cpu, true)
        expect(run.cursor, `seed ${SEED + round}, ${goal} of CPU ${cpu}`).toBe(from)
        checked++
      }
    }
  }
  expect(checked).toBeGreaterThan(30)
})

test('over a call of the patcher goes past all that it calls, though others must acknowledge; out comes back from within', () => {
  const { run, walk, depth, log } = aWalker()
  for (let i = 0; depth(0) === 0 && i < 200; i++) walk('instruction', 0)
  expect(depth(0)).toBe(1)
  const inside = run.cursor
  walk('out', 0)
  expect(depth(0)).toBe(0)
  const outside = run.cursor
  run.seek(inside)
  walk('over-instruction', 0, true)
  expect(depth(0)).toBe(0)
  const before = run.cursor
  walk('over-instruction', 0)
  expect(run.cursor).toBe(outside)
  walk('over-instruction', 0, true)
  expect(run.cursor).toBe(before)
  // To the very end, in steps over lines that never look into a call.
  for (let i = 0; i < 300 && walk('over', 0) === null; i++) expect(depth(0)).toBe(0)
  expect(new Set(log.rows.map(({ cpu }) => cpu)).size).toBeGreaterThan(1)
})

test('a step into int3 stands in the handler; out of it stands where the handler returned to, and back out stands before it', () => {
  const { instance, run, walk, depth, log, at } = aWalker()
  // The patcher writes int3 and makes it visible, then the caller comes by.
  const site = instance.sites[0]?.address as bigint
  for (let i = 0; i < 2000 && readWord(run.machine, site, 1) !== 0xccn; i++) walk('instruction', 0)
  for (let i = 0; i < 2000; i++) {
    walk('instruction', 1)
    if (log.rows.at(-1)?.top?.handler === true) break
  }
  const entered = run.cursor
  const inside = depth(1)
  expect(inside).toBeGreaterThan(0)
  walk('out', 1)
  const left = at(1)
  run.seek(entered)
  walk('out', 1, true)
  expect(depth(1)).toBeLessThan(inside)
  expect(run.cursor).toBeLessThan(entered)
  // Back out stands at the patched site, with the int3 still to be taken.
  expect(at(1)).toBe(instance.sites[0]?.label)
  // The handler emulates the new call: its way out is the callee, not the instruction behind the site.
  expect(left).toBe('callee_b')
  run.seek(0)
  expect(walk('out', 1)).toBe('CPU 1 is in no call or handler.')
  expect(run.cursor).toBe(0)
})

test('breakpoints and watchpoints stop at the same moments forwards and backwards', () => {
  const { instance, run, walk, inPortions } = aWalker()
  const site = instance.sites[0]?.label as string
  const points = [breakpoint(site, { cpu: 1 }), watchpoint(site)]
  const stops: number[] = []
  for (let i = 0; i < 12; i++) {
    const remark = walk('point', 0, false, points)
    if (remark === 'All is done.' || remark?.startsWith('Nothing') === true) break
    expect(remark).toMatch(/^(Break|Watch)point/)
    stops.push(run.cursor)
  }
  expect(stops.length).toBeGreaterThan(3)
  const back: number[] = []
  for (let i = 0; i < 60 && run.cursor > 0; i++) {
    walk('point', 0, true, points)
    if (run.cursor > 0) back.push(run.cursor)
  }
  expect(back.reverse()).toEqual(stops.slice(0, -1))
  // In small pieces, as where a walk can be stopped.
  inPortions(7)
  for (const stop of stops) {
    walk('point', 0, false, points)
    expect(run.cursor).toBe(stop)
  }
  for (const stop of stops.slice(0, -1).reverse()) {
    walk('point', 0, true, points)
    expect(run.cursor).toBe(stop)
  }
})

test(`runs to int3 and back stop at the same moments, each in the handler (seed ${SEED})`, () => {
  const { run, walk, log } = atRandom(SEED, 1200)
  const last = run.length
  const entered = log.rows.length
  expect(entered).toBe(0)
  const back: number[] = []
  while (run.cursor > 0) {
    walk('int3', 0, true)
    if (run.cursor > 0) back.push(run.cursor)
  }
  expect(back.length).toBeGreaterThan(0)
  for (const step of [...back].reverse()) {
    walk('int3', 1)
    expect(run.cursor).toBe(step)
    expect(log.rows[step - 1]).toMatchObject({ int3: true, top: { handler: true } })
  }
  expect(run.length).toBe(last)
})

test('a run until something breaks stands where it broke, forwards and backwards, and stays on the trace', () => {
  const { run, walk } = atRandom(SEED, 3000, { sync1: 'off', sync2: 'off', sync3: 'off' })
  const violated = run.branch.violated?.step as number
  const { length } = run
  expect(violated).toBeLessThan(length)
  run.seek(3)
  walk('violation', 0)
  expect(run.cursor).toBe(violated)
  run.seek(length)
  walk('violation', 0, true)
  expect([run.cursor, run.length]).toEqual([violated, length])
})

test('a condition is asked of the CPU that has come there', () => {
  const { instance, run, walk } = aWalker()
  const site = instance.sites[0]?.label as string
  const remark = walk('point', 0, false, [breakpoint(site, { condition: 'cpu == 1' })])
  expect(remark).toContain('cpu == 1')
  expect(choiceCpu(run.branch.schedule[run.cursor - 1] as PackedChoice)).toBe(1)
})

test('a point in words: one byte is no bytes', () => {
  expect(describePoint(watchpoint('site0'))).toBe('changed: 1 byte at site0')
  expect(describePoint(watchpoint('refs', { size: 4, access: 'read', cpu: 1 }))).toBe('read: 4 bytes at refs, CPU 1')
})

test('what is wrong with a point is said with its place', () => {
  const { instance, run } = aWalker()
  const wrong = (point: Point) => {
    const armed = arm(instance, run.machine, point)
    return armed.ok ? '' : armed.error
  }
  expect(wrong(breakpoint('nowhere'))).toContain('"nowhere" is no register, symbol or parameter, at character 1')
  expect(wrong(breakpoint('nothing.asm:7'))).toContain('nothing.asm:7')
  expect(wrong(breakpoint('1 +'))).toContain('ends where a value is expected')
  expect(wrong(breakpoint('1', { cpu: 99 }))).toBe('there is no CPU 99')
  expect(wrong(watchpoint('1', { size: 3 }))).toContain('1, 2, 4 or 8')
})

test('the console prints values and examines memory, and says where a question is wrong', () => {
  const { instance, run } = aWalker()
  const site = instance.sites[0] as (typeof instance.sites)[number]
  const label = site.label
  const ask = (text: string) => answerQuestion(instance, run.machine, 1, text)
  expect(ask(`p ${label}`)).toEqual({ ok: true, value: [`0x${site.address.toString(16)} ${label}`] })
  expect(ask('p/d 0 - 1')).toEqual({ ok: true, value: ['-1'] })
  expect(ask('p cpu')).toEqual({ ok: true, value: ['0x1'] })
  const shown = ask(`x/5xb ${label}`)
  expect(shown.ok && shown.value[0]).toMatch(new RegExp(`${label}: ([0-9a-f]{2} ){4}[0-9a-f]{2}$`))
  const wrong = ask('p 1 + nowhere')
  expect(wrong.ok ? '' : wrong.error).toContain('at character 5')
})

test('with the fewest switches a run to the end changes CPUs less than in turn', () => {
  const switches = (next: Steady | null) => {
    const { run } = aWalker()
    for (let i = 0; i < 20_000; i++) {
      const choices = run.choices()
      const last = run.cursor > 0 ? choiceCpu(run.branch.schedule[run.cursor - 1] as PackedChoice) : 0
      const choice = next === null ? roundRobin(run.machine, choices, last) : next.next(run.machine, choices, last)
      if (choice === null) break
      run.take(choice)
    }
    expect(run.choices(), formatSchedule(run.branch.schedule.slice(-5))).toEqual([])
    return run.branch.schedule.filter((choice, i, all) => i > 0 && choiceCpu(choice) !== choiceCpu(all[i - 1] as PackedChoice)).length
  }
  expect(switches(new Steady(null))).toBeLessThan(switches(null) / 4)
})
