/**
 * What is drawn of a timeline, and where: every coordinate of the picture, in pixels of the viewport. Page, canvas and export draw this and decide nothing.
 *
 * Level of detail: a span of at least COLUMN pixels is drawn as it is. Narrower ones fall into columns, anchored in steps so that panning does not make
 * them flicker; a column shows the highest rank among them. Work is proportional to what is drawn, times the logarithm of what there is.
 */
import { arrowsOf, type DrawnArrow, MARK_PITCH, markX } from './arrows.ts'
import { barsOf } from './bars.ts'
import { type LaneIndex, MOVES, type Points, type Stretches, type TimelineIndex } from './index.ts'
import type { LaneBox, Layout } from './lanes.ts'
import { MARK_LOOKS } from './looks.ts'
import type { Phase, Shade, Span } from './model.ts'
import { lowerBound, lowerBoundFrom, upperBound } from './pyramid.ts'
import { fitText, textWidth } from './text.ts'
import { scaleOf, type Viewport, xOf } from './viewport.ts'

export interface DrawnSpan {
  readonly lane: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Index into SPAN_LOOKS. */
  readonly rank: number
  /** Index into data.spans; of several, the first of the highest rank. */
  readonly item: number
  /** How many spans this stands for. */
  readonly count: number
  readonly label: string | null
  readonly stale: boolean
}

export interface DrawnMark {
  readonly lane: number
  readonly x: number
  readonly y: number
  /** Index into MARK_LOOKS. */
  readonly rank: number
  /** Index into data.marks; of several, the first of the highest rank. */
  readonly item: number
  readonly count: number
  /** Steps [from, to) that the group covers. */
  readonly from: number
  readonly to: number
}

export interface DrawnShade {
  readonly lane: number
  readonly x: number
  readonly width: number
  readonly kind: Shade['kind']
  readonly label: string | null
}

export interface DrawnPhase {
  readonly x: number
  readonly width: number
  readonly label: string | null
  readonly item: number
}

/** A stretch in which a CPU moved at every step (or, far out, in every pixel). */
export interface DrawnMove {
  readonly lane: number
  readonly x: number
  readonly width: number
}

export interface Scene {
  readonly spans: readonly DrawnSpan[]
  readonly marks: readonly DrawnMark[]
  readonly shades: readonly DrawnShade[]
  readonly arrows: readonly DrawnArrow[]
  readonly phases: readonly DrawnPhase[]
  readonly moves: readonly DrawnMove[]
  /** How many shapes that is. */
  readonly size: number
}

/** Narrower spans are merged. */
export const COLUMN = 2
/** A label may stand this far inside its span. */
export const INSET = 5
/** Of what stands in the strip of marks. */
export const SMALL = 9.5

export function sceneOf(index: TimelineIndex, layout: Layout, view: Viewport): Scene {
  const spans: DrawnSpan[] = []
  const marks: DrawnMark[] = []
  const shades: DrawnShade[] = []
  const small = SMALL * layout.metrics.letters
  index.lanes.forEach((lane, i) => {
    const box = layout.lanes[i] as LaneBox
    drawShades(lane.if0, 'if0', i, small, view, shades)
    drawShades(lane.nmiBlocked, 'nmi-blocked', i, small, view, shades)
    drawShades(lane.shadow, 'shadow', i, small, view, shades)
    if (box.collapsed) drawFolded(index, lane, i, box, view, spans)
    else
      lane.depths.forEach((_, depth) => {
        drawSpans(index, lane, depth, i, box, layout.metrics.fontSize, view, spans)
      })
    drawMarks(lane.marks, i, box, view, box.collapsed ? TELLING : 0, marks)
  })
  const arrows = arrowsOf(index, layout, view)
  const phases = drawPhases(index, layout.metrics.fontSize, view)
  const moves = drawMoves(index, view)
  return {
    spans,
    marks,
    shades,
    arrows,
    phases,
    moves,
    size: spans.length + marks.length + shades.length + arrows.length + phases.length + moves.length,
  }
}

/** On a folded lane only breakpoints and what is rarer are marked. */
const TELLING = MARK_LOOKS.findIndex(({ kind }) => kind === 'int3')

