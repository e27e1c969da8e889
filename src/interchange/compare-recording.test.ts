/** What Linux 6.1 was seen to do is an execution of the model; what it was not seen to do is none. */
import { describe, expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import linux from '../atlas/recordings/linux-6.1-batches.json'
import { createDecode } from '../decoder/decode.ts'
import type { Scenario } from '../scenario/format.ts'
import { Checker } from '../scenario/properties.ts'
import { disagreements } from './agreement.ts'
import { compareBatch } from './compare-recording.ts'
import { observeSchedule } from './guided-replay.ts'
import { Observer } from './observer.ts'
import { parseRecording, type RecordedBatch } from './recording.ts'

const scenario = atlas.get('linux-6-1') as Scenario
const decode = createDecode()

type Json = { batches: { events: Record<string, unknown>[] }[] }

/** Smaller than usual: these are enough to find what there is. */
const LIMITS = { perEvent: 1500, total: 8000 }

function compare(json: unknown, index: number) {
  const recording = parseRecording(json)
  if (!recording.ok) throw new Error(recording.error)
  const compared = compareBatch(scenario, json, recording.value, index, decode, LIMITS)
  if (!compared.ok) throw new Error(compared.error.join('; '))
  return { ...compared.value, recording: recording.value }
}

describe.each([
  ['jump label, two sites', 0, 42],
  ['nop to call', 1, 155],
  ['call to call', 2, 165],
  ['call to nop', 3, 107],
])('%s', (_, index, count) => {
  const { guided, refusal, batch, instance, recording } = compare(linux, index)

  test('is an execution that the model allows, with fetch as coherent as can be', () => {
    expect(refusal).toBe(null)
    expect(guided).toMatchObject({ allowed: true, met: count })
    expect(instance.params.fetch).toBe('coherent')
  })

  test('the schedule shows the recording event for event, and nothing else', () => {
    const checker = Checker.create(instance)
    const observer = Observer.create(instance, scenario.file.recording?.compare as never, batch.sites)
    if (!checker.ok || !observer.ok) throw new Error('no observer')
    const noted = observeSchedule(instance, checker.value, observer.value, guided.schedule)
    expect(noted?.map(({ cpu, step, observation }) => [cpu, step, observation.event])).toEqual(
      batch.events.map(({ cpu, event }, i) => [cpu, guided.steps[i], event]),
    )
    let sync = 0
    for (const [i, event] of batch.events.entries()) {
      if (event.event === 'sync begin') sync++
      const { observation, trap } = (noted ?? [])[i] as NonNullable<typeof noted>[number]
      expect(disagreements(recording, event, observation, { sync, trap })).toEqual([])
    }
  })
})

describe('a recording that somebody has tampered with is refused at the very first event that cannot be', () => {
  /** Batch 1 (nop to call) with something changed. */
  function tampered(change: (events: Record<string, unknown>[]) => void): ReturnType<typeof compare> {
    const copy = JSON.parse(JSON.stringify(linux)) as Json
    const { events } = copy.batches[1] as { events: Record<string, unknown>[] }
    change(events)
    for (const [i, event] of events.entries()) event.seq = i
    return compare(copy, 1)
  }
  const find = (events: Record<string, unknown>[], fields: Record<string, unknown>, from = 0) =>
    events.findIndex((event, i) => i >= from && Object.entries(fields).every(([key, value]) => event[key] === value))

  test('an int3 after the CPU has acknowledged sync 3', () => {
    let at = 0
    const { guided, refusal } = tampered((events) => {
      const hit = find(events, { event: 'int3 hit', cpu: 2 })
      at = find(events, { event: 'sync taken', sync: 3, cpu: 2 }) + 1
      events.splice(at, 0, { ...events[hit], bytes: 'e85b2c143f' })
    })
    expect(guided).toMatchObject({ allowed: false, met: at })
    expect(refusal).toMatch(/CPU 2: int3 hit at 0xffffffff810be3a0 .* has acknowledged sync 3: it fetches no int3 any more/)
  })

  test('an answer that goes on elsewhere', () => {
    let at = 0
    const { guided, refusal } = tampered((events) => {
      at = find(events, { event: 'int3 return', cpu: 1 })
      Object.assign(events[at] as object, { resume: '__x64_sys_getppid+0x5', sp_delta: 0, pushed: undefined })
    })
    expect(guided).toMatchObject({ allowed: false, met: at })
    expect(refusal).toMatch(
      /resumes at: recorded 0xffffffff810be3a5, in the model 0xffffffffc0201000; stack pointer moves by: recorded 0, in the model -8/,
    )
  })

  test('a first byte that is restored before sync 2 is over', () => {
    let at = 0
    const { guided, refusal } = tampered((events) => {
      at = find(events, { event: 'sync done', sync: 2 })
      const first = find(events, { event: 'write first byte' })
      events.splice(at, 0, ...events.splice(first, 1))
    })
    expect(guided).toMatchObject({ allowed: false, met: at })
    expect(refusal).toMatch(/write first byte.*in the model it does “sync done” next/)
  })

  test('an acknowledgement before the interrupt was sent', () => {
    let at = 0
    const { guided, refusal } = tampered((events) => {
      at = find(events, { event: 'sync ipi sent', sync: 2 })
      const taken = find(events, { event: 'sync ipi taken', sync: 2 })
      events.splice(at, 0, ...events.splice(taken, 1))
    })
    expect(guided).toMatchObject({ allowed: false, met: at })
    expect(refusal).toMatch(/CPU 3: ipi taken \(sync 2, in the kernel\), has no place/)
  })

  test('an int3 with another byte in memory than any moment shows', () => {
    let at = 0
    const { guided, refusal } = tampered((events) => {
      at = find(events, { event: 'int3 hit', cpu: 3 })
      Object.assign(events[at] as object, { bytes: 'cc5b2c143f' })
    })
    expect(guided).toMatchObject({ allowed: false, met: at })
    expect(refusal).toMatch(/bytes: recorded cc5b2c143f, in the model cc1f440000/)
  })
})

test('a batch of another shape is no question for this scenario, and is told so', () => {
  const recording = parseRecording(linux)
  if (!recording.ok) throw new Error(recording.error)
  const [first, second] = recording.value.batches as [RecordedBatch, RecordedBatch]
  const wide = { ...recording.value, batches: [{ ...first, sites: [...first.sites, ...second.sites] }] }
  expect(compareBatch(scenario, linux, wide, 0, decode)).toEqual({ ok: false, error: [expect.stringMatching(/^batch 0 has 3 sites/)] })
  expect(compareBatch(scenario, linux, recording.value, 4, decode)).toEqual({ ok: false, error: [expect.stringMatching(/^there is no batch 4/)] })
})
