/** What lies under the pointer, and the nearest mark or arrow for the keyboard. */
import { arrowPoint, type DrawnArrow } from './arrows.ts'
import type { DrawnMark, DrawnSpan, Scene } from './geometry.ts'
import type { TimelineIndex } from './index.ts'
import type { Layout } from './lanes.ts'
import { MARK_LOOKS, type MarkLook } from './looks.ts'
import type { Arrow } from './model.ts'
import { lowerBound, upperBound } from './pyramid.ts'

export type Target =
  | { readonly kind: 'mark'; readonly mark: DrawnMark }
  | { readonly kind: 'arrow'; readonly arrow: DrawnArrow }
  | { readonly kind: 'span'; readonly span: DrawnSpan }

export interface Hit {
  /** Lane whose box (with the gap below) holds the point; null in the header and below. */
  readonly cpu: number | null
  readonly target: Target | null
}

const MARK_REACH = 8
const ARROW_REACH = 4

export function hitTest(scene: Scene, layout: Layout, x: number, y: number): Hit {
  const half = layout.metrics.laneGap / 2
  const lane = layout.lanes.find((box) => y >= box.top - half && y < box.top + box.height + half)
  const cpu = lane?.cpu ?? null
  const mark = nearest(scene.marks, (each) => Math.hypot(each.x - x, each.y - y), MARK_REACH)
  if (mark !== null) return { cpu, target: { kind: 'mark', mark } }
  const arrow = nearest(scene.arrows, (each) => distance(each, x, y), ARROW_REACH)
  if (arrow !== null) return { cpu, target: { kind: 'arrow', arrow } }
  // Later ones are drawn over earlier ones.
  const span = scene.spans.findLast((each) => x >= each.x && x < each.x + each.width && y >= each.y && y < each.y + each.height)
  return { cpu, target: span === undefined ? null : { kind: 'span', span } }
}

function nearest<T>(items: readonly T[], distanceTo: (item: T) => number, reach: number): T | null {
  let found: T | null = null
  let least = reach
  for (const item of items) {
    const distance = distanceTo(item)
    if (distance <= least) {
      least = distance
      found = item
    }
  }
  return found
}

const SAMPLES = 24

function distance(arrow: DrawnArrow, x: number, y: number): number {
  const low = Math.min(arrow.y0, arrow.y1) - ARROW_REACH
  const high = Math.max(arrow.y0, arrow.y1) + ARROW_REACH
  if (y < low || y > high || x < Math.min(arrow.x0, arrow.x1) - ARROW_REACH || x > Math.max(arrow.x0, arrow.x1) + ARROW_REACH)
    return Number.POSITIVE_INFINITY
  let least = Number.POSITIVE_INFINITY
  let from = arrowPoint(arrow, 0)
  for (let i = 1; i <= SAMPLES; i++) {
    const to = arrowPoint(arrow, i / SAMPLES)
    least = Math.min(least, toSegment(x, y, from, to))
    from = to
  }
  return least
}

function toSegment(x: number, y: number, a: { x: number; y: number }, b: { x: number; y: number }): number {
  const dx = b.x - a.x
  const dy = b.y - a.y
  const length = dx * dx + dy * dy
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / length))
  return Math.hypot(x - a.x - t * dx, y - a.y - t * dy)
}

/** Ordinary passes through a site are no places to stop at. */
const FIRST_STOP = 1

/**
 * The cursor just after the next (or previous) mark of a lane, or null where there is none. The cursor counts steps taken, so a mark of step i lies just
 * before cursor i + 1.
 */
export function neighbour(index: TimelineIndex, cpu: number, cursor: number, direction: 1 | -1): number | null {
  const marks = index.lanes.find((lane) => lane.cpu === cpu)?.marks
  if (marks === undefined) return null
  if (direction === 1) {
    const at = marks.ranks.first(lowerBound(marks.step, cursor), marks.step.length, FIRST_STOP)
    return at < 0 ? null : (marks.step[at] as number) + 1
  }
  for (let i = upperBound(marks.step, cursor - 2) - 1; i >= 0; i--) if (marks.ranks.at(i) >= FIRST_STOP) return (marks.step[i] as number) + 1
  return null
}

/** From the step just taken along an arrow that begins (or, backwards, ends) there: the cursor and CPU at its other end. */
export function alongArrow({ data }: TimelineIndex, cpu: number, cursor: number, direction: 1 | -1): { cpu: number; cursor: number } | null {
  const here = (arrow: Arrow) =>
    direction === 1
      ? arrow.fromCpu === cpu && arrow.fromStep === cursor - 1 && arrow.toStep !== null
      : arrow.toCpu === cpu && arrow.toStep === cursor - 1
  const arrow = data.arrows.find(here)
  if (arrow === undefined) return null
  return direction === 1 ? { cpu: arrow.toCpu, cursor: (arrow.toStep as number) + 1 } : { cpu: arrow.fromCpu, cursor: arrow.fromStep + 1 }
}

export function lookOf(mark: DrawnMark): MarkLook {
  return MARK_LOOKS[mark.rank] as MarkLook
}
