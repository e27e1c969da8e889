/**
 * A scene as plain shapes (rectangles, paths, texts) in the theme's colours by name: what the page turns into SVG elements or canvas strokes, and the export
 * into text. The order is the order of painting.
 */
import { arrowHead, arrowPath, arrowPoint, type DrawnArrow } from './arrows.ts'
import { type DrawnMark, type DrawnSpan, INSET, type Scene, SMALL } from './geometry.ts'
import type { LaneBox, Layout } from './lanes.ts'
import { MARK_LOOKS, type MarkLook, SPAN_LOOKS, type SpanLook, type Tone } from './looks.ts'
import type { Arrow, Mark, TimelineData } from './model.ts'
import { fitText, textWidth } from './text.ts'
import { type Viewport, xOf } from './viewport.ts'

/** Names of the theme's colours. */
export type Paint = Tone | `${Tone}-bg` | 'text' | 'muted' | 'line' | 'line-strong' | 'lane' | 'surface' | 'accent' | 'on-accent'

export interface Rectangle {
  readonly shape: 'rect'
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly radius: number
  readonly fill: Paint | null
  readonly stroke: Paint | null
  readonly dash: string | null
  readonly opacity: number
  /** Stripes in this colour laid over it. */
  readonly hatch: Paint | null
}

export interface Outline {
  readonly shape: 'path'
  /** The path's origin. */
  readonly x: number
  readonly y: number
  readonly d: string
  readonly fill: Paint | null
  readonly stroke: Paint | null
  readonly width: number
  readonly dash: string | null
}

export interface Writing {
  readonly shape: 'text'
  readonly x: number
  readonly y: number
  readonly text: string
  readonly size: number
  readonly fill: Paint
  readonly bold: boolean
  readonly anchor: 'start' | 'middle' | 'end'
  /** A rim in this colour, where it crosses other things. */
  readonly halo: Paint | null
}

export type Shape = Rectangle | Outline | Writing

/** A plain box. (The many boxes of a dense picture are made here: a spread costs ten times as much.) */
function box(x: number, y: number, width: number, height: number, fill: Paint, opacity: number): Rectangle {
  return { shape: 'rect', x, y, width, height, radius: 0, fill, stroke: null, dash: null, opacity, hatch: null }
}

const RECT = { shape: 'rect', radius: 0, fill: null, stroke: null, dash: null, opacity: 1, hatch: null } as const
const PATH = { shape: 'path', x: 0, y: 0, fill: null, stroke: null, width: 1, dash: null } as const
const TEXT = { shape: 'text', bold: false, anchor: 'start', halo: null } as const

export function backgroundShapes({ lanes, bottom, metrics, pinnedEnd, strips }: Layout, scene: Scene, view: Viewport): Shape[] {
  const shapes: Shape[] = [...lanes, ...strips].map(({ top, height }) => ({ ...RECT, x: 0, y: top, width: view.width, height, fill: 'lane' }))
  if (pinnedEnd !== null) shapes.push({ ...RECT, x: 0, y: pinnedEnd - 1, width: view.width, height: 1, fill: 'line-strong' })
  for (const { x, width } of scene.phases) {
    if (x > 0 && width > 12)
      shapes.push({ ...RECT, x: Math.round(x), y: metrics.header - 8, width: 1, height: bottom - metrics.header + 8, fill: 'line' })
  }
  return shapes
}

/**
 * What there can be many of, in layers of one kind of shape each: a document that is changed in place then changes attributes and little else.
 */
export function bulkLayers(scene: Scene, { lanes, metrics }: Layout, view: Viewport): readonly (readonly Shape[])[] {
  const boxes: Rectangle[] = []
  for (const { lane, x, width, kind } of scene.shades) {
    const { top, height } = lanes[lane] as LaneBox
    if (kind === 'if0') boxes.push(box(x, top, width, height, 'neutral', 0.13))
    else if (kind === 'nmi-blocked') boxes.push(box(x, top + height - 3, width, 3, 'kernel', 0.45))
    else boxes.push(box(x, top, width, 3, 'attention', 0.6))
  }
  for (const { lane, x, width } of scene.moves) boxes.push(box(x, (lanes[lane] as LaneBox).moved, width, 2, 'line-strong', 0.75))
  const labels: Writing[] = []
  for (const span of scene.spans) pushSpan(span, metrics.fontSize, boxes, labels)
  const outlines: Outline[] = []
  const notes = shadeLabels(scene, lanes, SMALL * metrics.letters, view)
  scene.marks.forEach((mark, i) => {
    pushMark(mark, scene.marks[i + 1], metrics.letters, outlines, notes)
  })
  return [boxes, labels, outlines, notes]
}

