import { describe, expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { packChoice } from '../machine/choice.ts'
import { TimelineBuilder } from '../timeline/build.ts'
import { anyStep, NAMES } from '../timeline/fixtures/events.ts'
import { raceTimeline } from '../timeline/fixtures/race.ts'
import { syntheticRun } from '../timeline/fixtures/synthetic.ts'
import type { TimelineData } from '../timeline/model.ts'
import { toFtrace } from './ftrace.ts'
import { decodeLink, type Replay } from './link.ts'
import { toPerfetto } from './perfetto.ts'
import { toRunJson } from './run-json.ts'

/** Steps that no machine would make: exports must be well formed all the same. */
function wild(seed: number): TimelineData {
  const random = new Random(seed)
  const builder = new TimelineBuilder(
    [0, 1, 2].map((cpu) => ({ cpu, role: cpu === 0 ? 'patcher' : 'a caller' })),
    NAMES,
  )
  for (let i = 0; i < 400; i++) {
    const { cpu, events } = anyStep(random, 3)
    builder.append(cpu, events, { kind: 'retired', waiting: random.below(4) === 0 })
  }
  return builder.data()
}

const RUNS: readonly (readonly [string, TimelineData])[] = [
  ['the race', raceTimeline()],
  ['a patch of 5,000 steps on 4 CPUs', syntheticRun(1, 4, 5000)],
  ...[1, 2, 3, 4, 5].map((seed) => [`anything at all (seed ${seed})`, wild(seed)] as const),
]

interface Event {
  readonly name: string
  readonly cat: string
  readonly ph: string
  readonly ts: number
  readonly dur: number
  readonly pid: number
  readonly tid: number
  readonly id: string | number
}

describe.each(RUNS)('Chrome trace JSON of %s', (_, data) => {
  const { traceEvents, displayTimeUnit } = JSON.parse(toPerfetto(data, { title: 'text-poke', link: 'v=1&s=text-poke' })) as {
    traceEvents: Event[]
    displayTimeUnit: string
  }
  const of = (...phases: string[]) => traceEvents.filter(({ ph }) => phases.includes(ph))

  test('has the fields that readers ask for', () => {
    expect(displayTimeUnit).toBe('ns')
    for (const event of traceEvents) {
      expect(['M', 'X', 'i', 's', 'f', 'b', 'e']).toContain(event.ph)
      expect(typeof event.name).toBe('string')
      expect([event.pid, typeof event.tid]).toEqual([1, 'number'])
      if (event.ph !== 'M') expect(event.ts).toBeGreaterThanOrEqual(0)
      if (event.ph !== 'M') expect(event.ts).toBeLessThanOrEqual(data.steps)
    }
  })

  test('names the machine and each CPU', () => {
    const names = of('M').filter(({ name }) => name === 'thread_name' || name === 'process_name')
    expect(names.length).toBeGreaterThanOrEqual(1 + data.lanes.length)
  })

  test('nests the slices of each thread', () => {
    for (const tid of new Set(of('X').map((event) => event.tid))) {
      const open: number[] = []
      let before = 0
      for (const { ts, dur } of of('X').filter((event) => event.tid === tid)) {
        expect(ts).toBeGreaterThanOrEqual(before)
        before = ts
        while (open.length > 0 && (open[open.length - 1] as number) <= ts) open.pop()
        expect(dur).toBeGreaterThan(0)
        if (open.length > 0) expect(ts + dur).toBeLessThanOrEqual(open[open.length - 1] as number)
        open.push(ts + dur)
      }
    }
  })

  test('ends every flow and every stretch that it begins, once and later', () => {
    for (const [first, last] of [
      ['s', 'f'],
      ['b', 'e'],
    ] as const) {
      const key = ({ cat, id, name }: Event) => `${cat} ${id} ${name}`
      const ends = new Map(of(last).map((event) => [key(event), event]))
      expect(ends.size).toBe(of(first).length)
      expect(of(last)).toHaveLength(of(first).length)
      for (const event of of(first)) expect(ends.get(key(event))?.ts).toBeGreaterThanOrEqual(event.ts)
    }
  })

  test('keeps every span, mark and finished arrow', () => {
    expect(of('X').length + of('b').filter(({ id }) => String(id).startsWith('loose')).length).toBe(
      data.spans.filter(({ start, end }) => end > start).length + data.phases.length,
    )
    expect(of('i').length).toBe(data.marks.length + (data.violation === null ? 0 : 1))
    expect(of('s').length).toBe(data.arrows.filter(({ toStep }) => toStep !== null).length)
  })
})

describe.each(RUNS)('ftrace text of %s', (_, data) => {
  const lines = toFtrace(data).split('\n')
  const body = lines.filter((line) => line !== '' && !line.startsWith('#'))
  const LINE = /^ *(\S+)-(\d+) {2}\[(\d{3})\] ([d.])\.([hZ.])\. +(\d+\.\d{6}): (\w+): (.*)$/

  test('has a header with the number of entries and CPUs', () => {
    expect(lines[0]).toBe('# tracer: nop')
    expect(lines[2]).toBe(`# entries-in-buffer/entries-written: ${body.length}/${body.length}   #P:${data.lanes.length}`)
  })

  test('has lines of the one form, in order of time', () => {
    let before = 0
    for (const line of body) {
      const match = LINE.exec(line)
      expect(match, line).not.toBe(null)
      expect(Number(match?.[2])).toBe(100 + Number(match?.[3]))
      expect(Number(match?.[6])).toBeGreaterThanOrEqual(before)
      before = Number(match?.[6])
    }
  })

  test('ends every slice that it begins, inner ones first', () => {
    const depth = new Map<string, number>()
    for (const line of body) {
      const mark = /tracing_mark_write: ([BE])\|(\d+)(\|.+)?$/.exec(line)
      if (mark === null) continue
      expect(mark[1] === 'B').toBe(mark[3] !== undefined)
      const pid = mark[2] as string
      depth.set(pid, (depth.get(pid) ?? 0) + (mark[1] === 'B' ? 1 : -1))
      expect(depth.get(pid)).toBeGreaterThanOrEqual(0)
    }
    expect([...depth.values()].every((open) => open === 0)).toBe(true)
  })
})

test('ftrace flags say that interrupts are off, and in which handler', () => {
  const data = raceTimeline()
  const text = toFtrace(data)
  expect(text).toMatch(/\] d\.\.\. .*tracing_mark_write: B\|\d+\|#BP/)
  expect(text).toMatch(/\] d\.h\. .*tracing_mark_write: B\|\d+\|IRQ|\] d\.h\. .*ipi/i)
})