/** Visits what is visible of a list: single stretches of at least COLUMN pixels, and columns of narrower ones as [first, last] with the column's pixels. */
function visit(
  list: Stretches,
  view: Viewport,
  one: (i: number, x: number, width: number) => void,
  column: (first: number, end: number, x: number, width: number) => void,
): void {
  const scale = scaleOf(view)
  const size = COLUMN / scale
  const wide = (i: number) => ((list.end[i] as number) - (list.start[i] as number)) * scale >= COLUMN
  const { length } = list.start
  for (let i = upperBound(list.end, view.from); i < length && (list.start[i] as number) < view.to; ) {
    const start = list.start[i] as number
    if (wide(i)) {
      // What begins or ends far outside is cut: huge coordinates are drawn inexactly.
      const x = Math.max(xOf(view, start), -view.width)
      one(i, x, Math.min(xOf(view, list.end[i] as number), 2 * view.width) - x)
      i++
      continue
    }
    const left = Math.floor(start / size) * size
    let end = lowerBoundFrom(list.start, i, left + size)
    if (end <= i) end = i + 1
    // Only the last of a column can be wide.
    if (end - i > 1 && wide(end - 1)) end--
    column(i, end, xOf(view, left), COLUMN)
    i = end
  }
}

function drawSpans(
  index: TimelineIndex,
  lane: LaneIndex,
  depth: number,
  laneNumber: number,
  box: LaneBox,
  fontSize: number,
  view: Viewport,
  into: DrawnSpan[],
): void {
  const list = lane.depths[depth] as Stretches
  // What interrupts a span hides its rest; a label must fit before that.
  const above = depth % 2 === 0 ? lane.depths[depth + 1] : undefined
  const y = sceneSpanY(box, depth)
  const height = box.rowHeight
  // Columns that touch and look alike become one.
  let x0 = 0
  let x1 = 0
  let rank = -1
  let first = 0
  let count = 0
  const flush = () => {
    if (count === 0) return
    const item = list.item[first] as number
    const { stale } = index.data.spans[item] as Span
    into.push({ lane: laneNumber, x: x0, y, width: x1 - x0, height, rank, item, count, label: null, stale: stale && count === 1 })
    count = 0
  }
  const one = (i: number, x: number, width: number) => {
    flush()
    const item = list.item[i] as number
    const { label, start, end, stale } = index.data.spans[item] as Span
    const cover = above === undefined ? -1 : upperBound(above.end, Math.max(start, view.from))
    const hiddenFrom = above === undefined || cover === above.start.length ? end : Math.min(end, above.start[cover] as number)
    const room = Math.min(xOf(view, hiddenFrom), view.width) - Math.max(x, 0) - 2 * INSET
    const text = room < 12 ? null : fitText(label, room, fontSize)
    into.push({ lane: laneNumber, x, y, width, height, rank: list.ranks.at(i), item, count: 1, label: text, stale })
  }
  const column = (from: number, end: number, x: number, width: number) => {
    const highest = list.ranks.max(from, end)
    if (count === 0 || highest !== rank || x - x1 >= 0.5) {
      flush()
      x0 = x
      rank = highest
      first = list.ranks.first(from, end, highest)
    }
    x1 = x + width
    count += end - from
  }
  visit(list, view, one, column)
  flush()
}

/** Top of the row that spans of a depth stand in. */
export function sceneSpanY({ rows, collapsed }: LaneBox, depth: number): number {
  return rows[collapsed ? 0 : Math.min(depth >> 1, rows.length - 1)] as number
}

function drawFolded({ data }: TimelineIndex, lane: LaneIndex, number: number, box: LaneBox, view: Viewport, into: DrawnSpan[]): void {
  for (const { x, width, y, rank, item } of barsOf(lane, view, box.rows[0] as number))
    into.push({ lane: number, x, y, width, height: box.rowHeight, rank, item, count: 1, label: null, stale: (data.spans[item] as Span).stale })
}

const SHADE_LABELS: Readonly<Record<Shade['kind'], string>> = { if0: 'IF=0', 'nmi-blocked': 'NMI blocked', shadow: 'shadow' }

