/** The header as shapes: the phases' names, and the flag of the cursor, for which they make room. */
import { grouped, type Shape } from './drawing.ts'
import { INSET, type Scene } from './geometry.ts'
import type { Layout } from './lanes.ts'
import type { Phase, TimelineData } from './model.ts'
import { fitText, textWidth } from './text.ts'
import { type Viewport, xOf } from './viewport.ts'

const RECT = { shape: 'rect', radius: 0, fill: null, stroke: null, dash: null, opacity: 1, hatch: null } as const
const TEXT = { shape: 'text', bold: false, anchor: 'start', halo: null } as const

/** `cursor`: its step stands in the header, too, and the words of the phase that it stands in make room for it. */
export function phaseShapes(scene: Scene, { metrics }: Layout, { phases }: TimelineData, view: Viewport, cursor: number | null): Shape[] {
  const size = metrics.fontSize
  const pill = cursor === null ? null : pillOf(view, cursor, metrics.letters)
  return scene.phases.flatMap(({ x, width, label, item }): Shape[] => {
    const from = Math.max(x, 0) + INSET
    const to = Math.min(x + width, view.width)
    let place = label === null ? null : { x: from, text: label }
    if (place !== null && pill !== null && from < pill.to && from + textWidth(place.text, size) > pill.from) {
      const whole = (phases[item] as Phase).label
      const behind = { x: pill.to, text: fitText(whole, to - pill.to, size) }
      const before = { x: from, text: fitText(whole, pill.from - from, size) }
      const { x: at, text } = (behind.text?.length ?? 0) >= (before.text?.length ?? 0) ? behind : before
      place = text === null ? null : { x: at, text }
    }
    return place === null ? [] : [{ ...TEXT, ...place, y: metrics.header - 11 * metrics.letters, size, fill: 'muted' }]
  })
}

/** The flag with the cursor's step: its middle, and half of its width. Inside, however near the edge the cursor stands. */
function pillPlace(view: Viewport, cursor: number, letters: number): { readonly at: number; readonly half: number } {
  const half = textWidth(grouped(cursor), 11 * letters) / 2 + 8
  return { at: Math.min(Math.max(xOf(view, cursor), half), view.width - half), half }
}

/** What that flag takes of the header, with some air; null where it is out of view. */
function pillOf(view: Viewport, cursor: number, letters: number): { readonly from: number; readonly to: number } | null {
  const x = xOf(view, cursor)
  if (x < -1 || x > view.width + 1) return null
  const { at, half } = pillPlace(view, cursor, letters)
  return { from: at - half - 4, to: at + half + 5 }
}

/** A veil over what has not happened yet, the line at the cursor, and its step in the header. */
export function cursorShapes(
  { bottom, metrics }: Layout,
  view: Viewport,
  cursor: number,
): { readonly veil: readonly Shape[]; readonly line: readonly Shape[]; readonly pill: readonly Shape[] } {
  const x = xOf(view, cursor)
  const text = grouped(cursor)
  const { letters } = metrics
  const top = metrics.header
  const left = Math.max(0, x)
  const veil: Shape[] =
    left >= view.width ? [] : [{ ...RECT, x: left, y: top, width: view.width - left, height: bottom - top, fill: 'surface', opacity: 0.55 }]
  if (x < -1 || x > view.width + 1) return { veil, line: [], pill: [] }
  const { at, half } = pillPlace(view, cursor, letters)
  const line: Shape[] = [{ ...RECT, x: x - 0.75, y: top - 8 * letters, width: 1.5, height: bottom - top + 8 * letters + 2, fill: 'accent' }]
  const high = Math.max(0, top - 25 * letters)
  const pill: Shape[] = [
    { ...RECT, x: at - half, y: high, width: 2 * half, height: 17 * letters, radius: 4, fill: 'accent' },
    { ...TEXT, x: at, y: high + 12.5 * letters, text, size: 11 * letters, fill: 'on-accent', bold: true, anchor: 'middle' },
  ]
  return { veil, line, pill }
}
