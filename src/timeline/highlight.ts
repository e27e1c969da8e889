/** Where a selected thing stands in the picture: its outline, even where it is drawn as one of many, or as nothing. */
import type { DrawnArrow } from './arrows.ts'
import { markX } from './arrows.ts'
import { type Scene, sceneSpanY } from './geometry.ts'
import type { TimelineIndex } from './index.ts'
import type { LaneBox, Layout } from './lanes.ts'
import type { Mark, Span } from './model.ts'
import { firstMark, type Selection } from './selection.ts'
import { type Viewport, xOf } from './viewport.ts'

export type Highlight =
  | { readonly shape: 'circle'; readonly x: number; readonly y: number; readonly radius: number }
  | { readonly shape: 'box'; readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  | { readonly shape: 'arrow'; readonly arrow: DrawnArrow }

/** null: out of view, or nowhere. */
export function highlightOf(index: TimelineIndex, selection: Selection, scene: Scene, layout: Layout, view: Viewport): Highlight | null {
  const { data } = index
  const { kind, item, cpu, from, to } = selection
  if (kind === 'arrow') {
    const arrow = scene.arrows.find((each) => each.item === item)
    return arrow === undefined ? null : { shape: 'arrow', arrow }
  }
  const box = layout.lanes.find((lane) => lane.cpu === cpu)
  if (box === undefined || from === null || to === null || kind === 'area' || kind === 'bytes') return null
  if (kind === 'mark') {
    const drawn = scene.marks.find((mark) => mark.item === item)
    const x = drawn?.x ?? markPlace(data.marks, item, view)
    return outside(x, x, view) ? null : { shape: 'circle', x, y: box.marks, radius: box.collapsed ? 7 : 8.5 }
  }
  const left = xOf(view, from)
  const width = Math.max(4, xOf(view, to) - left)
  if (outside(left, left + width, view)) return null
  const x = Math.max(left, -4)
  const right = Math.min(left + width, view.width + 4)
  if (kind === 'span') {
    const y = sceneSpanY(box, (data.spans[item] as Span).depth)
    return { shape: 'box', x, y, width: right - x, height: box.rowHeight }
  }
  return { shape: 'box', x, y: box.top + 1, width: right - x, height: stepHeight(box) }
}

function stepHeight({ height }: LaneBox): number {
  return height - 2
}

/** Of a mark that is drawn with others: amid its step. */
function markPlace(marks: readonly Mark[], item: number, view: Viewport): number {
  const { step, cpu } = marks[item] as Mark
  let k = 0
  let together = 0
  for (let i = firstMark(marks, step); i < marks.length && (marks[i] as Mark).step === step; i++) {
    if ((marks[i] as Mark).cpu !== cpu) continue
    if (i < item) k++
    together++
  }
  return markX(view, step, k, together)
}

function outside(left: number, right: number, { width }: Viewport): boolean {
  return right < 0 || left > width
}
