/** A timeline as an SVG file of its own: the same shapes as on the page, in the light theme's colours. */
import { arrowShapes, axisShapes, backgroundShapes, bulkLayers, markShape, type Paint, type Shape, violationShapes } from './drawing.ts'
import { sceneOf } from './geometry.ts'
import { cursorShapes, phaseShapes } from './header.ts'
import { indexTimeline } from './index.ts'
import { layOut, metricsFor } from './lanes.ts'
import { MARK_LOOKS } from './looks.ts'
import type { TimelineData } from './model.ts'
import { textWidth } from './text.ts'
import { clamp, fitAll, TICK_GAP, ticks } from './viewport.ts'

export interface SvgOptions {
  /** Pixels, labels included. */
  readonly width?: number
  /** Steps shown; the whole trace where left out. */
  readonly from?: number
  readonly to?: number
  /** Draws the cursor's line after this many steps, and veils what follows. */
  readonly cursor?: number
  readonly title?: string
  /** Which shape means what, below the lanes; true where left out. */
  readonly legend?: boolean
}

/** The page's light theme (views/theme.css holds the same values, and a test compares them). */
export const LIGHT: Readonly<Record<Paint, string>> = {
  text: '#1c1d21',
  muted: '#62615c',
  line: '#dfdbd0',
  'line-strong': '#8f8b80',
  lane: '#f3f0e8',
  surface: '#fffefb',
  accent: '#1c1d21',
  'on-accent': '#fffefb',
  old: '#1d5aa6',
  'old-bg': '#dfeaf8',
  new: '#14694a',
  'new-bg': '#d9f0e2',
  int3: '#ad3a0b',
  'int3-bg': '#fce4d6',
  kernel: '#6440ad',
  'kernel-bg': '#ebe4f9',
  violation: '#ad0f5b',
  'violation-bg': '#fbdfec',
  attention: '#7a5600',
  'attention-bg': '#fdf0c8',
  neutral: '#55544f',
  'neutral-bg': '#ebe8df',
}

const MARGIN = 16
const LABELS = 88

export function timelineSvg(data: TimelineData, options: SvgOptions = {}): string {
  const index = indexTimeline(data)
  const layout = layOut(index, metricsFor(data.lanes.length))
  const width = Math.max(320, options.width ?? 1200)
  const whole = fitAll(data.steps, width - LABELS - 2 * MARGIN)
  const view = clamp({ ...whole, from: options.from ?? whole.from, to: options.to ?? whole.to }, data.steps)
  const scene = sceneOf(index, layout, view)
  const cursor = options.cursor ?? data.steps
  const { veil, line, pill } = options.cursor === undefined ? { veil: [], line: [], pill: [] } : cursorShapes(layout, view, cursor)
  const plot = [
    ...backgroundShapes(layout, scene, view),
    ...bulkLayers(scene, layout, view).flat(),
    ...arrowShapes(scene, layout, data, view, cursor),
    ...veil,
    ...violationShapes(scene, layout, data, view),
    ...phaseShapes(scene, layout, data, view, options.cursor ?? null),
    ...axisShapes(layout, view, ticks(view, TICK_GAP, data.steps)),
    ...line,
    ...pill,
  ]
  const titleHeight = options.title === undefined ? 0 : 28
  const top = MARGIN + titleHeight
  const legend = options.legend === false ? { shapes: [], height: 0 } : legendShapes(data, width - 2 * MARGIN)
  const height = top + layout.height + (legend.height === 0 ? 0 : legend.height + 10) + MARGIN
  const labels = layout.lanes.flatMap((lane): Shape[] => {
    const y = lane.top + 17
    const text = { shape: 'text', x: 0, size: 12.5, anchor: 'start', halo: null } as const
    return [
      { ...text, y, text: `CPU ${lane.cpu}`, fill: 'text', bold: true },
      { ...text, y: y + 15, text: lane.role, size: 11, fill: 'muted', bold: false },
    ]
  })
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${round(height)}" viewBox="0 0 ${width} ${round(height)}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif">`,
    `<title>${escapeXml(options.title ?? `Timeline of ${data.steps} steps on ${data.lanes.length} CPUs`)}</title>`,
    '<defs>',
    `<clipPath id="plot"><rect width="${round(view.width)}" height="${round(layout.height)}"/></clipPath>`,
    ...hatches(plot),
    '</defs>',
    `<rect width="${width}" height="${round(height)}" fill="${LIGHT.surface}"/>`,
    ...(options.title === undefined
      ? []
      : [`<text x="${MARGIN}" y="${MARGIN + 12}" font-size="15" font-weight="600" fill="${LIGHT.text}">${escapeXml(options.title)}</text>`]),
    `<g transform="translate(${MARGIN} ${top})">`,
    ...labels.map(element),
    `</g>`,
    `<g transform="translate(${MARGIN + LABELS} ${top})" clip-path="url(#plot)">`,
    ...plot.map(element),
    '</g>',
    `<g transform="translate(${MARGIN} ${round(top + layout.height + 10)})">`,
    ...legend.shapes.map(element),
    '</g>',
    '</svg>',
  ]
  return `${lines.join('\n')}\n`
}

