/**
 * Arrows between lanes, and along one. They leave and arrive upright, at the edges that face each other:
 *
 *     lane a   ────●────────      from the strip of marks, down
 *                   ╲
 *     lane b   ──────▼──────      to the top edge (upwards the other way round)
 */
import type { ArrowIndex, Points, TimelineIndex } from './index.ts'
import type { LaneBox, Layout } from './lanes.ts'
import { MARK_LOOKS } from './looks.ts'
import type { Arrow, MarkKind } from './model.ts'
import { lowerBound, upperBound } from './pyramid.ts'
import { scaleOf, type Viewport, xOf } from './viewport.ts'

export interface DrawnArrow {
  readonly kind: Arrow['kind']
  /** Index into data.arrows. */
  readonly item: number
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
  /** The part of the curve (of 0 to 1) that is drawn: dashing what lies far outside the viewport would take longer than all the rest. */
  readonly begin: number
  readonly end: number
  /** Taken at this step; null: still on its way at the trace's end. */
  readonly toStep: number | null
}

/** More would be a thicket: kinds beyond this are left to their marks, the most important kind is thinned. */
const MOST = 160
/** Arrows of the most important kind keep this far apart where they must be thinned. */
const THINNED = 14
/** Room for the arrow's head. */
const HEAD = 2
/** Shorter delays in the store buffer need no line. */
const SHORTEST_DELAY = 16

/** Marks closer than this are one, with a number. */
export const MARK_PITCH = 12

/** Where the k-th of several marks of one step stands, where all have room. */
export function markX(view: Viewport, step: number, k: number, together: number): number {
  return xOf(view, step + (k + 1) / (together + 1))
}

/** The marks that an arrow's ends belong to. */
const FROM: Readonly<Record<Arrow['kind'], readonly MarkKind[]>> = {
  ipi: ['ipi-sent'],
  ack: ['ack'],
  'missed-store': ['visible'],
  visible: ['store'],
}
const TO: Readonly<Record<Arrow['kind'], readonly MarkKind[]>> = {
  ipi: ['ipi-taken'],
  ack: [],
  'missed-store': ['torn', 'stale'],
  visible: ['visible', 'ack'],
}

/** x of an arrow's end: at its mark, where that is drawn by itself; else amid the step. */
function endX(points: Points | undefined, step: number, kinds: readonly MarkKind[], view: Viewport): number {
  const middle = xOf(view, step + 0.5)
  if (points === undefined || kinds.length === 0) return middle
  const first = lowerBound(points.step, step)
  const together = upperBound(points.step, step) - first
  if (scaleOf(view) < MARK_PITCH * together) return middle
  for (let k = 0; k < together; k++)
    if (kinds.includes((MARK_LOOKS[points.ranks.at(first + k)] as (typeof MARK_LOOKS)[number]).kind)) return markX(view, step, k, together)
  return middle
}

export function arrowsOf(index: TimelineIndex, layout: Layout, view: Viewport): DrawnArrow[] {
  const lanes: Lanes = new Map(layout.lanes.map((box, i) => [box.cpu, { box, marks: index.lanes[i]?.marks }]))
  const result: DrawnArrow[] = []
  for (const list of index.arrows) {
    const visible = visibleArrows(list, view, MOST - result.length)
    if (visible === null && list.kind !== 'missed-store') continue
    for (const i of visible ?? thinned(list, view)) {
      const item = list.item[i] as number
      const drawn = draw(index.data.arrows[item] as Arrow, item, index.data.steps, lanes, view)
      if (drawn !== null) result.push(drawn)
    }
  }
  return result
}

/** Which arrows cross the viewport, or null where there are more than `most`. */
function visibleArrows(list: ArrowIndex, view: Viewport, most: number): number[] | null {
  const first = lowerBound(list.start, view.from)
  const end = lowerBound(list.start, view.to)
  if (end - first > most) return null
  const found: number[] = []
  for (let i = end - 1; i >= 0 && (list.reach[i] as number) >= view.from; i--) {
    if ((list.end[i] as number) >= view.from) found.push(i)
    if (found.length > most) return null
    // Long arrows far back are worth a look, not a search through the whole trace.
    if (first - i > 4096) break
  }
  return found.reverse()
}

function thinned(list: ArrowIndex, view: Viewport): number[] {
  const gap = THINNED / scaleOf(view)
  const found: number[] = []
  for (let i = lowerBound(list.start, view.from); i < list.start.length && (list.start[i] as number) < view.to; ) {
    found.push(i)
    i = Math.max(i + 1, lowerBound(list.start, (list.start[i] as number) + gap))
  }
  return found
}

