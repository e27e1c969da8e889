/** A lane as one thin bar: all depths laid over each other, and a column shows the rarest kind in it. For the overview, folded lanes and other branches. */
import type { LaneIndex } from './index.ts'
import { lowerBound, upperBound } from './pyramid.ts'
import { stepAt, type Viewport } from './viewport.ts'

export interface Bar {
  readonly x: number
  readonly width: number
  readonly y: number
  /** Index into SPAN_LOOKS. */
  readonly rank: number
  /** Index into data.spans: the first of this rank. */
  readonly item: number
}

export const COLUMN = 2

/** `since`: nothing is drawn before this step. */
export function barsOf({ depths }: LaneIndex, view: Viewport, y: number, since = 0): Bar[] {
  const bars: Bar[] = []
  for (let x = 0; x < view.width; x += COLUMN) {
    const from = Math.max(since, stepAt(view, x))
    const to = stepAt(view, x + COLUMN)
    if (to <= since) continue
    let rank = -1
    let item = -1
    for (const { start, end, ranks, item: items } of depths) {
      const first = upperBound(end, from)
      const last = lowerBound(start, to)
      if (first >= last) continue
      const highest = ranks.max(first, last)
      if (highest <= rank) continue
      rank = highest
      item = items[ranks.first(first, last, highest)] as number
    }
    if (rank < 0) continue
    const before = bars[bars.length - 1]
    if (before !== undefined && before.rank === rank && before.x + before.width === x)
      bars[bars.length - 1] = { ...before, width: before.width + COLUMN }
    else bars.push({ x, width: COLUMN, y, rank, item })
  }
  return bars
}
