import { expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { TimelineBuilder } from './build.ts'
import { anyStep, NAMES } from './fixtures/events.ts'
import { raceTimeline } from './fixtures/race.ts'
import { syntheticBuilder, syntheticSteps } from './fixtures/synthetic.ts'
import type { TimelineData } from './model.ts'
import { parseQuery } from './query.ts'
import { EventSearch, hitColumns } from './search.ts'
import { foundSelection } from './selection.ts'
import { suggestions } from './suggestions.ts'
import { applyUpdate } from './update.ts'

const MOMENT = { kind: 'retired', waiting: false }
const race = raceTimeline()

function found(query: string, data: TimelineData = race): string[] {
  const search = new EventSearch(data, query)
  while (search.run(16));
  return Array.from({ length: search.count }, (_, i) => {
    const { list, item, step } = search.hit(i)
    const label = list === 'step' ? '' : { mark: data.marks, span: data.spans, arrow: data.arrows, phase: data.phases }[list][item]?.label
    return `${step + 1} ${list}${label === '' ? '' : ` ${label}`}`
  })
}

test.each([
  ['torn', ['41 mark e8 fb 1f 11 00 at site', '41 span call 0x113000']],
  ['kind:int3', ['22 mark int3 at site']],
  ['is:ipi-taken', ['46 mark IPI 0xfb']],
  ['"interrupt sent"', ['31 mark IPI 0xfb to CPU 1', '32 mark IPI 0xfb to CPU 2']],
  ['ipi cpu:2', ['46 mark IPI 0xfb', '46 span IPI 0xfb']],
  ['ipi CPU 2 -is:irq', ['46 mark IPI 0xfb']],
  ['missed', ['41 arrow missed cc → site']],
  ['step:21-22 int3 -is:phase', ['22 mark int3 at site']],
  ['step:1-20 int3', ['13 phase int3 · sync 1', '14 mark cc → site', '17 mark cc → site']],
  ['"sync 1" cpu:0', ['13 phase int3 · sync 1']],
  ['IPI 0xfb cpu:0', ['31 mark IPI 0xfb to CPU 1', '32 mark IPI 0xfb to CPU 2']],
  ['0xfb kind:ipi-taken', ['46 mark IPI 0xfb']],
  ['caller stale', ['41 arrow missed cc → site']],
  ['nothing of the kind', []],
  ['', []],
])('"%s"', (query, hits) => {
  expect(found(query)).toEqual(hits)
})

test('an address, whole or its end, finds what executed, loaded, stored and fetched it; a store counts for each of its bytes', () => {
  const whole = found('0x9000')
  expect(whole.filter((hit) => hit.includes('step')).length).toBe(3)
  expect(whole).toContain('49 mark acks = 1')
  expect(found('…9000')).toEqual(whole)
  expect(found('0x9000 kind:loaded')).toEqual(whole.filter((hit) => hit.endsWith('step')))
  // The tail's four bytes begin at site + 1.
  expect(found('0x1003 is:visible')).toEqual(['29 mark fb 1f 11 00 → site'])
  expect(found('0x1005 is:visible')).toEqual([])
  expect(found('-0x1000 cpu:0 kind:visible').length).toBeGreaterThan(0)
})

test('questions are read as they are typed', () => {
  expect(parseQuery('CPU 1 -"neither old" cpu2 kind:STALE step:5- at:…1148 0xffffffff81001148 cpu:x')).toEqual([
    { kind: 'cpu', cpu: 1, not: false },
    { kind: 'text', text: 'neither old', not: true },
    { kind: 'cpu', cpu: 2, not: false },
    { kind: 'kind', text: 'stale', not: false },
    { kind: 'steps', from: 5, to: Number.MAX_SAFE_INTEGER, not: false },
    { kind: 'address', digits: '1148', whole: false, text: null, not: false },
    { kind: 'address', digits: 'ffffffff81001148', whole: true, text: null, not: false },
    { kind: 'text', text: 'cpu:x', not: false },
  ])
})

test('few digits may be a text, all of an address or what is marked as the end of one are not', () => {
  expect(parseQuery('0xfb …1000 0x…81001000 at:0xfb')).toEqual([
    { kind: 'address', digits: 'fb', whole: false, text: '0xfb', not: false },
    { kind: 'address', digits: '1000', whole: false, text: null, not: false },
    { kind: 'address', digits: '81001000', whole: false, text: null, not: false },
    { kind: 'address', digits: 'fb', whole: false, text: null, not: false },
  ])
})

test('what is suggested is found, each by itself', () => {
  const words = suggestions(race)
  expect(words).toEqual(['torn', 'int3', 'IPI 0xfb', 'cpu:0', '…1000', 'step:28-56', '-fetch'])
  for (const word of words) expect(found(word), word).not.toEqual([])
  const empty = new TimelineBuilder([{ cpu: 0, role: 'patcher' }], NAMES).data()
  expect(suggestions(empty)).toEqual(['cpu:0'])
})

test('a phase that is found is selected as the stretch it is, and ends where the next begins', () => {
  const search = new EventSearch(race, 'kind:phase')
  while (search.run(1000));
  const stretches = Array.from({ length: search.count }, (_, i) => foundSelection(race, search.hit(i)))
  expect(stretches.map(({ kind, from, to }) => [kind, from, to])).toEqual(race.phases.map(({ start, end }) => ['area', start, end]))
  expect(stretches.length).toBeGreaterThan(1)
})

/** As the definition says, in one go. */
function naive(data: TimelineData, text: string): number[] {
  const steps = [
    ...data.marks.filter(({ label }) => label.includes(text)).map(({ step }) => step),
    ...data.spans.filter(({ label, start, end }) => end > start && label.includes(text)).map(({ start }) => start),
    ...data.phases.filter(({ label, start, end }) => end > start && label.includes(text)).map(({ start }) => start),
    ...data.arrows.filter(({ kind, label }) => kind === 'missed-store' && label.includes(text)).map(({ toStep }) => toStep as number),
  ]
  return steps.sort((a, b) => a - b)
}

test.each([1, 2, 3])(
  'hits come in the order of their steps, as many as there are, in whatever portions, and go on with the trace (seed %i)',
  (seed) => {
    const random = new Random(seed)
    const builder = new TimelineBuilder(
      [0, 1, 2].map((cpu) => ({ cpu, role: cpu === 0 ? 'patcher' : 'caller' })),
      NAMES,
    )
    let data = applyUpdate(null, builder.update())
    const searches = ['site', 'acks', 'callee'].map((text) => new EventSearch(data, text))
    for (let round = 0; round < 12; round++) {
      for (let i = random.below(600); i > 0; i--) {
        const { cpu, events } = anyStep(random, 3)
        builder.append(cpu, events, MOMENT)
      }
      data = applyUpdate(data, builder.update())
      for (const search of searches) {
        search.goOn(data)
        while (search.run(1 + random.below(3000)));
        expect(
          Array.from({ length: search.count }, (_, i) => search.hit(i).step),
          `seed ${seed}, round ${round}, ${search.query}`,
        ).toEqual(naive(data, search.query))
      }
    }
  },
)

test('the first hit at or behind a step, and what an overview shows of many', () => {
  const builder = syntheticBuilder(4)
  let left = 20_000
  for (const { cpu, events } of syntheticSteps(1, 4)) {
    if (left-- === 0) break
    builder.append(cpu, events, MOMENT)
  }
  const search = new EventSearch(builder.data(), 'acks')
  while (search.run(5000));
  const all = Array.from({ length: search.count }, (_, i) => search.hit(i).step)
  for (const step of [0, 1, 777, 19_999]) {
    const at = search.from(step)
    expect(at).toBe(all.filter((each) => each < step).length)
  }
  const columns = hitColumns(search, 1000, 9000, 50)
  expect(columns.length).toBeLessThanOrEqual(50)
  expect(columns.length).toBeGreaterThan(10)
  for (const step of columns) expect(all).toContain(step)
  expect(hitColumns(search, 0, 20_000, 100_000)).toEqual([...new Set(all)])
})