/** The marks that occur, in lines of at most `width`. */
function legendShapes(data: TimelineData, width: number): { shapes: Shape[]; height: number } {
  const kinds = new Set(data.marks.map((mark) => mark.kind))
  const shapes: Shape[] = []
  let x = 0
  let y = 8
  for (const look of MARK_LOOKS) {
    if (!kinds.has(look.kind)) continue
    const needed = 16 + textWidth(look.title, 11) + 18
    if (x > 0 && x + needed > width) {
      x = 0
      y += 18
    }
    shapes.push(markShape(look, x + 6, y))
    shapes.push({ shape: 'text', x: x + 17, y: y + 4, text: look.title, size: 11, fill: 'muted', bold: false, anchor: 'start', halo: null })
    x += needed
  }
  return { shapes, height: shapes.length === 0 ? 0 : y + 10 }
}

function hatches(shapes: readonly Shape[]): string[] {
  const paints = new Set(shapes.flatMap((shape) => (shape.shape === 'rect' && shape.hatch !== null ? [shape.hatch] : [])))
  return [...paints].map(
    (paint) =>
      `<pattern id="hatch-${paint}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="1.5" height="5" fill="${LIGHT[paint]}" fill-opacity="0.4"/></pattern>`,
  )
}

function element(shape: Shape): string {
  switch (shape.shape) {
    case 'rect': {
      const { x, y, width, height, radius, fill, stroke, dash, opacity, hatch } = shape
      const box = `x="${round(x)}" y="${round(y)}" width="${round(Math.max(0, width))}" height="${round(height)}"${radius > 0 ? ` rx="${round(radius)}"` : ''}`
      const line = stroke === null ? '' : ` stroke="${LIGHT[stroke]}"${dash === null ? '' : ` stroke-dasharray="${dash}"`}`
      const base = `<rect ${box} fill="${fill === null ? 'none' : LIGHT[fill]}"${line}${opacity === 1 ? '' : ` opacity="${opacity}"`}/>`
      return hatch === null ? base : `${base}<rect ${box} fill="url(#hatch-${hatch})"/>`
    }
    case 'path': {
      const { x, y, d, fill, stroke, width, dash } = shape
      const place = x === 0 && y === 0 ? '' : ` transform="translate(${round(x)} ${round(y)})"`
      const line = stroke === null ? '' : ` stroke="${LIGHT[stroke]}" stroke-width="${width}"${dash === null ? '' : ` stroke-dasharray="${dash}"`}`
      return `<path${place} d="${d}" fill="${fill === null ? 'none' : LIGHT[fill]}"${line} stroke-linejoin="round" stroke-linecap="round"/>`
    }
    case 'text': {
      const { x, y, text, size, fill, bold, anchor, halo } = shape
      const style = `${bold ? ' font-weight="600"' : ''}${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}`
      const rim = halo === null ? '' : ` stroke="${LIGHT[halo]}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"`
      return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${LIGHT[fill]}"${style}${rim}>${escapeXml(text)}</text>`
    }
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** Text for XML, without the control characters that XML cannot hold. */
function escapeXml(text: string): string {
  const replaced = text.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character] as string)
  return [...replaced].filter((character) => character >= ' ' || character === '\t').join('')
}
