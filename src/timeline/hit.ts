/** What lies under the pointer, and the nearest mark or arrow for the keyboard. */
import { arrowPoint, type DrawnArrow } from './arrows.ts'
import type { DrawnMark, DrawnSpan, Scene } from './geometry.ts'
import type { TimelineIndex } from './index.ts'
import type { Layout } from './lanes.ts'
import { MARK_LOOKS, type MarkLook } from './looks.ts'
import { lowerBound, upperBound } from './pyramid.ts'
import type { Selection } from './selection.ts'

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

/** The mark of the lane that follows (or precedes) the one selected, or else the cursor; ordinary passes are left out. Its index, or null. */
export function neighbourMark(index: TimelineIndex, cpu: number, cursor: number, selected: Selection | null, direction: 1 | -1): number | null {
  const marks = index.lanes.find((lane) => lane.cpu === cpu)?.marks
  if (marks === undefined) return null
  const { length } = marks.step
  let at = direction === 1 ? lowerBound(marks.step, cursor) : upperBound(marks.step, cursor - 2) - 1
  if (selected?.kind === 'mark' && selected.cpu === cpu && selected.to === cursor) {
    const first = lowerBound(marks.step, cursor - 1)
    for (let i = first; i < length && marks.step[i] === cursor - 1; i++) if (marks.item[i] === selected.item) at = i + direction
  }
  if (direction === 1) at = at >= length ? -1 : marks.ranks.first(at, length, FIRST_STOP)
  else while (at >= 0 && marks.ranks.at(at) < FIRST_STOP) at--
  return at < 0 ? null : (marks.item[at] as number)
}

export function lookOf(mark: DrawnMark): MarkLook {
  return MARK_LOOKS[mark.rank] as MarkLook
}
