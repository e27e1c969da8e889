/**
 * Where lanes lie, in pixels from the top:
 *
 *     header     phases, and the cursor's step
 *     lane       padding · rows of spans · a strip of marks · a hairline where the CPU moved
 *     gap
 *     lane …
 *     line       below the pinned lanes
 *     lane …     a folded one: its spans as one thin bar, the rarest marks on it
 *     strips     other branches, a few lines each
 *     axis       numbers of steps
 */
import { type Arrangement, AS_THEY_ARE, arranged } from './arrangement.ts'
import type { TimelineIndex } from './index.ts'

export interface Metrics {
  readonly header: number
  readonly axis: number
  readonly padding: number
  readonly rowHeight: number
  readonly rowGap: number
  readonly marks: number
  readonly moved: number
  readonly laneGap: number
  /** So that lanes do not grow while a trace does. */
  readonly leastRows: number
  readonly fontSize: number
  /** How many times larger than usual letters are, where the page's are. */
  readonly letters: number
  /** Height of a folded lane, and of the bar in it. */
  readonly folded: number
  readonly foldedBar: number
}

export const ROOMY: Metrics = {
  header: 26,
  axis: 18,
  padding: 5,
  rowHeight: 20,
  rowGap: 3,
  marks: 17,
  moved: 4,
  laneGap: 7,
  leastRows: 2,
  fontSize: 11.5,
  letters: 1,
  folded: 20,
  foldedBar: 8,
}
/** For many CPUs. */
export const COMPACT: Metrics = {
  header: 24,
  axis: 16,
  padding: 4,
  rowHeight: 15,
  rowGap: 2,
  marks: 15,
  moved: 3,
  laneGap: 6,
  leastRows: 1,
  fontSize: 10,
  letters: 1,
  folded: 16,
  foldedBar: 6,
}

/** For a low panel: the least in which text and marks can still be told apart. */
export const DENSE: Metrics = {
  header: 20,
  axis: 13,
  padding: 2,
  rowHeight: 12,
  rowGap: 2,
  marks: 10,
  moved: 2,
  laneGap: 2,
  leastRows: 2,
  fontSize: 10,
  letters: 1,
  folded: 14,
  foldedBar: 5,
}
/** Where there is more room than a picture needs. */
export const LARGE: Metrics = {
  header: 28,
  axis: 20,
  padding: 7,
  rowHeight: 28,
  rowGap: 4,
  marks: 22,
  moved: 5,
  laneGap: 10,
  leastRows: 2,
  fontSize: 14,
  letters: 1,
  folded: 24,
  foldedBar: 10,
}

export interface LaneBox {
  readonly cpu: number
  readonly role: string
  readonly top: number
  readonly height: number
  /** Top of each row. */
  readonly rows: readonly number[]
  readonly rowHeight: number
  /** Centre of the strip of marks. */
  readonly marks: number
  /** Top of the hairline. */
  readonly moved: number
  readonly collapsed: boolean
  readonly pinned: boolean
}

/** Room for another branch. */
export interface StripBox {
  readonly branch: number
  readonly top: number
  readonly height: number
  /** Top of each CPU's line, in the order of the lanes. */
  readonly lines: readonly number[]
  readonly lineHeight: number
}

export interface Layout {
  readonly metrics: Metrics
  /** In the order of the index's lanes, wherever they stand. */
  readonly lanes: readonly LaneBox[]
  /** The same from top to bottom. */
  readonly standing: readonly LaneBox[]
  /** Where the pinned lanes end; null where there is nothing to part. */
  readonly pinnedEnd: number | null
  readonly strips: readonly StripBox[]
  /** Bottom of the last lane or strip. */
  readonly bottom: number
  readonly height: number
}

export interface Wanted {
  readonly arrangement?: Arrangement
  /** Other branches to be shown below the lanes. */
  readonly branches?: readonly number[]
}

export function metricsFor(lanes: number): Metrics {
  return lanes > 5 ? COMPACT : ROOMY
}

export function layOut(index: TimelineIndex, metrics: Metrics, { arrangement = AS_THEY_ARE, branches = [] }: Wanted = {}): Layout {
  const boxes = new Map<number, LaneBox>()
  let top = metrics.header
  let pinnedEnd: number | null = null
  const order = arranged(
    index.lanes.map(({ cpu }) => cpu),
    arrangement,
  )
  for (const [i, cpu] of order.entries()) {
    const { role, rows } = index.lanes.find((lane) => lane.cpu === cpu) as TimelineIndex['lanes'][number]
    const pinned = arrangement.pinned.includes(cpu)
    const collapsed = arrangement.collapsed.includes(cpu)
    const box = collapsed ? folded(metrics, top) : unfolded(metrics, top, Math.max(rows, role === 'patcher' ? 1 : metrics.leastRows))
    boxes.set(cpu, { cpu, role, pinned, collapsed, ...box })
    top += box.height + metrics.laneGap
    const next = order[i + 1]
    if (pinned && next !== undefined && !arrangement.pinned.includes(next)) {
      pinnedEnd = top + 1
      top += PIN_GAP
    }
  }
  const strips = branches.map((branch): StripBox => {
    const lines = order.map((_, i) => top + STRIP_PADDING + i * (STRIP_LINE + 1))
    const height = 2 * STRIP_PADDING + order.length * (STRIP_LINE + 1)
    const strip = { branch, top, height, lines: index.lanes.map(({ cpu }) => lines[order.indexOf(cpu)] as number), lineHeight: STRIP_LINE }
    top += height + STRIP_GAP
    return strip
  })
  const bottom = Math.max(metrics.header, top - (strips.length > 0 ? STRIP_GAP : metrics.laneGap))
  const lanes = index.lanes.map(({ cpu }) => boxes.get(cpu) as LaneBox)
  return { metrics, lanes, standing: [...boxes.values()], pinnedEnd, strips, bottom, height: bottom + metrics.axis }
}

const PIN_GAP = 5
const STRIP_LINE = 3
const STRIP_PADDING = 4
const STRIP_GAP = 4

type Placed = Pick<LaneBox, 'top' | 'height' | 'rows' | 'rowHeight' | 'marks' | 'moved'>

function unfolded(metrics: Metrics, top: number, count: number): Placed {
  const pitch = metrics.rowHeight + metrics.rowGap
  const rows = Array.from({ length: count }, (_, row) => top + metrics.padding + row * pitch)
  const below = top + metrics.padding + count * pitch
  return {
    top,
    height: below + metrics.marks + metrics.moved - top,
    rows,
    rowHeight: metrics.rowHeight,
    marks: below + metrics.marks / 2 - 1,
    moved: below + metrics.marks,
  }
}

function folded({ folded, foldedBar }: Metrics, top: number): Placed {
  const bar = top + (folded - foldedBar) / 2
  return { top, height: folded, rows: [bar], rowHeight: foldedBar, marks: top + folded / 2, moved: top + folded - 2 }
}
