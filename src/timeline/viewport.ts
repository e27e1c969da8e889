/**
 * Which part of a trace is in view, and how it moves: zoom, pan, fit, follow. Steps are x; a step i occupies [i, i + 1).
 *
 *     0        from ┌──────── width px ────────┐ to        domainEnd(steps)
 *     ├─────────────┼──────────────────────────┼───────────────┤
 */

import { ticks as roundNumbers } from 'd3-array'

export interface Viewport {
  readonly from: number
  readonly to: number
  /** Pixels. */
  readonly width: number
}

/** Nothing smaller is shown at full width: deeper zoom would only enlarge boxes. */
export const FEWEST_STEPS = 8
/** A short trace does not fill the width, so that its first steps do not jump about. */
const SHORTEST_DOMAIN = 24
/** Room behind the last step, for labels that begin there. */
const MARGIN = 0.03

/** The end of what can be shown. Grows in jumps of about an eighth, so that a trace seen whole stands still while it grows. */
export function domainEnd(steps: number): number {
  const least = Math.max(SHORTEST_DOMAIN, steps * (1 + MARGIN))
  const jump = 2 ** (Math.floor(Math.log2(least)) - 3)
  return Math.ceil(least / jump) * jump
}

export function xOf(view: Viewport, step: number): number {
  return ((step - view.from) / (view.to - view.from)) * view.width
}

export function stepAt(view: Viewport, x: number): number {
  return view.from + (x / view.width) * (view.to - view.from)
}

/** Pixels a step. */
export function scaleOf(view: Viewport): number {
  return view.width / (view.to - view.from)
}

export function fitAll(steps: number, width: number): Viewport {
  return { from: 0, to: domainEnd(steps), width }
}

/** Part of the viewport that may lie behind the trace's end. */
const BEYOND = 0.15

/** The nearest viewport that lies within the trace. */
export function clamp(view: Viewport, steps: number): Viewport {
  const domain = domainEnd(steps)
  const extent = Math.min(Math.max(view.to - view.from, FEWEST_STEPS), domain)
  const end = Math.min(domain, Math.max(extent, steps + extent * BEYOND))
  const from = Math.min(Math.max(view.from, 0), end - extent)
  return { from, to: from + extent, width: view.width }
}

/** `factor` > 1 shows less, larger; what lies at pixel x stays there, as far as the trace's ends allow. */
export function zoomAt(view: Viewport, x: number, factor: number, steps: number): Viewport {
  const end = domainEnd(steps)
  const extent = Math.min(Math.max((view.to - view.from) / factor, FEWEST_STEPS), end)
  const fixed = stepAt(view, x)
  const from = fixed - (x / view.width) * extent
  return clamp({ from, to: from + extent, width: view.width }, steps)
}

/** Moves the content left by `pixels`. */
export function pan(view: Viewport, pixels: number, steps: number): Viewport {
  const by = pixels / scaleOf(view)
  return clamp({ from: view.from + by, to: view.to + by, width: view.width }, steps)
}

/** About `extent` steps around a place. */
export function focusOn(step: number, extent: number, width: number, steps: number): Viewport {
  return clamp({ from: step - extent / 2, to: step + extent / 2, width }, steps)
}

/** Keeps its extent and brings `cursor` into view, with more room in the direction in which it left. Unchanged where it is in view. */
export function follow(view: Viewport, cursor: number, steps: number): Viewport {
  const extent = view.to - view.from
  const edge = Math.min(extent * 0.02, 1)
  if (cursor >= view.from && cursor <= view.to - edge) return view
  const from = cursor > view.to - edge ? cursor - extent * 0.25 : cursor - extent * 0.75
  return clamp({ from, to: from + extent, width: view.width }, steps)
}

/** How many steps `F` shows around the cursor. */
export function focusExtent(width: number): number {
  return Math.max(FEWEST_STEPS, Math.min(120, width / 12))
}

export function isFit(view: Viewport, steps: number): boolean {
  return view.from <= 0 && view.to >= domainEnd(steps) - 1e-6
}

/** Between two viewports, for a short movement; zooms evenly to the eye. */
export function between(a: Viewport, b: Viewport, t: number): Viewport {
  if (t >= 1) return b
  const extentA = a.to - a.from
  const extentB = b.to - b.from
  const extent = extentA * (extentB / extentA) ** t
  // The centre moves in proportion to the extent covered, so that what stays in both stays put.
  const progress = Math.abs(extentB - extentA) < 1e-9 ? t : (extent - extentA) / (extentB - extentA)
  const from = a.from + (b.from - a.from) * progress
  return { from, to: from + extent, width: b.width }
}

/** Pixels between the numbers of an axis: room for a million. */
export const TICK_GAP = 64

/** d3 takes the nearest round size, which can be so much smaller than what was asked for. */
const FINEST = 0.63

/** Round numbers of steps for an axis, at least `gap` pixels apart; none behind the trace's end. */
export function ticks({ from, to, width }: Viewport, gap: number, steps: number): number[] {
  return roundNumbers(from, Math.min(to, steps), (FINEST * width * (Math.min(to, steps) - from)) / (to - from) / gap).filter(Number.isInteger)
}