function drawShades(list: Stretches, kind: DrawnShade['kind'], lane: number, size: number, view: Viewport, into: DrawnShade[]): void {
  const text = SHADE_LABELS[kind]
  let x0 = 0
  let x1 = Number.NEGATIVE_INFINITY
  const flush = () => {
    if (x1 === Number.NEGATIVE_INFINITY) return
    const room = Math.min(x1, view.width) - Math.max(x0, 0) - 6
    into.push({ lane, x: x0, width: x1 - x0, kind, label: textWidth(text, size) <= room ? text : null })
  }
  const extend = (x: number, width: number) => {
    if (x - x1 >= 0.5) {
      flush()
      x0 = x
    }
    x1 = x + width
  }
  const each = (_: number, x: number, width: number) => extend(x, width)
  visit(list, view, each, (_, __, x, width) => extend(x, width))
  flush()
}

/** Marks of one step stand side by side where there is room, in their order; what is closer than MARK_PITCH becomes one. */
function drawMarks(list: Points, lane: number, box: LaneBox, view: Viewport, least: number, into: DrawnMark[]): void {
  const scale = scaleOf(view)
  const size = MARK_PITCH / scale
  const { length } = list.step
  for (let i = lowerBound(list.step, Math.floor(view.from) - 1); i < length && (list.step[i] as number) < view.to; ) {
    const step = list.step[i] as number
    let end = lowerBoundFrom(list.step, i, step + 1)
    const together = end - i
    if (scale >= MARK_PITCH * together) {
      for (let k = 0; k < together; k++) {
        if (list.ranks.at(i + k) < least) continue
        const x = markX(view, step, k, together)
        into.push({ lane, x, y: box.marks, rank: list.ranks.at(i + k), item: list.item[i + k] as number, count: 1, from: step, to: step + 1 })
      }
    } else {
      const left = Math.floor((step + 0.5) / size) * size
      end = Math.max(end, lowerBoundFrom(list.step, i, left + size - 0.5))
      const rank = list.ranks.max(i, end)
      if (rank < least) {
        i = end
        continue
      }
      const highest = list.ranks.first(i, end, rank)
      const last = list.step[end - 1] as number
      const x = xOf(view, (list.step[highest] as number) + 0.5)
      into.push({ lane, x, y: box.marks, rank, item: list.item[highest] as number, count: end - i, from: step, to: last + 1 })
    }
    i = end
  }
}

function drawPhases(index: TimelineIndex, fontSize: number, view: Viewport): DrawnPhase[] {
  const result: DrawnPhase[] = []
  const one = (i: number, x: number, width: number) => {
    const item = index.phases.item[i] as number
    const { label } = index.data.phases[item] as Phase
    const room = Math.min(x + width, view.width) - Math.max(x, 0) - INSET
    result.push({ x, width, label: room < 12 ? null : fitText(label, room, fontSize), item })
  }
  visit(index.phases, view, one, () => undefined)
  return result
}

/** Where each CPU moved: by step near, by pixel far out. */
function drawMoves(index: TimelineIndex, view: Viewport): DrawnMove[] {
  const { steps, lanes } = index.data
  const scale = scaleOf(view)
  const first = Math.max(0, Math.floor(view.from))
  const last = Math.min(steps, Math.ceil(view.to))
  const result: DrawnMove[] = []
  const since = new Float64Array(lanes.length).fill(-1)
  const flush = (lane: number, to: number) => {
    const from = since[lane] as number
    if (from < 0) return
    result.push({ lane, x: xOf(view, from), width: (to - from) * scale })
    since[lane] = -1
  }
  const size = Math.max(1, COLUMN / scale)
  for (let from = Math.floor(first / size) * size; from < last; from += size) {
    const to = Math.min(steps, from + size)
    const moved = movedIn(index, Math.max(0, Math.ceil(from)), Math.ceil(to))
    for (let lane = 0; lane < lanes.length; lane++) {
      const here = (moved & (1 << (lanes[lane] as (typeof lanes)[number]).cpu)) !== 0
      if (!here) flush(lane, from)
      else if ((since[lane] as number) < 0) since[lane] = Math.max(0, from)
    }
  }
  for (let lane = 0; lane < lanes.length; lane++) flush(lane, last)
  return result
}

/** The CPUs that moved in steps [from, to), as bits. */
function movedIn({ data, moves }: TimelineIndex, from: number, to: number): number {
  let moved = 0
  for (let step = from; step < to; ) {
    if (step % MOVES === 0 && step + MOVES <= to) {
      moved |= moves[step / MOVES] as number
      step += MOVES
    } else moved |= 1 << (data.movers[step++] as number)
  }
  return moved
}
