/** The update of many call sites, recorded: what it costs comes out as the formulas say, and every moment of it can be visited. All 40,000: `npm run at-scale`. */
import { describe, expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { Random } from '../lib/random.ts'
import type { Scenario } from '../scenario/format.ts'
import { Checker } from '../scenario/properties.ts'
import { RecordedRun } from '../scenario/recorded-run.ts'
import { Run } from '../scenario/run.ts'
import { mustBuild } from '../scenario/toy.ts'
import { Counter, type Counts } from '../timeline/counts.ts'
import { atlas } from './index.ts'

const scenario = atlas.get('forty-thousand-sites') as Scenario
const decode = createDecode()

function record(params: Readonly<Record<string, string>>, seed = 1): { run: RecordedRun; counts: Counts } {
  const instance = mustBuild(scenario, params, decode)
  const checker = Checker.create(instance)
  if (!checker.ok) throw new Error(checker.error.join('; '))
  const run = new RecordedRun(instance, checker.value, seed)
  const counter = new Counter(instance.cpus.length)
  while (run.record(1_000_000, { event: (event, retired) => counter.tell(event, retired) }));
  return { run, counts: counter.counts(run.retired) }
}

describe.each([
  ['ftrace', '1024', 3],
  ['batch', '1024', 3 * 4],
  ['single', '256', 3 * 256],
])('%s, %s sites on 8 CPUs', (strategy, sites, broadcasts) => {
  const { run, counts } = record({ strategy, sites, cpus: '8' })

  test(`takes ${broadcasts} broadcasts to 7 CPUs each, and three writes a site`, () => {
    expect(run.violated).toBe(null)
    expect(counts).toMatchObject({ broadcasts, ipis: 7 * broadcasts, pokes: 3 * Number(sites) })
    expect(counts.cpus.map(({ interrupts }) => interrupts)).toEqual([0, ...Array.from({ length: 7 }, () => broadcasts)])
  })

  test('ends with every site as it should be: its new bytes, the ignored ones untouched', () => {
    const wrong = run.instance.sites.filter((site) => {
      const piece = run.machine.map.hot[0] as { first: number; lo: number }
      const at = run.machine.layout.sharedMemory * 4 + piece.first + Number(site.address - (run.instance.sites[0]?.address ?? 0n))
      return !site.new.every((byte, i) => run.machine.u8[at + i] === byte)
    })
    expect(wrong).toEqual([])
    const untouched = run.instance.sites.filter((site) => site.old.every((byte, i) => byte === site.new[i]))
    expect(untouched).toHaveLength(Math.ceil(Number(sites) / 16))
  })

  test('seeds 71: any moment is the same, whichever way one comes there', () => {
    const random = new Random(71)
    const again = record({ strategy, sites, cpus: '8' }).run
    const steps = Array.from({ length: 12 }, () => random.below(run.length))
    const digests = new Map<number, string>()
    for (const step of [...steps].sort((a, b) => a - b)) {
      again.seek(step)
      digests.set(step, again.digest)
    }
    for (const step of steps) {
      run.seek(step)
      expect([step, run.digest]).toEqual([step, digests.get(step)])
    }
  })
})

test('traps: all of them are answered, and a handler of the old way costs fewer instructions than a search among 256', () => {
  const old = record({ strategy: 'ftrace', sites: '1024', cpus: '8' }).counts
  const batch = record({ strategy: 'batch', sites: '1024', cpus: '8' }).counts
  expect(old.int3).toBeGreaterThan(batch.int3)
  expect(batch.int3).toBeGreaterThan(0)
  expect(old.int3Instructions / old.int3).toBeLessThan(batch.int3Instructions / batch.int3)
})

test('a recorded run is made of choices that the machine allows, one by one', () => {
  const { run } = record({ strategy: 'batch', sites: '2', cpus: '2' }, 7)
  const ended = run.digest
  const checker = Checker.create(run.instance)
  if (!checker.ok) throw new Error('no checker')
  const single = new Run(run.instance, checker.value)
  const told: string[] = []
  run.seek(0)
  run.follow(run.length, (choice, events) => {
    const taken = single.take(choice)
    expect(taken).not.toBe(null)
    expect(events).toEqual(taken?.events)
    told.push(...events.map(({ kind }) => kind))
  })
  expect(single.digest).toBe(ended)
  expect(single.length).toBe(run.length)
  expect(told.filter((kind) => kind === 'ipi-sent')).toHaveLength(3)
})
