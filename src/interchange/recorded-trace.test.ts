import { expect, test } from 'vitest'
import linux from '../atlas/recordings/linux-6.1-batches.json'
import { kernelTimeline } from '../timeline/kernel.ts'
import { traceOfBatch } from './recorded-trace.ts'
import { parseRecording, type RecordedBatch } from './recording.ts'

const parsed = parseRecording(linux)
if (!parsed.ok) throw new Error(parsed.error)
const pictures = parsed.value.batches.map((batch) => kernelTimeline(traceOfBatch(batch)))

test('four batches, each on four lanes, one step an event', () => {
  expect(pictures.map(({ lanes, steps }) => [lanes.map(({ role }) => role).join(' '), steps])).toEqual(
    [42, 155, 165, 107].map((steps) => ['patcher Linux Linux Linux', steps]),
  )
})

test('phases as our patcher names them', () => {
  for (const { phases } of pictures)
    expect(phases.map(({ label }) => label)).toEqual(['int3', 'sync 1', 'tail', 'sync 2', 'first byte', 'sync 3', 'reference wait'])
})

test('each int3 is a span with its answer inside, each sync an arrow to and from every other CPU', () => {
  expect(
    pictures.map(({ spans, arrows }) => [
      spans.filter(({ kind }) => kind === 'bp').length,
      spans.filter(({ meaning }) => meaning === 'new').length,
      spans.filter(({ kind }) => kind === 'irq').length,
      arrows.filter(({ kind, toStep }) => kind === 'ipi' && toStep !== null).length,
      arrows.filter(({ kind }) => kind === 'ack').length,
    ]),
  ).toEqual([
    [2, 2, 9, 9, 9],
    [60, 60, 9, 9, 9],
    [65, 65, 9, 9, 9],
    [36, 36, 9, 9, 9],
  ])
})

test('on the steps of a run of ours, every event stands where that run shows it', () => {
  const batch = parsed.value.batches[0] as RecordedBatch
  const at = batch.events.map((_, i) => 10 * i + 3)
  const data = kernelTimeline(traceOfBatch(batch), at, 1000)
  expect(data.steps).toBe(1000)
  expect(data.marks.find(({ kind }) => kind === 'int3')).toEqual({
    cpu: 3,
    step: 33,
    kind: 'int3',
    label: 'int3 at site 0, IF 0, bytes cc90488b85',
  })
  expect(data.spans.find(({ cpu, kind }) => cpu === 3 && kind === 'bp')).toMatchObject({ start: 33, end: 44 })
})