type Lanes = ReadonlyMap<number, { readonly box: LaneBox; readonly marks: Points | undefined }>

function draw({ kind, fromCpu, fromStep, toCpu, toStep }: Arrow, item: number, steps: number, lanes: Lanes, view: Viewport): DrawnArrow | null {
  const fromLane = lanes.get(fromCpu)
  const toLane = lanes.get(toCpu)
  if (fromLane === undefined || toLane === undefined) return null
  const from = fromLane.box
  const to = toLane.box
  const x0 = endX(fromLane.marks, fromStep, FROM[kind], view)
  const x1 = toStep === null ? xOf(view, Math.max(fromStep + 1, steps)) : endX(toLane.marks, toStep, TO[kind], view)
  if (from === to) {
    if (kind === 'visible' && x1 - x0 < SHORTEST_DELAY) return null
    return cut({ kind, item, x0: x0 + 6, y0: from.marks, x1: x1 - 6, y1: from.marks, begin: 0, end: 1, toStep }, view)
  }
  const down = to.top > from.top
  return cut({ kind, item, x0, y0: down ? from.marks + 6 : from.top, x1, y1: down ? to.top - HEAD : to.marks + 8, begin: 0, end: 1, toStep }, view)
}

/** How far outside the viewport an arrow may be drawn. */
const OUTSIDE = 40

/** Leaves out what lies outside the viewport. x never turns back along the curve. */
function cut(arrow: DrawnArrow, { width }: Viewport): DrawnArrow {
  const left = Math.min(arrow.x0, arrow.x1)
  const right = Math.max(arrow.x0, arrow.x1)
  if (left >= -OUTSIDE && right <= width + OUTSIDE) return arrow
  /** Where the curve crosses x, as t. */
  const at = (x: number) => {
    let low = 0
    let high = 1
    for (let i = 0; i < 40; i++) {
      const middle = (low + high) / 2
      if (arrowPoint(arrow, middle).x < x === arrow.x0 < arrow.x1) low = middle
      else high = middle
    }
    return low
  }
  const crossings = [left < -OUTSIDE ? at(-OUTSIDE) : null, right > width + OUTSIDE ? at(width + OUTSIDE) : null]
  const [first, last] = arrow.x0 < arrow.x1 ? crossings : crossings.reverse()
  return { ...arrow, begin: first ?? 0, end: last ?? 1 }
}

/** The path of what is drawn of the curve; straight along one lane. */
export function arrowPath(arrow: DrawnArrow): string {
  const { y0, y1, begin, end } = arrow
  const from = arrowPoint(arrow, begin)
  const to = arrowPoint(arrow, end)
  if (y0 === y1) return `M${round(from.x)} ${round(y0)}H${round(to.x)}`
  // A part of a cubic curve is a cubic curve that leaves in the same directions.
  const part = (end - begin) / 3
  const out = slope(arrow, begin)
  const into = slope(arrow, end)
  const controls = [from.x + out.x * part, from.y + out.y * part, to.x - into.x * part, to.y - into.y * part]
  return `M${round(from.x)} ${round(from.y)}C${controls.map(round).join(' ')} ${round(to.x)} ${round(to.y)}`
}

/** A point of the curve, t from 0 to 1. */
export function arrowPoint({ x0, y0, x1, y1 }: DrawnArrow, t: number): { x: number; y: number } {
  if (y0 === y1) return { x: x0 + (x1 - x0) * t, y: y0 }
  const s = 1 - t
  const a = s * s * s + 3 * s * s * t
  const b = 3 * s * t * t + t * t * t
  const middle = (y0 + y1) / 2
  return { x: a * x0 + b * x1, y: s * s * s * y0 + (3 * s * s * t + 3 * s * t * t) * middle + t * t * t * y1 }
}

/** The curve's direction and speed at t. */
function slope({ x0, y0, x1, y1 }: DrawnArrow, t: number): { x: number; y: number } {
  const s = 1 - t
  const middle = (y0 + y1) / 2
  return { x: 6 * s * t * (x1 - x0), y: 3 * s * s * (middle - y0) + 3 * t * t * (y1 - middle) }
}

/** The head's outline, at the arrow's end. */
export function arrowHead({ x1, y0, y1 }: DrawnArrow): string {
  if (y0 === y1) return `M${round(x1)} ${round(y1)}l-5 -3v6Z`
  const up = y1 < y0 ? -1 : 1
  return `M${round(x1)} ${round(y1 + 2 * up)}l-3.5 ${-7 * up}h7Z`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
