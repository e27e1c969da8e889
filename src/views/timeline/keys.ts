/** What a key does while the timeline has the focus. Zoom and pan go by the key's place (W A S D), the rest by its letter. */
import { alongArrow, neighbour } from '../../timeline/hit.ts'
import type { TimelineIndex } from '../../timeline/index.ts'
import { fitAll, focusExtent, focusOn, isFit, pan, type Viewport, xOf, zoomAt } from '../../timeline/viewport.ts'

export interface KeyStroke {
  readonly code: string
  readonly key: string
  readonly shiftKey: boolean
}

export interface KeyContext {
  readonly index: TimelineIndex
  readonly cursor: number
  readonly cpu: number
  readonly view: Viewport
}

export type KeyAction =
  | { readonly kind: 'view'; readonly change: (view: Viewport) => Viewport }
  | { readonly kind: 'seek'; readonly step: number; readonly cpu?: number }
  | { readonly kind: 'select'; readonly cpu: number }

const ZOOM = 1.6
const PAN = 0.25

/** null: the key means nothing here, or has nothing to do, and is left to others. */
export function actionOf(stroke: KeyStroke, { index, cursor, cpu, view }: KeyContext): KeyAction | null {
  const { steps } = index.data
  const change = (by: (view: Viewport) => Viewport): KeyAction => ({ kind: 'view', change: by })
  /** Zooms at the cursor, or in the middle where that is out of view. */
  const zoom = (factor: number) =>
    change((from) => {
      const x = xOf(from, cursor)
      return zoomAt(from, x >= 0 && x <= from.width ? x : from.width / 2, factor, steps)
    })
  switch (stroke.code) {
    case 'KeyW':
      return zoom(ZOOM)
    case 'KeyS':
      return zoom(1 / ZOOM)
    case 'KeyA':
      return change((from) => pan(from, -PAN * from.width, steps))
    case 'KeyD':
      return change((from) => pan(from, PAN * from.width, steps))
    case 'KeyF':
      return change((from) => (isFit(from, steps) ? focusOn(cursor, focusExtent(from.width), from.width, steps) : fitAll(steps, from.width)))
  }
  const seek = (step: number): KeyAction | null => {
    const to = Math.min(Math.max(step, 0), steps)
    return to === cursor ? null : { kind: 'seek', step: to }
  }
  const page = Math.max(1, Math.round((view.to - view.from) / 10))
  switch (stroke.key) {
    case 'ArrowLeft':
      return seek(cursor - (stroke.shiftKey ? page : 1))
    case 'ArrowRight':
      return seek(cursor + (stroke.shiftKey ? page : 1))
    case 'PageUp':
      return seek(cursor - page)
    case 'PageDown':
      return seek(cursor + page)
    case 'Home':
      return seek(0)
    case 'End':
      return seek(steps)
    case 'ArrowUp':
      return select(index, cpu, -1)
    case 'ArrowDown':
      return select(index, cpu, 1)
    case '.':
    case ',': {
      const step = neighbour(index, cpu, cursor, stroke.key === '.' ? 1 : -1)
      return step === null ? null : { kind: 'seek', step }
    }
    case ']':
    case '[': {
      const end = alongArrow(index, cpu, cursor, stroke.key === ']' ? 1 : -1)
      return end === null ? null : { kind: 'seek', step: end.cursor, cpu: end.cpu }
    }
    default:
      return null
  }
}

function select({ lanes }: TimelineIndex, cpu: number, by: number): KeyAction | null {
  const lane = lanes[lanes.findIndex((each) => each.cpu === cpu) + by]
  return lane === undefined ? null : { kind: 'select', cpu: lane.cpu }
}
