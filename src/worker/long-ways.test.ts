import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { formatSchedule } from '../machine/choice.ts'
import type { Scenario } from '../scenario/format.ts'
import { loadAlong, runAlong, type Way, walkAlong } from './long-ways.ts'
import type { Request } from './protocol.ts'
import { Session } from './session.ts'

const decode = createDecode()
const disassemble = createDisassemble()
const CPUS = { sites: '256', cpus: '8' }

function open(params: Readonly<Record<string, string>> = CPUS): Session {
  const opened = Session.open(atlas.get('forty-thousand-sites') as Scenario, params, decode, disassemble)
  if (!opened.ok) throw new Error(opened.error.join('\n'))
  return opened.value
}

/** Every look at the clock takes some milliseconds; the way is stopped at the given look for messages. */
function aWay(session: Session, stopAt = Number.POSITIVE_INFINITY) {
  let time = 0
  let looks = 0
  const told: string[] = []
  const way: Way = {
    now: () => (time += 20),
    goesOn: async () => ++looks < stopAt,
    passing: () => told.push(`at ${session.run.cursor}`),
    preparing: (what, done, of) => told.push(`${what} ${done} of ${of}`),
  }
  return { way, told }
}

const runTo = (maxSteps: number, more: Partial<Extract<Request, { kind: 'run' }>> = {}): Extract<Request, { kind: 'run' }> => {
  return { kind: 'run', target: 'end', cpu: null, scheduler: { kind: 'round-robin' }, departs: false, maxSteps, ...more }
}

const walkBy = (goal: 'instruction' | 'point' | 'int3', times = 1): Extract<Request, { kind: 'walk' }> => {
  return { kind: 'walk', goal, back: false, times, cpu: 0, points: [], scheduler: { kind: 'round-robin' }, maxSteps: 200_000 }
}

test('a long run says on its way where it is, ever farther, and stops where it is told to', async () => {
  const session = open()
  const { way, told } = aWay(session, 40)
  expect(await runAlong(session, runTo(200_000), way)).toEqual(['Stopped.'])
  const steps = told.map((line) => Number(line.slice(3)))
  expect(steps.length).toBeGreaterThan(3)
  expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b))
  expect(session.run.cursor).toBeGreaterThanOrEqual(steps.at(-1) as number)
  expect(session.run.cursor).toBeLessThan(200_000)
})

test('what is stopped and goes on comes to where a run in one piece comes to', async () => {
  const [whole, parts] = [open(), open()]
  await runAlong(whole, runTo(3000), aWay(whole).way)
  await runAlong(parts, runTo(3000), aWay(parts, 2).way)
  const left = 3000 - parts.run.cursor
  expect(left).toBeGreaterThan(0)
  await runAlong(parts, runTo(left), aWay(parts).way)
  expect([parts.run.length, parts.run.digest]).toEqual([whole.run.length, whole.run.digest])
})

test('a run that does not come to the end says so; playing, which asks for a few steps, does not', async () => {
  const session = open()
  expect(await runAlong(session, runTo(1500), aWay(session).way)).toEqual(['The end was not reached within 1,500 steps.'])
  expect(await runAlong(session, runTo(20, { target: 'steps' }), aWay(session).way)).toEqual([])
  expect(session.run.cursor).toBe(1520)
})

test('so many instructions are one walk: it ends where as many single ones end, and where it is stopped', async () => {
  const [one, many] = [open(), open()]
  expect(await walkAlong(one, walkBy('instruction', 300), aWay(one).way)).toEqual([])
  for (let i = 0; i < 300; i++) await walkAlong(many, walkBy('instruction'), aWay(many).way)
  expect(formatSchedule(one.run.branch.schedule)).toBe(formatSchedule(many.run.branch.schedule))
  const { cursor } = one.run
  expect(await walkAlong(one, walkBy('instruction', 100_000), aWay(one, 3).way)).toEqual(['Stopped.'])
  expect(one.run.cursor).toBeGreaterThan(cursor)
})

test('a link is followed in portions, says how far it is, and keeps what it has when it is stopped', async () => {
  const session = open()
  session.go('end', null, { kind: 'round-robin' }, 20_000)
  const schedule = formatSchedule(session.run.branch.schedule)
  const [whole, part] = [open(), open()]
  const following = aWay(whole)
  expect(await loadAlong(whole, schedule, 12_345, following.way)).toEqual({ whole: true, remarks: [] })
  expect([whole.run.cursor, whole.run.length]).toEqual([12_345, 20_000])
  expect(following.told.length).toBeGreaterThan(2)
  expect(following.told[0]).toMatch(/^link \d+ of 20000$/)
  const cut = await loadAlong(part, schedule, 12_345, aWay(part, 4).way)
  expect(cut).toEqual({ whole: false, remarks: [`Stopped after ${part.run.length} of the 20000 steps of this link.`] })
  expect(part.run.cursor).toBe(part.run.length)
})

test('the first walk of a long run says how much of it it has read, and may be stopped before it moves', async () => {
  const session = open()
  session.go('end', null, { kind: 'round-robin' }, 20_000)
  session.seek(0)
  const { way, told } = aWay(session, 10)
  expect(await walkAlong(session, walkBy('point'), way)).toEqual(['Stopped.'])
  expect(told[0]).toMatch(/^trace \d+ of 20000$/)
  expect(session.run.cursor).toBe(0)
})

test('another scheduler in the past makes a branch there, and the old future stays', async () => {
  const session = open()
  session.go('end', null, { kind: 'round-robin' }, 500)
  session.seek(100)
  await runAlong(session, runTo(50, { scheduler: { kind: 'fewest-switches' } }), aWay(session).way)
  expect(session.run.branches).toHaveLength(1)
  session.seek(100)
  await runAlong(session, runTo(50, { scheduler: { kind: 'fewest-switches' }, departs: true }), aWay(session).way)
  expect(session.run.branches.map(({ schedule }) => schedule.length)).toEqual([500, 150])
  expect(session.run.cursor).toBe(150)
})