/** "IF=0" in the strip of marks, where no mark and no other label stands. */
function shadeLabels(scene: Scene, lanes: readonly LaneBox[], size: number, view: Viewport): Writing[] {
  const placed: { readonly lane: number; readonly x: number; readonly half: number; readonly label: string }[] = []
  for (const { lane, x, width, label } of scene.shades) {
    if (label === null || (lanes[lane] as LaneBox).collapsed) continue
    const left = Math.max(x, 0) + 4
    const right = Math.min(x + width, view.width) - 4
    const half = textWidth(label, size) / 2
    const crowded = (at: number) =>
      scene.marks.some((mark) => mark.lane === lane && Math.abs(mark.x - at) < half + 8) ||
      placed.some((other) => other.lane === lane && Math.abs(other.x - at) < half + other.half + 6)
    const at = [right - half, left + half, (left + right) / 2].find((centre) => !crowded(centre))
    if (at !== undefined) placed.push({ lane, x: at, half, label })
  }
  return placed.map(({ lane, x, label }) => ({
    ...TEXT,
    x,
    y: (lanes[lane] as LaneBox).marks + 0.37 * size,
    text: label,
    size,
    fill: 'muted',
    anchor: 'middle',
  }))
}

function pushSpan({ x, y, width, height, rank, count, label, stale }: DrawnSpan, fontSize: number, boxes: Rectangle[], labels: Writing[]): void {
  const { name, tone } = SPAN_LOOKS[rank] as SpanLook
  const quiet = name === 'wait' || name === 'halted'
  if (count > 1 || width < 4) {
    const across = Math.max(width, 1.5)
    // Opaque, so that what a handler interrupted does not shine through.
    if (name === 'bp' || name === 'irq' || name === 'nmi' || name === 'exception') boxes.push(box(x, y, across, height, `${tone}-bg`, 1))
    boxes.push(box(x, y, across, height, tone, name === 'code' || quiet ? 0.3 : 0.75))
    return
  }
  boxes.push({
    shape: 'rect',
    x: x + 0.5,
    y: y + 0.5,
    width: width - 1.5,
    height: height - 1,
    radius: Math.min(3, width / 4),
    fill: name === 'halted' ? 'lane' : `${tone}-bg`,
    stroke: name === 'code' ? 'line-strong' : tone,
    dash: quiet ? '3 2' : null,
    opacity: 1,
    hatch: stale ? tone : null,
  })
  if (label === null) return
  const strong = name === 'torn' || name === 'stopped'
  const fill = strong ? tone : quiet ? 'muted' : 'text'
  const middle = y + height / 2 + fontSize * 0.35
  labels.push({ ...TEXT, x: Math.max(x, 0) + INSET, y: middle, text: label, size: fontSize, fill, bold: strong, halo: stale ? `${tone}-bg` : null })
}

function pushMark(mark: DrawnMark, next: DrawnMark | undefined, letters: number, outlines: Outline[], notes: Writing[]): void {
  const look = MARK_LOOKS[mark.rank] as MarkLook
  outlines.push(markShape(look, mark.x, mark.y))
  if (look.kind === 'violation') {
    notes.push({ ...TEXT, x: mark.x, y: mark.y + 3.5, text: '!', size: 10, fill: 'violation-bg', bold: true, anchor: 'middle' })
    return
  }
  const room = next === undefined || next.lane !== mark.lane ? Number.POSITIVE_INFINITY : next.x - mark.x
  if (mark.count === 1 || room < 20) return
  const text = String(mark.count)
  const size = 9 * letters
  if (room > 14 + textWidth(text, size)) notes.push({ ...TEXT, x: mark.x + 7, y: mark.y + size / 3, text, size, fill: 'muted' })
}

export function markShape({ path, filled, tone }: MarkLook, x: number, y: number): Outline {
  return { shape: 'path', x, y, d: path, fill: filled ? tone : path.endsWith('Z') ? 'lane' : null, stroke: tone, width: 1.4, dash: null }
}

/** More labels of one kind of arrow would be a thicket. */
const LABELLED = 4

/** `cursor`: an IPI taken later is still on its way. */
export function arrowShapes(scene: Scene, layout: Layout, data: TimelineData, view: Viewport, cursor: number): Shape[] {
  const shapes: Shape[] = []
  const counts = new Map<Arrow['kind'], number>()
  for (const { kind } of scene.arrows) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const labels: ArrowLabel[] = []
  for (const arrow of scene.arrows) {
    const pending = arrow.kind === 'ipi' && (arrow.toStep === null || arrow.toStep >= cursor)
    shapes.push(...arrowShape(arrow, pending))
    const { label } = data.arrows[arrow.item] as Arrow
    const text = arrow.kind === 'missed-store' ? label : arrow.kind === 'ipi' && arrow.toStep === null ? `${label}, not yet taken` : null
    if (text === null || (counts.get(arrow.kind) ?? 0) > LABELLED) continue
    const place = labelPlace(arrow, text, layout, view, labels, scene.arrows)
    if (place !== null) labels.push(place)
  }
  const { letters } = layout.metrics
  for (const { x, y, half, text, tone } of labels) {
    shapes.push({ ...RECT, x: x - half, y: y - 7 * letters, width: 2 * half, height: 14 * letters, radius: 3, fill: 'surface', opacity: 0.92 })
    shapes.push({ ...TEXT, x, y: y + 3.5 * letters, text, size: 10 * letters, fill: tone, anchor: 'middle' })
  }
  return shapes
}

