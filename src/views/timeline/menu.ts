/** What can be done at a place of the lanes: the items of the context menu. Everything here has a key or a button elsewhere, too. */
import { toggleCollapsed, togglePinned } from '../../timeline/arrangement.ts'
import { grouped } from '../../timeline/drawing.ts'
import { farEnd } from '../../timeline/following.ts'
import type { Scene } from '../../timeline/geometry.ts'
import { hitTest } from '../../timeline/hit.ts'
import type { Layout } from '../../timeline/lanes.ts'
import type { Arrow } from '../../timeline/model.ts'
import { areaSelection, bytesSelection, cursorOf, hitSelection, type Selection, stepSelection } from '../../timeline/selection.ts'
import { fitAll, isFit, stepAt, xOf, zoomAt } from '../../timeline/viewport.ts'
import { crossingHere, type KeyAction, type KeyContext } from './keys.ts'

export interface Place {
  /** Steps taken when the cursor stands there. */
  readonly step: number
  readonly cpu: number
  readonly selection: Selection | null
  /** Pixels of the plot. */
  readonly x: number
  readonly y: number
}

/** What the page does beyond the lanes; left out where it has no such thing. */
export type MenuAction =
  | KeyAction
  /** Selects, and stays where it is. */
  | { readonly kind: 'look'; readonly selection: Selection }
  | { readonly kind: 'run'; readonly selection: Selection; readonly back: boolean }
  | { readonly kind: 'link'; readonly step: number }

export interface MenuItem {
  readonly title: string
  /** As printed on keys. */
  readonly keys: readonly string[]
  readonly action: MenuAction
}

/** The place under the pointer. */
export function placeAt(context: KeyContext, scene: Scene, layout: Layout, { x, y }: { readonly x: number; readonly y: number }): Place {
  const { data } = context.index
  const hit = hitTest(scene, layout, x, y)
  const selection = hitSelection(data, hit)
  const step = hit.target?.kind === 'mark' ? hit.target.mark.to : Math.round(stepAt(context.view, x))
  return { step: Math.min(data.steps, Math.max(0, step)), cpu: hit.cpu ?? context.cpu, selection, x, y }
}

/** What is selected, or else the step just taken. */
export function placeOfCursor({ index, cursor, cpu, view, selection }: KeyContext, layout: Layout): Place {
  const here = selection ?? (cursor === 0 ? null : { ...stepSelection(index.data, cursor - 1), cpu })
  const step = (selection === null ? null : cursorOf(selection)) ?? cursor
  const lane = layout.lanes.find((box) => box.cpu === cpu)
  const x = Math.min(Math.max(xOf(view, step), 0), view.width)
  return { step, cpu: here?.cpu ?? cpu, selection: here, x, y: lane === undefined ? layout.bottom : lane.top + lane.height }
}

/** More arrows at one place are reached by key. */
const MOST_ARROWS = 2
const ZOOM = 4

/** In groups, the nearest to the place first. */
export function menuOf(context: KeyContext, place: Place, can: { readonly run: boolean; readonly link: boolean }): readonly (readonly MenuItem[])[] {
  return [moves(context, place, can), facts(context, place), views(context, place), lane(context, place)].filter((group) => group.length > 0)
}

function moves({ cursor }: KeyContext, { step, selection }: Place, can: { readonly run: boolean; readonly link: boolean }): MenuItem[] {
  const items: MenuItem[] = []
  if (step !== cursor) items.push({ title: `Go to step ${grouped(step)}`, keys: [], action: { kind: 'seek', step } })
  if (can.run && selection?.address != null) {
    items.push({ title: 'Run on until it is here again', keys: ['H', 'F4'], action: { kind: 'run', selection, back: false } })
    items.push({ title: 'Run back until it was here before', keys: ['Shift', 'H'], action: { kind: 'run', selection, back: true } })
  }
  if (can.link) items.push({ title: `Copy link to step ${grouped(step)}`, keys: [], action: { kind: 'link', step } })
  return items
}

function facts(context: KeyContext, { step, selection, cpu }: Place): MenuItem[] {
  const { index, cursor } = context
  const items: MenuItem[] = []
  if (selection !== null && selection.kind !== 'bytes') {
    const { leaving, arriving } = crossingHere({ index, cursor, cpu, selection })
    for (const [arrows, forwards] of [
      [leaving, true],
      [arriving, false],
    ] as const) {
      for (const arrow of arrows.slice(0, MOST_ARROWS)) {
        const end = farEnd(index, arrow, forwards)
        if (end === null) continue
        const title = `${WAYS[(index.data.arrows[arrow] as Arrow).kind][forwards ? 0 : 1]}: CPU ${end.cpu}, step ${grouped(cursorOf(end) ?? 0)}`
        items.push({ title, keys: [forwards ? ']' : '['], action: { kind: 'follow', selection: end, arrow, forwards } })
      }
    }
  }
  if (selection?.address != null && selection.kind !== 'bytes')
    items.push({
      title: 'Who wrote these bytes?',
      keys: [],
      action: { kind: 'look', selection: bytesSelection(selection.address, Math.max(1, selection.size), cpu) },
    })
  if (Math.abs(step - cursor) > 1)
    items.push({
      title: `Pick out steps ${grouped(Math.min(step, cursor) + 1)} to ${grouped(Math.max(step, cursor))}`,
      keys: [],
      action: { kind: 'area', selection: areaSelection(step, cursor) },
    })
  return items
}

/** Along an arrow, and back. */
const WAYS: Readonly<Record<Arrow['kind'], readonly [string, string]>> = {
  ipi: ['Where the IPI is taken', 'Who sent the IPI'],
  ack: ['Who saw it acknowledged', 'Who acknowledged'],
  'missed-store': ['Who missed this store', 'The store that was missed'],
  visible: ['Where the store becomes visible', 'Where the store was issued'],
}

function views({ index, view }: KeyContext, { x }: Place): MenuItem[] {
  const { steps } = index.data
  const items: MenuItem[] = [
    { title: 'Zoom in here', keys: ['Ctrl', 'wheel'], action: { kind: 'view', change: (from) => zoomAt(from, x, ZOOM, steps) } },
  ]
  if (!isFit(view, steps)) items.push({ title: 'Show all', keys: ['F'], action: { kind: 'view', change: (from) => fitAll(steps, from.width) } })
  return items
}

function lane({ arrangement }: KeyContext, { cpu }: Place): MenuItem[] {
  const pinned = arrangement.pinned.includes(cpu)
  const folded = arrangement.collapsed.includes(cpu)
  return [
    { title: `Look at CPU ${cpu}`, keys: [], action: { kind: 'cpu', cpu } },
    {
      title: pinned ? `Unpin CPU ${cpu}` : `Pin CPU ${cpu} to the top`,
      keys: ['Shift', 'P'],
      action: { kind: 'arrange', arrangement: togglePinned(arrangement, cpu) },
    },
    {
      title: folded ? `Unfold CPU ${cpu}` : `Fold CPU ${cpu} to a line`,
      keys: ['Shift', 'C'],
      action: { kind: 'arrange', arrangement: toggleCollapsed(arrangement, cpu) },
    },
  ]
}
