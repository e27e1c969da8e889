import { expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { arrowPath, arrowPoint } from './arrows.ts'
import { TimelineBuilder } from './build.ts'
import { describeHit } from './describe.ts'
import { anyStep, NAMES } from './fixtures/events.ts'
import { raceTimeline } from './fixtures/race.ts'
import { syntheticRun } from './fixtures/synthetic.ts'
import { COLUMN, type DrawnSpan, type Scene, sceneOf } from './geometry.ts'
import { hitTest } from './hit.ts'
import { indexTimeline } from './index.ts'
import { type LaneBox, layOut, metricsFor } from './lanes.ts'
import { MARK_LOOKS, markRank, SPAN_LOOKS, spanRank } from './looks.ts'
import type { TimelineData } from './model.ts'
import { describeMoment } from './moment.ts'
import { overviewOf, viewFromOverview, windowOf } from './overview.ts'
import { clamp, domainEnd, fitAll, type Viewport, xOf, zoomAt } from './viewport.ts'

function prepare(data: TimelineData, view: Viewport) {
  const index = indexTimeline(data)
  const layout = layOut(index, metricsFor(data.lanes.length))
  return { index, layout, scene: sceneOf(index, layout, view) }
}

function anyTimeline(seed: number, steps: number): TimelineData {
  const random = new Random(seed)
  const builder = new TimelineBuilder(
    [0, 1, 2].map((cpu) => ({ cpu, role: cpu === 0 ? 'patcher' : 'caller' })),
    NAMES,
  )
  for (let i = 0; i < steps; i++) {
    const { cpu, events } = anyStep(random, 3)
    builder.append(cpu, events, { kind: 'retired', waiting: false })
  }
  return builder.data()
}

function anyViews(seed: number, steps: number, count: number): Viewport[] {
  const random = new Random(seed)
  return Array.from({ length: count }, () => {
    const extent = Math.max(8, steps / 2 ** random.below(12))
    const from = random.below(steps)
    return clamp({ from, to: from + extent, width: 200 + random.below(1200) }, steps)
  })
}

const SEEDS = [1, 2, 3]

test('lanes lie below one another, each with room for its rows', () => {
  const data = syntheticRun(1, 4, 500)
  const { layout, index } = prepare(data, fitAll(500, 800))
  layout.lanes.forEach((lane, i) => {
    const next = layout.lanes[i + 1]
    expect(lane.top + lane.height).toBeLessThanOrEqual(next?.top ?? layout.bottom)
    expect(lane.rows.length).toBeGreaterThanOrEqual(index.lanes[i]?.rows ?? 0)
    for (const top of lane.rows) expect(top + lane.rowHeight).toBeLessThanOrEqual(lane.marks)
  })
  expect(layOut(indexTimeline(syntheticRun(1, 8, 10)), metricsFor(8)).lanes[0]?.rowHeight).toBeLessThan(layout.lanes[0]?.rowHeight as number)
})

test('near, every span is drawn as it is, in the row of its depth', () => {
  const data = raceTimeline()
  const view = fitAll(data.steps, 1200)
  const { scene, layout } = prepare(data, view)
  expect(scene.spans.map((span) => span.item).sort((a, b) => a - b)).toEqual(data.spans.map((_, i) => i))
  for (const drawn of scene.spans) {
    const span = data.spans[drawn.item] as TimelineData['spans'][number]
    expect(drawn.x).toBeCloseTo(xOf(view, span.start))
    expect(drawn.width).toBeCloseTo(xOf(view, span.end) - xOf(view, span.start))
    expect(drawn.y).toBe(layout.lanes.find((lane) => lane.cpu === span.cpu)?.rows[span.depth >> 1])
  }
})

test.each(SEEDS)('whatever the zoom, the rarest kind in view is drawn where it is (seed %i)', (seed) => {
  const data = anyTimeline(seed, 3000)
  for (const view of anyViews(seed, data.steps, 40)) {
    const { scene, index } = prepare(data, view)
    for (const [number, lane] of index.lanes.entries()) {
      const patcher = lane.role === 'patcher'
      const seen = data.spans.filter((span) => span.cpu === lane.cpu && span.start < view.to && span.end > view.from)
      const highest = Math.max(-1, ...seen.map((span) => spanRank(span, patcher)))
      const drawn = scene.spans.filter((span) => span.lane === number)
      expect(Math.max(-1, ...drawn.map((span) => span.rank)), `seed ${seed}, ${JSON.stringify(view)}`).toBe(highest)
      for (const span of seen.filter((each) => spanRank(each, patcher) === highest)) {
        const middle = xOf(view, (Math.max(span.start, view.from) + Math.min(span.end, view.to)) / 2)
        const near = drawn.some((each) => each.rank === highest && each.x - COLUMN <= middle && middle <= each.x + each.width + COLUMN)
        expect(near, `seed ${seed}: ${JSON.stringify(span)} in ${JSON.stringify(view)}`).toBe(true)
      }
    }
  }
})

test.each(SEEDS)('drawn spans of a row do not overlap, lie in the viewport, and stand for all spans in view (seed %i)', (seed) => {
  const data = syntheticRun(seed, 4, 20_000)
  for (const view of anyViews(seed, data.steps, 20)) {
    const { scene, index } = prepare(data, view)
    const rows = index.lanes.reduce((sum, lane) => sum + lane.depths.length, 0)
    expect(scene.spans.length).toBeLessThan((view.width / COLUMN + 2) * rows)
    // A column at the right edge may hold spans that begin just behind it.
    const reach = view.to + (COLUMN * (view.to - view.from)) / view.width
    const count = scene.spans.reduce((sum, span) => sum + span.count, 0)
    expect(count).toBeGreaterThanOrEqual(data.spans.filter((span) => span.start < view.to && span.end > view.from).length)
    expect(count).toBeLessThanOrEqual(data.spans.filter((span) => span.start < reach && span.end > view.from).length)
    const last = new Map<string, DrawnSpan>()
    for (const span of scene.spans) {
      const row = `${span.lane} ${data.spans[span.item]?.depth}`
      const before = last.get(row)
      if (before !== undefined)
        expect(span.x - before.x - before.width, `seed ${seed}: ${JSON.stringify([before, span])}`).toBeGreaterThan(-COLUMN - 1e-6)
      last.set(row, span)
      expect(span.x < view.width && span.x + span.width > -COLUMN).toBe(true)
    }
  }
})

test.each(SEEDS)('every mark in view is drawn or counted, and the rarest is shown (seed %i)', (seed) => {
  const data = anyTimeline(seed, 2000)
  for (const view of anyViews(seed, data.steps, 30)) {
    const { scene } = prepare(data, view)
    for (const [number, { cpu }] of data.lanes.entries()) {
      const inView = data.marks.filter((mark) => mark.cpu === cpu && mark.step >= view.from && mark.step + 1 <= view.to)
      const drawn = scene.marks.filter((mark) => mark.lane === number)
      for (const mark of inView) {
        const holder = drawn.find((each) => each.from <= mark.step && mark.step < each.to && each.rank >= markRank(mark))
        expect(holder, `seed ${seed}: ${JSON.stringify(mark)} in ${JSON.stringify(view)}`).toBeDefined()
      }
      expect(drawn.reduce((sum, each) => sum + each.count, 0)).toBeGreaterThanOrEqual(inView.length)
    }
  }
})

test('a single torn instruction in a million steps is seen from afar', () => {
  const data = syntheticRun(1, 2, 1000)
  const spans = Array.from({ length: 100_000 }, (_, i) => ({
    cpu: 1,
    start: 10 * i,
    end: 10 * i + 10,
    open: false,
    depth: 0,
    kind: 'code' as const,
    label: 'call',
    meaning: i === 54_321 ? ('torn' as const) : i % 2 === 0 ? ('old' as const) : ('new' as const),
    stale: false,
  }))
  const { scene, index } = prepare({ ...data, spans, steps: 1_000_000 }, fitAll(1_000_000, 1000))
  const torn = scene.spans.find((span) => SPAN_LOOKS[span.rank]?.name === 'torn')
  expect(torn?.item).toBe(54_321)
  expect(overviewOf(index, 1000).bars.some((bar) => SPAN_LOOKS[bar.rank]?.name === 'torn')).toBe(true)
})

test.each(SEEDS)('work is bounded by pixels, not by steps (seed %i)', (seed) => {
  const data = syntheticRun(seed, 4, 60_000)
  const { scene } = prepare(data, fitAll(60_000, 600))
  expect(scene.size).toBeLessThan(6000)
  expect(scene.arrows.length).toBeLessThanOrEqual(220)
})

test('who moved when is drawn without gaps and without what others did', () => {
  const data = raceTimeline()
  const view = fitAll(data.steps, 1200)
  const { scene } = prepare(data, view)
  for (const [number, { cpu }] of data.lanes.entries()) {
    const moved = [...data.movers].filter((mover) => mover === cpu).length
    const drawn = scene.moves.filter((move) => move.lane === number).reduce((sum, move) => sum + move.width, 0)
    expect(drawn).toBeCloseTo((moved * view.width) / (view.to - view.from))
  }
})

test('labels fit their spans, and end before a handler covers the rest', () => {
  const data = raceTimeline()
  const view = fitAll(data.steps, 1200)
  const { scene } = prepare(data, view)
  const labels = new Map(scene.spans.map((span) => [data.spans[span.item]?.label, span.label]))
  expect(labels.get('#BP')).toBe('#BP')
  expect(labels.get('poke_int3_handler')).toBe('poke_int3_handler')
  const { scene: narrow } = prepare(data, fitAll(data.steps, 160))
  for (const { label, width } of narrow.spans) if (label !== null) expect(width).toBeGreaterThan(12)
})

test('arrows begin and end at the edges that face each other', () => {
  const data = raceTimeline()
  const view = fitAll(data.steps, 1200)
  const { scene, layout } = prepare(data, view)
  const kinds = scene.arrows.map((arrow) => arrow.kind)
  expect(new Set(kinds)).toEqual(new Set(['missed-store', 'ipi', 'ack', 'visible']))
  for (const arrow of scene.arrows.filter((each) => each.kind === 'missed-store')) {
    expect(arrow.y0).toBeGreaterThan((layout.lanes[0] as LaneBox).top)
    expect(arrow.y1).toBeLessThanOrEqual((layout.lanes[1] as LaneBox).top)
    expect(arrowPoint(arrow, 0)).toEqual({ x: arrow.x0, y: arrow.y0 })
    expect(arrowPoint(arrow, 1).x).toBeCloseTo(arrow.x1)
    expect(arrowPath(arrow)).toMatch(/^M[\d.]+ [\d.]+C/)
  }
  const pending = scene.arrows.find((arrow) => arrow.toStep === null)
  expect(pending?.x1).toBeCloseTo(xOf(view, data.steps))
})

test('of an arrow from far away only what is near the viewport is drawn, on the same curve', () => {
  const data = raceTimeline()
  const far = { ...data, arrows: [{ kind: 'ipi' as const, fromCpu: 0, fromStep: 2, toCpu: 2, toStep: 50, label: 'IPI' }] }
  const view = { from: 30, to: 38, width: 8000 }
  const [arrow] = prepare(far, view).scene.arrows as [Scene['arrows'][number]]
  expect(arrow.x0).toBeLessThan(-20_000)
  const [x, y] = (/^M(\S+) (\S+)C/.exec(arrowPath(arrow)) as RegExpExecArray).slice(1).map(Number) as [number, number]
  expect(x).toBeCloseTo(-40, 0)
  expect(y).toBeCloseTo(arrowPoint(arrow, arrow.begin).y, 0)
  expect(arrowPoint(arrow, arrow.end).x).toBeCloseTo(8040, 0)
  // The curve's middle, from the path's own control points.
  const numbers = arrowPath(arrow)
    .match(/-?[\d.]+/g)
    ?.map(Number) as number[]
  const middle = (numbers[0] as number) / 8 + (3 * (numbers[2] as number)) / 8 + (3 * (numbers[4] as number)) / 8 + (numbers[6] as number) / 8
  expect(middle).toBeCloseTo(arrowPoint(arrow, (arrow.begin + arrow.end) / 2).x, 0)
})

test('what is under the pointer: marks before arrows before spans, handlers before what they cover', () => {
  const data = raceTimeline()
  const view = fitAll(data.steps, 1200)
  const { scene, layout, index } = prepare(data, view)
  const at = (x: number, y: number) => describeHit(index, hitTest(scene, layout, x, y))
  const lane = layout.lanes[2] as LaneBox
  const bp = data.spans.find((span) => span.label === '#BP') as TimelineData['spans'][number]
  expect(at(xOf(view, bp.start + 5), (lane.rows[0] as number) + 3)).toBe(`CPU 2, steps ${bp.start + 1} to ${bp.end}: #BP, breakpoint handler`)
  const int3 = scene.marks.find((mark) => MARK_LOOKS[mark.rank]?.kind === 'int3') as Scene['marks'][number]
  expect(at(int3.x + 2, int3.y - 2)).toMatch(/^CPU 2, step 22: breakpoint taken: int3 at site$/)
  const missed = scene.arrows.find((arrow) => arrow.kind === 'missed-store') as Scene['arrows'][number]
  const half = arrowPoint(missed, 0.5)
  expect(at(half.x, half.y + 1)).toMatch(/^CPU 1 at step 41 missed cc → site, a store of CPU 0 visible since step 17$/)
  expect(hitTest(scene, layout, 5, 2)).toEqual({ cpu: null, target: null })
  expect(hitTest(scene, layout, 5, lane.top + 1).cpu).toBe(2)
})

test('a moment in words: who moved, what happened, where everybody stands', () => {
  const index = indexTimeline(raceTimeline())
  expect(describeMoment(index, 0)).toBe('At the start of 56 steps.')
  expect(describeMoment(index, 41)).toBe(
    'Step 41 of 56, tail · sync 2. CPU 1 moved: neither old nor new executed: e8 fb 1f 11 00 at site; property violated: whole-instruction. ' +
      'CPU 0: waits for acks. CPU 1: call 0x113000. CPU 2: poke_int3_handler, in #BP.',
  )
})

test('the window of the overview covers what is in view, and pressing elsewhere goes there', () => {
  const steps = 10_000
  const view = zoomAt(fitAll(steps, 800), 400, 16, steps)
  const { x, width } = windowOf(view, steps, 800)
  expect(x).toBeCloseTo((view.from / domainEnd(steps)) * 800)
  expect(width).toBeCloseTo(800 / 16)
  const moved = viewFromOverview(view, 100, steps, 800)
  expect((moved.from + moved.to) / 2).toBeCloseTo((100 / 800) * domainEnd(steps))
  expect(windowOf(zoomAt(view, 400, 1e6, steps), steps, 800).width).toBe(8)
})

test('an empty trace has lanes and nothing in them', () => {
  const { scene, layout } = prepare(new TimelineBuilder([{ cpu: 0, role: 'patcher' }], NAMES).data(), fitAll(0, 600))
  expect(scene.size).toBe(0)
  expect(layout.lanes).toHaveLength(1)
})

test('a folded lane is a thin bar with the rarest marks, a pinned one stands on top, and every lane keeps its number', () => {
  const data = raceTimeline()
  const index = indexTimeline(data)
  const view = fitAll(data.steps, 1200)
  const plain = layOut(index, metricsFor(3))
  const layout = layOut(index, metricsFor(3), { arrangement: { order: [], pinned: [2], collapsed: [1] }, branches: [7] })
  expect(layout.lanes.map(({ cpu }) => cpu)).toEqual([0, 1, 2])
  expect(layout.standing.map(({ cpu }) => cpu)).toEqual([2, 0, 1])
  expect(layout.pinnedEnd).toBeGreaterThan((layout.lanes[2]?.top ?? 0) + (layout.lanes[2]?.height ?? 0) - 1)
  expect(layout.lanes[1]?.height).toBeLessThan((plain.lanes[1]?.height ?? 0) / 2)
  expect(layout.strips[0]?.top).toBeGreaterThanOrEqual((layout.lanes[1]?.top ?? 0) + (layout.lanes[1]?.height ?? 0))
  expect(layout.strips[0]?.lines.length).toBe(3)
  const scene = sceneOf(index, layout, view)
  const folded = scene.spans.filter((span) => span.lane === 1)
  expect(folded.every((span) => span.y === layout.lanes[1]?.rows[0] && span.label === null)).toBe(true)
  expect(folded.map((span) => SPAN_LOOKS[span.rank]?.name)).toContain('torn')
  expect(scene.marks.filter((mark) => mark.lane === 1).map((mark) => MARK_LOOKS[mark.rank]?.kind)).toEqual(['violation', 'stop'])
  expect(sceneOf(index, plain, view).marks.filter((mark) => mark.lane === 1).length).toBeGreaterThan(2)
})
