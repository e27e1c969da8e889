/** How fast the timeline is, on synthetic runs of four CPUs: building it, sending it, finding what is in view. */
import { arrowShapes, bulkLayers } from './drawing.ts'
import { syntheticBuilder, syntheticSteps } from './fixtures/synthetic.ts'
import { sceneOf } from './geometry.ts'
import { indexTimeline } from './index.ts'
import { layOut, metricsFor } from './lanes.ts'
import { applyUpdate, wholeTimeline } from './update.ts'
import { clamp, domainEnd } from './viewport.ts'

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly note?: string
}

const CPUS = 4
const MOMENT = { kind: 'retired', waiting: false }
const WIDTH = 1200

export function bench(): Row[] {
  return [...building(), ...looking()]
}

function building(): Row[] {
  const count = 100_000
  const steps = [...take(syntheticSteps(1, CPUS), count)]
  const times = Array.from({ length: 5 }, () =>
    timed(() => {
      const builder = syntheticBuilder(CPUS)
      for (const { cpu, events } of steps) builder.append(cpu, events, MOMENT)
    }),
  )
  return [{ name: '100,000 steps appended', value: round(percentile(times, 0.5)), unit: 'ms', note: 'median of 5' }]
}

function looking(): Row[] {
  const steps = 1_000_000
  const builder = syntheticBuilder(CPUS)
  for (const { cpu, events } of take(syntheticSteps(1, CPUS), steps)) builder.append(cpu, events, MOMENT)
  const first = builder.data()
  const whole = timed(() => applyUpdate(null, wholeTimeline(first)))
  let shown = applyUpdate(null, builder.update())
  let index = indexTimeline(shown)
  const fresh = timed(() => {
    indexTimeline(shown)
  })
  // Steps at the very end of the run: worker side, then page side.
  const worker: number[] = []
  const page: number[] = []
  for (const { cpu, events } of take(syntheticSteps(2, CPUS), 60)) {
    builder.append(cpu, events, MOMENT)
    const begun = performance.now()
    const update = builder.update()
    worker.push(performance.now() - begun)
    page.push(
      timed(() => {
        shown = applyUpdate(shown, update)
        index = indexTimeline(shown, index)
      }),
    )
  }
  const layout = layOut(index, metricsFor(CPUS))
  const frames: number[] = []
  let most = 0
  for (let extent = domainEnd(steps); extent > 10; extent *= 0.93) {
    for (const shift of [0, 0.01]) {
      const from = steps / 2 - extent / 2 + shift * extent
      const view = clamp({ from, to: from + extent, width: WIDTH }, steps)
      frames.push(
        timed(() => {
          const scene = sceneOf(index, layout, view)
          const shapes = bulkLayers(scene, layout, view).reduce((sum, layer) => sum + layer.length, 0)
          most = Math.max(most, shapes + arrowShapes(scene, layout, shown, view, steps).length)
        }),
      )
    }
  }
  const items = shown.spans.length + shown.marks.length + shown.arrows.length
  return [
    { name: 'whole picture of 1,000,000 steps, packed and unpacked', value: round(whole), unit: 'ms', note: `${items} spans, marks and arrows` },
    { name: 'its index, fresh', value: round(fresh), unit: 'ms' },
    { name: 'one more step of it, worker side', value: round(percentile(worker, 0.95)), unit: 'ms', note: '95th percentile' },
    { name: 'one more step of it, page side', value: round(percentile(page, 0.95)), unit: 'ms', note: '95th percentile' },
    {
      name: 'geometry of one frame of it',
      value: round(percentile(frames, 0.95)),
      unit: 'ms',
      note: `95th percentile from all to 10 steps, at most ${most} shapes`,
    },
  ]
}

function* take<T>(items: Iterable<T>, count: number): Generator<T, void, void> {
  let taken = 0
  for (const item of items) {
    if (taken++ === count) return
    yield item
  }
}

function timed(work: () => void): number {
  const begun = performance.now()
  work()
  return performance.now() - begun
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] as number
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
