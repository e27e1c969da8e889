/**
 * A picture sorted for looking things up: spans by lane and depth, marks and shades by lane, arrows by kind, with their pyramids of ranks. Where a trace has
 * only grown, its index grows with it.
 *
 * Rows: a handler takes the place of what it interrupted, and what runs inside it stands one row lower, so depths 2r and 2r + 1 share row r:
 *
 *     row 0   [ caller ][ #BP                                ][ caller ]      depth 1 lies over depth 0
 *     row 1             [ entry ][ poke_int3_handler         ]                depth 2
 */
import { Growing, type Points, type Stretches } from './growing.ts'
import { markRank, spanRank } from './looks.ts'
import type { Arrow, Mark, TimelineData } from './model.ts'

export type { Points, Stretches } from './growing.ts'

export interface LaneIndex {
  readonly cpu: number
  readonly role: string
  /** By depth; depths 2r and 2r + 1 share row r. */
  readonly depths: readonly Stretches[]
  readonly rows: number
  readonly marks: Points
  readonly if0: Stretches
  readonly nmiBlocked: Stretches
}

/** Arrows of one kind, by the earlier of their two steps. */
export interface ArrowIndex {
  readonly kind: Arrow['kind']
  readonly start: Int32Array
  /** The later step; the trace's end for one that is still on its way. */
  readonly end: Int32Array
  readonly item: Int32Array
  /** The latest end among this and all before it: where to stop looking back. */
  readonly reach: Int32Array
}

export interface TimelineIndex {
  readonly data: TimelineData
  readonly lanes: readonly LaneIndex[]
  /** Most important kind first. */
  readonly arrows: readonly ArrowIndex[]
  readonly phases: Stretches
  /** For each MOVES steps, the CPUs that moved, as bits. */
  readonly moves: Uint8Array
  readonly growth: Growth
}

export const MOVES = 128

const ARROW_KINDS: readonly Arrow['kind'][] = ['missed-store', 'ipi', 'ack', 'visible']

interface LaneGrowth {
  readonly depths: Growing[]
  readonly marks: Growing
  readonly if0: Growing
  readonly nmiBlocked: Growing
}

/** What an index is made of, and how much of the data is in it. */
interface Growth {
  readonly lanes: ReadonlyMap<number, LaneGrowth>
  readonly phases: Growing
  /** What it holds; an index of less must not grow it again. */
  holds: TimelineData | null
}

/** `before`: an index of an earlier picture of (perhaps) the same trace. */
export function indexTimeline(data: TimelineData, before: TimelineIndex | null = null): TimelineIndex {
  if (before !== null && before.growth.holds === before.data && before.lanes.length === data.lanes.length && grow(before.growth, before.data, data))
    return view(data, before.growth, before)
  const growth: Growth = {
    lanes: new Map(data.lanes.map(({ cpu }) => [cpu, { depths: [], marks: new Growing(), if0: new Growing(), nmiBlocked: new Growing() }])),
    phases: new Growing(),
    holds: null,
  }
  grow(growth, null, data)
  return view(data, growth, null)
}

