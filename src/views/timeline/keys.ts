/**
 * What a key does on the timeline, while it has the focus, or nothing has and the page has no use for the key itself. Zoom and pan go by the key's place
 * (W A S D), the rest by its letter. The help sheet prints the table below.
 */
import { type Arrangement, arranged, moved, toggleCollapsed, togglePinned } from '../../timeline/arrangement.ts'
import { arrowsOfSelection, type Crossing, farEnd } from '../../timeline/following.ts'
import { neighbourMark } from '../../timeline/hit.ts'
import type { TimelineIndex } from '../../timeline/index.ts'
import { areaSelection, cursorOf, markSelection, marksAt, type Selection, stepSelection } from '../../timeline/selection.ts'
import { fitAll, focusExtent, focusOn, isFit, pan, type Viewport, xOf, zoomAt } from '../../timeline/viewport.ts'

/** For the help sheet: what is done, and the keys as printed on them. */
export const TIMELINE_KEYS: readonly { readonly title: string; readonly strokes: readonly (readonly string[])[] }[] = [
  { title: 'Zoom in, out (at the cursor)', strokes: [['W'], ['S']] },
  { title: 'Pan left, right', strokes: [['A'], ['D']] },
  { title: 'Show what is selected, or the cursor; again: all', strokes: [['F']] },
  { title: 'Next, previous event of this CPU', strokes: [['.'], [',']] },
  { title: 'Along an arrow, back along one', strokes: [[']'], ['[']] },
  {
    title: 'Another arrow that leaves, that arrives',
    strokes: [
      ['Ctrl', ']'],
      ['Ctrl', '['],
    ],
  },
  { title: 'Select what is at the cursor', strokes: [['Enter']] },
  { title: 'Search the events; then next, previous', strokes: [['/'], ['Enter'], ['Shift', 'Enter']] },
  { title: 'Mark what is selected; keep the mark', strokes: [['M'], ['Shift', 'M']] },
  { title: 'From what is selected to an area', strokes: [['R']] },
  { title: 'Another CPU; step; many steps', strokes: [['↑'], ['↓'], ['←'], ['→'], ['Shift', '→']] },
  {
    title: 'Move this lane',
    strokes: [
      ['Alt', '↑'],
      ['Alt', '↓'],
    ],
  },
  {
    title: 'Pin this lane; fold it',
    strokes: [
      ['Shift', 'P'],
      ['Shift', 'C'],
    ],
  },
  {
    title: 'Menu of this place (by finger: hold)',
    strokes: [['Shift', 'F10'], ['right button']],
  },
  {
    title: 'Zoom at the pointer; in, and out (by finger: two)',
    strokes: [['Ctrl', 'wheel'], ['double click'], ['Shift', 'double click']],
  },
  {
    title: 'Pan by hand',
    strokes: [['Shift', 'drag'], ['middle button'], ['Shift', 'wheel']],
  },
  { title: 'Let go of what is selected', strokes: [['Esc']] },
]

/** The part of a KeyboardEvent that decides. */
export interface KeyStroke {
  readonly code: string
  readonly key: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}

export interface KeyContext {
  readonly index: TimelineIndex
  readonly cursor: number
  readonly cpu: number
  readonly view: Viewport
  readonly selection: Selection | null
  /** Which of the arrows that leave and arrive are chosen. */
  readonly chosen: Chosen
  readonly arrangement: Arrangement
}

export interface Chosen {
  readonly leaving: number
  readonly arriving: number
}

export type KeyAction =
  | { readonly kind: 'view'; readonly change: (view: Viewport) => Viewport }
  | { readonly kind: 'seek'; readonly step: number }
  | { readonly kind: 'cpu'; readonly cpu: number }
  /** Selects, and goes there. */
  | { readonly kind: 'select'; readonly selection: Selection }
  /** As `select`, along this arrow of the data: it stays chosen on the way back. */
  | { readonly kind: 'follow'; readonly selection: Selection; readonly arrow: number; readonly forwards: boolean }
  | { readonly kind: 'choose'; readonly chosen: Chosen }
  | { readonly kind: 'area'; readonly selection: Selection }
  | { readonly kind: 'arrange'; readonly arrangement: Arrangement }
  | { readonly kind: 'flag'; readonly kept: boolean }
  | { readonly kind: 'search' }
  | { readonly kind: 'menu' }
  | { readonly kind: 'clear' }

const ZOOM = 1.6
const PAN = 0.25

/** null: the key means nothing here, or has nothing to do, and is left to others. */
export function actionOf(stroke: KeyStroke, context: KeyContext): KeyAction | null {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = stroke
  if (altKey) return ctrlKey || metaKey ? null : laneAction(key, context)
  if (ctrlKey || metaKey) return key === ']' || key === '[' ? chooseAction(key === ']', context) : null
  if (key === 'ContextMenu' || (key === 'F10' && shiftKey)) return { kind: 'menu' }
  if (shiftKey) {
    const action = shifted(stroke, context)
    if (action !== undefined) return action
  }
  return (shiftKey ? null : viewAction(stroke.code, context)) ?? plainAction(stroke, context)
}

function viewAction(code: string, { index, cursor, view, selection }: KeyContext): KeyAction | null {
  const { steps } = index.data
  const change = (by: (view: Viewport) => Viewport): KeyAction => ({ kind: 'view', change: by })
  /** Zooms at the cursor, or in the middle where that is out of view. */
  const zoom = (factor: number) =>
    change((from) => {
      const x = xOf(from, cursor)
      return zoomAt(from, x >= 0 && x <= from.width ? x : from.width / 2, factor, steps)
    })
  switch (code) {
    case 'KeyW':
      return zoom(ZOOM)
    case 'KeyS':
      return zoom(1 / ZOOM)
    case 'KeyA':
      return change((from) => pan(from, -PAN * from.width, steps))
    case 'KeyD':
      return change((from) => pan(from, PAN * from.width, steps))
    case 'KeyF': {
      const near = focusView(selection, cursor, view.width, steps)
      const there = Math.abs(near.from - view.from) < 0.5 && Math.abs(near.to - view.to) < 0.5
      return change((from) => (there || (selection === null && !isFit(from, steps)) ? fitAll(steps, from.width) : near))
    }
    default:
      return null
  }
}

