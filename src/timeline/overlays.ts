/** What lies over the picture, as shapes: other branches, areas and flags, hits of a search, and from where on a violation could not be avoided. */
import type { DrawnStrip, Fork } from './branches.ts'
import { grouped, type Outline, type Rectangle, type Shape, type Writing } from './drawing.ts'
import type { Layout } from './lanes.ts'
import { SPAN_LOOKS, type SpanLook } from './looks.ts'
import { fitText, textWidth } from './text.ts'
import { type Viewport, xOf } from './viewport.ts'

const RECT = { shape: 'rect', radius: 0, fill: null, stroke: null, dash: null, opacity: 1, hatch: null } as const
const PATH = { shape: 'path', x: 0, y: 0, fill: null, stroke: null, width: 1, dash: null } as const
const TEXT = { shape: 'text', bold: false, anchor: 'start', halo: null } as const

/** Where others leave: a fork in the header, at the step. */
export function forkShapes(forks: readonly Fork[], { metrics }: Layout, view: Viewport): Shape[] {
  const shapes: Shape[] = []
  let last = Number.NaN
  for (const { at } of forks) {
    const x = xOf(view, at)
    if (x < 0 || x > view.width || Math.abs(x - last) < 6) continue
    last = x
    shapes.push({ ...PATH, x, y: metrics.header - 8, d: FORK, stroke: 'muted', width: 1.3 })
  }
  return shapes
}

/** A line that parts in two, 8 units high. */
const FORK = 'M0 8V5C0 2 4 3 4 -1M0 5C0 2 -4 3 -4 -1'

/** The other branches' strips, dimmed: they did not happen here. */
export function stripShapes(strips: readonly DrawnStrip[], layout: Layout, view: Viewport): Shape[] {
  return strips.flatMap(({ fork, box, x, end, bars, violation }) => {
    const middle = box.top + box.height / 2
    const shapes: Shape[] = []
    // From the lanes down to where it begins.
    if (x >= 0 && x <= view.width) {
      const d = `M${round(x)} ${layout.metrics.header}V${round(middle - 4)}q0 4 4 4h4`
      shapes.push({ ...PATH, d, stroke: 'muted', width: 1, dash: '2 3' } satisfies Outline)
    }
    for (const { x: left, width, y, rank } of bars) {
      const { tone } = SPAN_LOOKS[rank] as SpanLook
      shapes.push({ ...RECT, x: left, y, width, height: box.lineHeight, fill: tone, opacity: 0.5 } satisfies Rectangle)
    }
    if (end > 0 && end < view.width) shapes.push({ ...RECT, x: end, y: box.top + 2, width: 1.5, height: box.height - 4, fill: 'line-strong' })
    if (violation !== null && violation.x > 0 && violation.x < view.width)
      shapes.push({ ...PATH, x: violation.x, y: violation.y, d: 'M-3 -3L3 3M3 -3L-3 3', stroke: 'violation', width: 1.8 })
    const words =
      bars.length === 0 ? `${fork.name}: ${grouped(fork.length - fork.at)} steps` : violation === null ? null : `${violation.property} violated`
    const at = Math.max(end + 6, 6)
    const text = words === null || at > view.width ? null : fitText(words, view.width - at - 4, 10)
    if (text !== null)
      shapes.push({ ...TEXT, x: at, y: middle + 3.5, text, size: 10, fill: violation === null ? 'muted' : 'violation' } satisfies Writing)
    return shapes
  })
}

/** Steps that somebody has picked out. `kept`: a flag that stays. */
export interface Flag {
  readonly from: number
  readonly to: number
  readonly kept: boolean
}

export function areaShapes(from: number, to: number, { metrics, bottom }: Layout, view: Viewport): Shape[] {
  const left = Math.max(-2, xOf(view, from))
  const right = Math.min(view.width + 2, xOf(view, to))
  if (right <= 0 || left >= view.width) return []
  const top = metrics.header
  return [
    { ...RECT, x: left, y: top, width: right - left, height: bottom - top, fill: 'accent', opacity: 0.08 },
    { ...RECT, x: left, y: top - 4, width: 1.5, height: bottom - top + 4, fill: 'accent' },
    { ...RECT, x: right - 1.5, y: top - 4, width: 1.5, height: bottom - top + 4, fill: 'accent' },
  ]
}

/** A bracket in the axis with the number of steps in it, and thin lines up from both its ends. */
export function flagShapes(flags: readonly Flag[], { metrics, bottom }: Layout, view: Viewport): Shape[] {
  return flags.flatMap(({ from, to, kept }): Shape[] => {
    const left = xOf(view, from)
    const right = xOf(view, to)
    if (right < 0 || left > view.width) return []
    const line = (x: number): Shape => ({
      ...PATH,
      d: `M${round(x)} ${metrics.header}V${bottom + 5}`,
      stroke: kept ? 'accent' : 'muted',
      width: 1,
      dash: kept ? null : '3 3',
    })
    const text = to - from === 1 ? 'here' : `${grouped(Math.round(to - from))} steps`
    const half = textWidth(text, 10) / 2 + 4
    const middle = Math.min(Math.max((Math.max(left, 0) + Math.min(right, view.width)) / 2, half), view.width - half)
    return [
      line(left),
      line(right),
      { ...PATH, d: `M${round(left)} ${bottom + 5}H${round(right)}`, stroke: kept ? 'accent' : 'muted', width: 1.5 },
      { ...RECT, x: middle - half, y: bottom + 1, width: 2 * half, height: 14, radius: 3, fill: kept ? 'accent' : 'surface', stroke: 'line-strong' },
      { ...TEXT, x: middle, y: bottom + 11.5, text, size: 10, fill: kept ? 'on-accent' : 'muted', anchor: 'middle' },
    ]
  })
}

/** Hits of a search: wedges below the header. */
export function foundShapes(steps: readonly number[], { metrics }: Layout, view: Viewport): Shape[] {
  return steps.flatMap((step): Shape[] => {
    const x = xOf(view, step + 0.5)
    return x < -4 || x > view.width + 4 ? [] : [{ ...PATH, x, y: metrics.header - 1, d: 'M-3.5 -5H3.5L0 1Z', fill: 'accent' }]
  })
}

/** From where on the violation could not be avoided any more, to where it happened; said at the foot of the line. `from`: steps taken. */
export function inevitableShapes(from: number, violation: number, { metrics, bottom }: Layout, view: Viewport): Shape[] {
  const left = xOf(view, from)
  const right = xOf(view, violation + 0.5)
  if (right < 0 || left > view.width) return []
  const top = metrics.header
  const start = Math.max(left, -2)
  const shapes: Shape[] = [
    { ...RECT, x: start, y: top - 3, width: Math.max(0, Math.min(right, view.width + 2) - start), height: 3, fill: 'violation', opacity: 0.6 },
    { ...PATH, d: `M${round(left)} ${top - 6}V${bottom + 4}`, stroke: 'violation', width: 1.2, dash: '2 3' },
  ]
  if (left < 0) return shapes
  const text = 'from here on it was inevitable'
  const width = textWidth(text, 10) + 10
  const x = Math.max(0, Math.min(left - 6, view.width - width))
  shapes.push({ ...RECT, x, y: bottom + 2, width, height: 15, radius: 3, fill: 'violation-bg' })
  shapes.push({ ...TEXT, x: x + 5, y: bottom + 13, text, size: 10, fill: 'violation' })
  return shapes
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
