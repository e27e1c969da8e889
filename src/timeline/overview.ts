/** The strip below the lanes: the whole trace, a line a lane, and the window that is in view. */
import { type Bar, barsOf } from './bars.ts'
import type { TimelineIndex } from './index.ts'
import { clamp, domainEnd, type Viewport, xOf } from './viewport.ts'

export interface Overview {
  readonly bars: readonly Bar[]
  readonly barHeight: number
  readonly height: number
  /** x of the violation, or null. */
  readonly violation: { readonly x: number; readonly y: number } | null
}

const PADDING = 3

/** `order`: the lanes from top to bottom. */
export function overviewOf(
  index: TimelineIndex,
  width: number,
  steps = index.data.steps,
  order: readonly { readonly cpu: number }[] = index.lanes,
): Overview {
  const { data } = index
  const lanes = order.flatMap(({ cpu }) => index.lanes.find((lane) => lane.cpu === cpu) ?? [])
  const barHeight = lanes.length > 4 ? 3 : 4
  const pitch = barHeight + (lanes.length > 4 ? 1 : 2)
  const view: Viewport = { from: 0, to: domainEnd(steps), width }
  const bars = lanes.flatMap((lane, i) => barsOf(lane, view, PADDING + i * pitch))
  const { violation } = data
  const at = violation === null ? -1 : lanes.findIndex((lane) => lane.cpu === violation.cpu)
  return {
    bars,
    barHeight,
    height: 2 * PADDING + lanes.length * pitch,
    violation: violation === null || at < 0 ? null : { x: xOf(view, violation.step + 0.5), y: PADDING + at * pitch + barHeight / 2 },
  }
}

/** The window in view, at least wide enough to be grasped. */
export function windowOf(view: Viewport, steps: number, width: number): { x: number; width: number } {
  const scale = width / domainEnd(steps)
  const wide = Math.max(8, (view.to - view.from) * scale)
  return { x: Math.min(Math.max(0, view.from * scale - (wide - (view.to - view.from) * scale) / 2), width - wide), width: wide }
}

/** The viewport when the strip is pressed at x: centred there. */
export function viewFromOverview(view: Viewport, x: number, steps: number, width: number): Viewport {
  const centre = (x / width) * domainEnd(steps)
  const extent = view.to - view.from
  return clamp({ from: centre - extent / 2, to: centre + extent / 2, width: view.width }, steps)
}