/** What `F` shows: all that is selected with some room around it, or what is around the cursor. */
function focusView(selection: Selection | null, cursor: number, width: number, steps: number): Viewport {
  const from = selection?.from ?? cursor
  const to = selection?.to ?? cursor
  return focusOn((from + to) / 2, Math.max(focusExtent(width), 1.4 * (to - from)), width, steps)
}

function plainAction({ key, shiftKey }: KeyStroke, context: KeyContext): KeyAction | null {
  const { index, cursor, cpu, view, selection, arrangement } = context
  const { data } = index
  const seek = (step: number): KeyAction | null => {
    const to = Math.min(Math.max(step, 0), data.steps)
    return to === cursor ? null : { kind: 'seek', step: to }
  }
  const page = Math.max(1, Math.round((view.to - view.from) / 10))
  switch (key) {
    case 'ArrowLeft':
      return seek(cursor - (shiftKey ? page : 1))
    case 'ArrowRight':
      return seek(cursor + (shiftKey ? page : 1))
    case 'PageUp':
      return seek(cursor - page)
    case 'PageDown':
      return seek(cursor + page)
    case 'Home':
      return seek(0)
    case 'End':
      return seek(data.steps)
    case 'ArrowUp':
    case 'ArrowDown': {
      const order = arranged(
        index.lanes.map((lane) => lane.cpu),
        arrangement,
      )
      const next = order[order.indexOf(cpu) + (key === 'ArrowUp' ? -1 : 1)]
      return next === undefined ? null : { kind: 'cpu', cpu: next }
    }
    case 'Enter': {
      if (cursor === 0) return null
      const marks = marksAt(data, cursor - 1, cpu)
      return { kind: 'select', selection: marks[0] === undefined ? stepSelection(data, cursor - 1) : markSelection(data, marks.at(-1) as number) }
    }
    case '.':
    case ',': {
      const mark = neighbourMark(index, cpu, cursor, selection, key === '.' ? 1 : -1)
      return mark === null ? null : { kind: 'select', selection: markSelection(data, mark) }
    }
    case ']':
    case '[':
      return followAction(key === ']', context)
    case '/':
      return { kind: 'search' }
    case 'm':
      return { kind: 'flag', kept: false }
    case 'r':
      return selection?.from == null || selection.to === null || selection.kind === 'area'
        ? null
        : { kind: 'area', selection: areaSelection(selection.from, selection.to) }
    case 'Escape':
      return selection === null ? null : { kind: 'clear' }
    default:
      return null
  }
}

/** undefined: Shift makes no difference. */
function shifted({ key }: KeyStroke, { cpu, arrangement }: KeyContext): KeyAction | null | undefined {
  switch (key.toLowerCase()) {
    case 'm':
      return { kind: 'flag', kept: true }
    case 'p':
      return { kind: 'arrange', arrangement: togglePinned(arrangement, cpu) }
    case 'c':
      return { kind: 'arrange', arrangement: toggleCollapsed(arrangement, cpu) }
    default:
      return /^[A-Za-z]$/.test(key) ? null : undefined
  }
}

function laneAction(key: string, { index, cpu, arrangement }: KeyContext): KeyAction | null {
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return null
  const cpus = index.lanes.map((lane) => lane.cpu)
  const at = arranged(cpus, arrangement).indexOf(cpu)
  return { kind: 'arrange', arrangement: moved(cpus, arrangement, cpu, at + (key === 'ArrowUp' ? -1 : 1)) }
}

/** The arrows of what is selected; where nothing is, of the step just taken by the chosen CPU. */
export function crossingHere({ index, cursor, cpu, selection }: Pick<KeyContext, 'index' | 'cursor' | 'cpu' | 'selection'>): Crossing {
  const here = selection ?? (cursor === 0 ? null : { ...stepSelection(index.data, cursor - 1), cpu })
  return here === null ? { leaving: [], arriving: [] } : arrowsOfSelection(index, here)
}

function followAction(forwards: boolean, context: KeyContext): KeyAction | null {
  const { leaving, arriving } = crossingHere(context)
  const arrows = forwards ? leaving : arriving
  const arrow = arrows[wrapped(forwards ? context.chosen.leaving : context.chosen.arriving, arrows.length)]
  const selection = arrow === undefined ? null : farEnd(context.index, arrow, forwards)
  return arrow === undefined || selection === null ? null : { kind: 'follow', selection, arrow, forwards }
}

function chooseAction(forwards: boolean, context: KeyContext): KeyAction | null {
  const { leaving, arriving } = crossingHere(context)
  const { chosen } = context
  if ((forwards ? leaving : arriving).length === 0) return null
  return {
    kind: 'choose',
    chosen: forwards
      ? { ...chosen, leaving: wrapped(chosen.leaving + 1, leaving.length) }
      : { ...chosen, arriving: wrapped(chosen.arriving + 1, arriving.length) },
  }
}

function wrapped(at: number, length: number): number {
  return length === 0 ? 0 : at % length
}

/** Where the cursor goes when this is selected by key. */
export function destination(selection: Selection, cursor: number): number {
  return cursorOf(selection) ?? cursor
}