test('an IPI that is still pending at the end is a stretch, and no arrow', () => {
  const lanes = [
    { cpu: 0, role: 'patcher' },
    { cpu: 1, role: 'caller' },
  ]
  const arrows = [{ kind: 'ipi', fromCpu: 0, fromStep: 3, toCpu: 1, toStep: null, label: 'IPI 0xfb' }] as const
  const data = { steps: 9, lanes, spans: [], shades: [], marks: [], arrows, phases: [], violation: null, movers: new Uint8Array(9) }
  const { traceEvents } = JSON.parse(toPerfetto(data, { title: '', link: '' })) as { traceEvents: Event[] }
  expect(traceEvents.filter(({ ph }) => ph !== 'M').map(({ ph, ts, tid }) => [ph, ts, tid])).toEqual([
    ['b', 3.5, 1],
    ['e', 9, 1],
  ])
})

test('a run as JSON holds its link, its replay and every step', () => {
  const replay: Replay = { version: 1, scenario: 'text-poke', params: { sync1: 'off' }, schedule: '0s 1s.1', cursor: 2, digest: '0123456789abcdef' }
  const steps = [
    {
      choice: packChoice(0, 0, 0),
      kind: 'retired',
      events: [{ kind: 'store', cpu: 0, address: 0xffff_ffff_8100_0000n, size: 1, value: 0xccn, buffered: true, locked: false, hot: true }],
    },
    {
      choice: packChoice(1, 0, 1),
      kind: 'retired',
      events: [{ kind: 'execute', cpu: 1, address: 16n, bytes: Uint8Array.of(0xe8, 1), mnemonic: 'call', hot: true, stale: true }],
    },
  ] as const
  const run = JSON.parse(toRunJson({ replay, steps, violation: { step: 1, cpu: 1, property: 'no-oops' } }))
  expect(run).toMatchObject({ format: 'pokescope-run', version: 1, replay, violation: { property: 'no-oops' } })
  expect(decodeLink(run.link)).toEqual({ link: replay, problems: [] })
  expect(run.steps).toEqual([
    {
      step: 0,
      choice: '0s',
      cpu: 0,
      kind: 'retired',
      events: [{ kind: 'store', cpu: 0, address: '0xffffffff81000000', size: 1, value: '0xcc', buffered: true, locked: false, hot: true }],
    },
    {
      step: 1,
      choice: '1s.1',
      cpu: 1,
      kind: 'retired',
      events: [{ kind: 'execute', cpu: 1, address: '0x10', bytes: 'e801', mnemonic: 'call', hot: true, stale: true }],
    },
  ])
})