/** Takes into the index what `data` has and `before` had not; false (and the index is of no use) where `data` is not a continuation. */
function grow(growth: Growth, before: TimelineData | null, data: TimelineData): boolean {
  const { lanes, phases } = growth
  growth.holds = null
  for (const { cpu, role } of data.lanes)
    if (before !== null && (!lanes.has(cpu) || !before.lanes.some((lane) => lane.cpu === cpu && lane.role === role))) return false
  const patchers = new Set(data.lanes.filter((lane) => lane.role === 'patcher').map((lane) => lane.cpu))
  const unchanged: Grown<Mark> = () => false
  return (
    growList(
      before?.spans ?? [],
      data.spans,
      (span, i) => {
        const depths = lanes.get(span.cpu)?.depths
        if (depths === undefined) return
        while (depths.length <= span.depth) depths.push(new Growing())
        ;(depths[span.depth] as Growing).push(span.start, span.end, i, spanRank(span, patchers.has(span.cpu)))
      },
      (span, i, old) =>
        old.kind === span.kind && old.meaning === span.meaning && (lanes.get(span.cpu)?.depths[span.depth]?.prolong(i, span.start, span.end) ?? true),
    ) &&
    growList(before?.marks ?? [], data.marks, (mark, i) => lanes.get(mark.cpu)?.marks.push(mark.step, mark.step, i, markRank(mark)), unchanged) &&
    growList(
      before?.shades ?? [],
      data.shades,
      ({ cpu, kind, start, end }, i) => lanes.get(cpu)?.[kind === 'if0' ? 'if0' : 'nmiBlocked'].push(start, end, i, 1),
      ({ cpu, kind, start, end }, i) => lanes.get(cpu)?.[kind === 'if0' ? 'if0' : 'nmiBlocked'].prolong(i, start, end) ?? true,
    ) &&
    growList(
      before?.phases ?? [],
      data.phases,
      ({ start, end }, i) => phases.push(start, end, i, 1),
      ({ start, end }, i) => phases.prolong(i, start, end),
    )
  )
}

/** Takes in the present form of an item that was there before; false where that is not possible. */
type Grown<T> = (item: T, index: number, old: T) => boolean

function growList<T>(before: readonly T[], after: readonly T[], push: (item: T, index: number) => void, changed: Grown<T>): boolean {
  if (after.length < before.length) return false
  for (let i = 0; i < before.length; i++) if (before[i] !== after[i] && !changed(after[i] as T, i, before[i] as T)) return false
  for (let i = before.length; i < after.length; i++) push(after[i] as T, i)
  return true
}

function view(data: TimelineData, growth: Growth, before: TimelineIndex | null): TimelineIndex {
  growth.holds = data
  const lanes = data.lanes.map(({ cpu, role }): LaneIndex => {
    const lane = growth.lanes.get(cpu) as LaneGrowth
    return {
      cpu,
      role,
      depths: lane.depths.map((list) => list.stretches()),
      rows: (lane.depths.length + 1) >> 1,
      marks: lane.marks.points(),
      if0: lane.if0.stretches(),
      nmiBlocked: lane.nmiBlocked.stretches(),
    }
  })
  const arrows = before !== null && sameArrows(before.data, data) ? before.arrows : ARROW_KINDS.map((kind) => arrowIndex(data, kind))
  return { data, lanes, arrows, phases: growth.phases.stretches(), moves: movesOf(data), growth }
}

/** Nothing was sent or arrived, and nothing is on its way (whose end would be the trace's). */
function sameArrows(before: TimelineData, data: TimelineData): boolean {
  return before.arrows.length === data.arrows.length && data.arrows.every((arrow, i) => arrow === before.arrows[i] && arrow.toStep !== null)
}

function movesOf({ movers }: TimelineData): Uint8Array {
  const moves = new Uint8Array(Math.ceil(movers.length / MOVES))
  for (let block = 0; block < moves.length; block++) {
    let moved = 0
    const end = Math.min(movers.length, (block + 1) * MOVES)
    for (let step = block * MOVES; step < end; step++) moved |= 1 << (movers[step] as number)
    moves[block] = moved
  }
  return moves
}

function arrowIndex({ arrows, steps }: TimelineData, kind: Arrow['kind']): ArrowIndex {
  const order: number[] = []
  for (let i = 0; i < arrows.length; i++) if ((arrows[i] as Arrow).kind === kind) order.push(i)
  order.sort((a, b) => (arrows[a] as Arrow).fromStep - (arrows[b] as Arrow).fromStep)
  const start = new Int32Array(order.length)
  const end = new Int32Array(order.length)
  const reach = new Int32Array(order.length)
  let latest = 0
  for (let i = 0; i < order.length; i++) {
    const arrow = arrows[order[i] as number] as Arrow
    start[i] = arrow.fromStep
    end[i] = arrow.toStep ?? steps
    latest = Math.max(latest, end[i] as number)
    reach[i] = latest
  }
  return { kind, start, end, item: Int32Array.from(order), reach }
}