interface ArrowLabel {
  readonly x: number
  readonly y: number
  readonly half: number
  readonly text: string
  readonly tone: Paint
}

/** On the arrow, near its middle, clear of spans and of other labels; null where there is no such place. */
function labelPlace(
  arrow: DrawnArrow,
  text: string,
  { lanes, metrics }: Layout,
  view: Viewport,
  others: readonly ArrowLabel[],
  arrows: readonly DrawnArrow[],
): ArrowLabel | null {
  const { letters } = metrics
  const half = textWidth(text, 10 * letters) / 2 + 4
  for (const t of [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.12, 0.88]) {
    const { x, y } = arrowPoint(arrow, t)
    if (x < 0 || x > view.width) continue
    const inside = Math.min(Math.max(x, half + 2), view.width - half - 2)
    const onSpans = lanes.some(({ rows, rowHeight }) => rows.some((top) => y > top - 5 * letters && y < top + rowHeight + 5 * letters))
    const onOthers = others.some((other) => Math.abs(other.x - inside) < other.half + half + 4 && Math.abs(other.y - y) < 15 * letters)
    const onHeads = arrows.some((other) => Math.abs(other.x1 - inside) < half + 5 && Math.abs(other.y1 - y) < 12 * letters)
    if (!onSpans && !onOthers && !onHeads) return { x: inside, y, half, text, tone: arrow.kind === 'ipi' ? 'muted' : 'attention' }
  }
  return null
}

const ARROW_STYLE: Readonly<Record<Arrow['kind'], { readonly tone: Paint; readonly width: number; readonly dash: string | null }>> = {
  ipi: { tone: 'kernel', width: 1.3, dash: null },
  ack: { tone: 'kernel', width: 1, dash: '1.5 2.5' },
  'missed-store': { tone: 'attention', width: 1.6, dash: '5 3' },
  visible: { tone: 'kernel', width: 1, dash: '1.5 2.5' },
}

export function arrowShape(arrow: DrawnArrow, pending: boolean, emphasis = 1): Outline[] {
  const { tone, width, dash } = ARROW_STYLE[arrow.kind]
  const line: Outline = { ...PATH, d: arrowPath(arrow), stroke: tone, width: width * emphasis, dash: pending ? '4 3' : dash }
  return [line, { ...PATH, d: arrowHead(arrow), fill: pending ? 'surface' : tone, stroke: pending ? tone : null }]
}

export function violationShapes(scene: Scene, { metrics }: Layout, data: TimelineData, view: Viewport): Shape[] {
  const size = 11.5 * metrics.letters
  return scene.marks.flatMap((mark): Shape[] => {
    if ((MARK_LOOKS[mark.rank] as MarkLook).kind !== 'violation') return []
    const { label } = data.marks[mark.item] as Mark
    const text = label.includes(' ') ? `violated: ${label}` : `${label} violated`
    const rooms = [view.width - mark.x - 14, mark.x - 14] as const
    const right = rooms[0] >= Math.min(rooms[1], textWidth(text, size))
    const fitted = fitText(text, right ? rooms[0] : rooms[1], size)
    if (fitted === null) return []
    const x = mark.x + (right ? 10 : -10)
    return [{ ...TEXT, x, y: mark.y + 0.35 * size, text: fitted, size, fill: 'violation', bold: true, anchor: right ? 'start' : 'end', halo: 'lane' }]
  })
}

/** Numbers of steps below the lanes. */
export function axisShapes({ bottom, metrics }: Layout, view: Viewport, ticks: readonly number[]): Shape[] {
  const size = 10 * metrics.letters
  return ticks.flatMap((step): Shape[] => {
    const x = xOf(view, step)
    const text = grouped(step)
    const edge = textWidth(text, size) / 2
    return [
      { ...RECT, x: Math.round(x), y: bottom, width: 1, height: 4, fill: 'line-strong' },
      { ...TEXT, x: Math.min(Math.max(x, edge), view.width - edge), y: bottom + metrics.axis - 4, text, size, fill: 'muted', anchor: 'middle' },
    ]
  })
}

/** "1,000,000". */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}
