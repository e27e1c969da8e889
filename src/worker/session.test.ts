import { describe, expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { decodeLink } from '../interchange/link.ts'
import { Exploration } from '../scenario/explore.ts'
import type { Scenario } from '../scenario/format.ts'
import { timelineAfter } from './client.ts'
import { Session } from './session.ts'

function open(params: Record<string, string> = {}): Session {
  const opened = Session.open(atlas.get('text-poke') as Scenario, params, createDecode(), createDisassemble())
  if (!opened.ok) throw new Error(opened.error.join('\n'))
  return opened.value
}

/** A session at the end of the shortest race that the search finds. */
function atRace(params: Record<string, string>, property: string): Session {
  const session = open(params)
  const exploration = Exploration.create(session.instance, { maxStates: 1e6, maxBytes: 1e9 })
  if (!exploration.ok) throw new Error(exploration.error.join('\n'))
  while (exploration.value.run(1e6));
  const violation = exploration.value.result().violations.find((candidate) => candidate.property === property)
  expect(session.load(violation?.schedule ?? '', Number.MAX_SAFE_INTEGER)).toEqual([])
  expect(session.run.cursor).toBe(violation?.steps)
  return session
}

describe('the shortest race without sync 1', () => {
  const params = { sync1: 'off', callers: '1' }

  test('ends in a torn instruction, and says so', () => {
    const session = atRace(params, 'whole-instruction')
    const { snapshot } = session.view([], null)
    expect(snapshot.properties.find((property) => property.id === 'whole-instruction')?.violatedAt).toBe(session.run.cursor)
    expect(snapshot.said).toContain('neither old nor new')
    const own = snapshot.sites[0]?.cpus[1]
    expect(own?.pass).toMatchObject({ now: true, meaning: 'torn', stale: true, step: session.run.cursor })
    // The opcode is the same in old and new; what is behind it is of both versions.
    expect(own?.pass?.values.map((byte) => byte?.from)).toEqual(['both', 'new', 'old', 'both', 'both'])
    session.seek(session.run.cursor - 1)
    const before = session.view([], null).snapshot
    expect(before.choices.filter((choice) => choice.violates.includes('whole-instruction')).length).toBeGreaterThan(0)
    expect(before.sites[0]?.cpus[1]?.pass?.now).not.toBe(true)
    expect(before.sites[0]?.cpus[1]?.bytes[0]?.values).toEqual([
      { value: 'cc', from: 'int3' },
      { value: 'e8', from: 'both' },
    ])
    expect(before.sites[0]?.cpus[1]?.variants.map((variant) => variant.meaning)).toContain('torn')
    expect(before.properties.every((property) => property.violatedAt === null)).toBe(true)
  })

  test('is looked at in several moments at once, and nothing has moved', () => {
    const session = atRace(params, 'whole-instruction')
    const { cursor } = session.run
    session.seek(10)
    const here = session.view([], null).snapshot
    const [start, end] = session.snapshots([0, cursor])
    expect([start?.step, end?.step, session.run.cursor]).toEqual([0, cursor, 10])
    expect(session.view([], null).snapshot).toEqual(here)
    session.seek(cursor)
    expect(session.view([], null).snapshot).toEqual(end)
  })

  test('folds to the stores that the caller missed, and its torn fetch', () => {
    const { moments } = atRace(params, 'whole-instruction').view([], null)
    expect(moments.map(({ cpu, kind }) => `CPU ${cpu} ${kind}`)).toEqual(['CPU 0 missed', 'CPU 0 missed', 'CPU 1 violation'])
    expect(moments[0]?.text).toContain('cc → site0 becomes visible')
  })

  test('travels in a link that stands at the same state', () => {
    const session = atRace(params, 'whole-instruction')
    const { link, problems } = decodeLink(session.link())
    expect(problems).toEqual([])
    const other = open(link.params ?? {})
    expect(other.load(link.schedule ?? '', link.cursor ?? 0)).toEqual([])
    expect(other.run.digest).toBe(link.digest)
  })
})

test.each(['next-choice', 'visible', 'end'] as const)('a run to %s in the middle of a race follows it, whoever would move otherwise', (target) => {
  const session = atRace({ sync1: 'off', callers: '1' }, 'whole-instruction')
  const { run } = session
  const { length } = run
  run.seek(0)
  session.seek(length - 20)
  while (run.cursor < length) expect(session.go(target, null, { kind: 'round-robin' }, 100).arrived).toBe(true)
  expect([run.length, run.branches.length]).toEqual([length, 1])
})

test('all that the CPU has just pushed counts as written, what was there before being the same or not', () => {
  const session = atRace({ sync3: 'off', callers: '1' }, 'no-oops')
  const hit = session.view([], null).moments.find(({ text }) => text.includes('executes int3'))
  session.seek(hit?.step ?? 0)
  const { stack } = session.view([], null).snapshot.cpus[hit?.cpu ?? 0] ?? {}
  expect(stack?.words.filter(({ changed }) => changed).map(({ kind }) => kind)).toEqual(Array(5).fill('hardware'))
})

test('without sync 3 the fold shows the breakpoint, the dropped reference, the handler that reads it, and the oops', () => {
  const { moments } = atRace({ sync3: 'off', fetch: 'coherent', callers: '1' }, 'no-oops').view([], null)
  expect(moments.map(({ kind }) => kind)).toEqual(['act', 'cause', 'act', 'violation'])
  expect(moments[0]?.text).toContain('executes int3')
  expect(moments[1]?.text).toContain('tp_refs+0x4 := 0')
})

test('a schedule that cannot happen is followed as far as it goes, and the remark says where it ends', () => {
  const session = open()
  expect(session.load('0s*5 2i 0s', 1e9)).toEqual(['Step 6 of the schedule, 2i: CPU 2 has no interrupt to take there; kept the 5 steps before it.'])
  expect(session.run.cursor).toBe(5)
})

test('choosing differently in the past makes a branch, and the old future can be had back', () => {
  const session = open()
  session.load('0s*20 1s*4', 1e9)
  session.seek(10)
  session.take(1)
  expect(session.view([], null).branches.map(({ forkedAt, length }) => [forkedAt, length])).toEqual([
    [0, 24],
    [10, 11],
  ])
  let timeline = timelineAfter(null, session.view([], null))
  expect(session.checkout(0)).toBe(true)
  const view = session.view([], null)
  timeline = timelineAfter(timeline, view)
  expect([view.length, view.cursor, timeline?.steps]).toEqual([24, 11, 24])
})

describe('who holds the lines of the site', () => {
  const params = { sync1: 'off', callers: '1', site: 'across' }
  const letters = (session: Session) => {
    const { sites, data } = session.view([], null).snapshot
    const site = sites[0]?.cpus.map(({ lines }) => lines.map(({ state, before }) => (before === null ? state : `${before}→${state}`)).join(' '))
    return { site, data: data.map(({ lines }) => lines.join('')) }
  }

  test('two letters a CPU where the site lies in two lines; the patcher writes through the alias', () => {
    const session = atRace(params, 'whole-instruction')
    const { site, data } = letters(session)
    // The caller executes the old first line out of its queue, and fetches the second one with this very step, after the patcher has written it.
    expect(site).toEqual(['M I', 'I I→S'])
    // The descriptor that the patcher has published, and words that the caller alone has read.
    expect(data).toContain('MI')
    expect(data).toContain('IE')
    session.seek(0)
    expect(letters(session).site).toEqual(['I I', 'I I'])
  })
})
