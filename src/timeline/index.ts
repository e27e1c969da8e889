/**
 * A picture sorted for looking things up: spans by lane and row, marks and shades by lane, arrows by kind, each with its pyramid of ranks. Made once
 * for each `TimelineData`, in a few passes.
 *
 * Rows: a handler takes the place of what it interrupted, and what runs inside it stands one row lower, so depths 2r and 2r + 1 share row r:
 *
 *     row 0   [ caller ][ #BP                                ][ caller ]      depth 1 lies over depth 0
 *     row 1             [ entry ][ poke_int3_handler         ]                depth 2
 */
import { markRank, spanRank } from './looks.ts'
import type { Arrow, TimelineData } from './model.ts'
import { Pyramid } from './pyramid.ts'

/** Stretches that do not overlap, in ascending order. `item`: index into the data's list. */
export interface Stretches {
  readonly start: Int32Array
  readonly end: Int32Array
  readonly item: Int32Array
  readonly ranks: Pyramid
}

/** Points in ascending order. */
export interface Points {
  readonly step: Int32Array
  readonly item: Int32Array
  readonly ranks: Pyramid
}

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
}

export const MOVES = 128

const ARROW_KINDS: readonly Arrow['kind'][] = ['missed-store', 'ipi', 'ack', 'visible']

export function indexTimeline(data: TimelineData): TimelineIndex {
  const laneOf = new Map(data.lanes.map((lane, i) => [lane.cpu, i]))
  const depths = 1 + data.spans.reduce((deepest, span) => Math.max(deepest, span.depth), 0)
  const lane = (cpu: number) => laneOf.get(cpu) ?? -1
  const bySpan = group(data.spans.length, data.lanes.length * depths, (i) => {
    const span = data.spans[i] as (typeof data.spans)[number]
    const at = lane(span.cpu)
    return at < 0 ? -1 : at * depths + span.depth
  })
  const byMark = group(data.marks.length, data.lanes.length, (i) => lane((data.marks[i] as (typeof data.marks)[number]).cpu))
  const byShade = group(data.shades.length, data.lanes.length * 2, (i) => {
    const shade = data.shades[i] as (typeof data.shades)[number]
    return lane(shade.cpu) * 2 + (shade.kind === 'if0' ? 0 : 1)
  })
  const flat = () => 1
  const lanes = data.lanes.map(({ cpu, role }, i): LaneIndex => {
    const patcher = role === 'patcher'
    const own = bySpan.slice(i * depths, (i + 1) * depths)
    while (own.length > 0 && (own[own.length - 1] as Int32Array).length === 0) own.pop()
    return {
      cpu,
      role,
      depths: own.map((items) => stretches(data.spans, items, (span) => spanRank(span, patcher))),
      rows: (own.length + 1) >> 1,
      marks: points(data, byMark[i] as Int32Array),
      if0: stretches(data.shades, byShade[2 * i] as Int32Array, flat),
      nmiBlocked: stretches(data.shades, byShade[2 * i + 1] as Int32Array, flat),
    }
  })
  const all = Int32Array.from(data.phases, (_, i) => i)
  return { data, lanes, arrows: ARROW_KINDS.map((kind) => arrowIndex(data, kind)), phases: stretches(data.phases, all, flat), moves: movesOf(data) }
}

function movesOf({ movers }: TimelineData): Uint8Array {
  const moves = new Uint8Array(Math.ceil(movers.length / MOVES))
  for (let step = 0; step < movers.length; step++) {
    const block = Math.floor(step / MOVES)
    moves[block] = (moves[block] as number) | (1 << (movers[step] as number))
  }
  return moves
}

/** Indices 0 … count − 1 by group, in order; those of group −1 are left out. */
function group(count: number, groups: number, groupOf: (index: number) => number): Int32Array[] {
  const of = new Int32Array(count)
  const sizes = new Int32Array(groups)
  for (let i = 0; i < count; i++) {
    const at = groupOf(i)
    of[i] = at
    if (at >= 0) sizes[at] = (sizes[at] as number) + 1
  }
  const lists = Array.from(sizes, (size) => new Int32Array(size))
  const filled = new Int32Array(groups)
  for (let i = 0; i < count; i++) {
    const at = of[i] as number
    if (at < 0) continue
    const place = filled[at] as number
    ;(lists[at] as Int32Array)[place] = i
    filled[at] = place + 1
  }
  return lists
}

function stretches<T extends { readonly start: number; readonly end: number }>(
  list: readonly T[],
  item: Int32Array,
  rankOf: (item: T) => number,
): Stretches {
  const start = new Int32Array(item.length)
  const end = new Int32Array(item.length)
  const ranks = new Uint8Array(item.length)
  for (let i = 0; i < item.length; i++) {
    const each = list[item[i] as number] as T
    start[i] = each.start
    end[i] = each.end
    ranks[i] = rankOf(each)
  }
  return { start, end, item, ranks: new Pyramid(ranks) }
}

function points({ marks }: TimelineData, item: Int32Array): Points {
  const step = new Int32Array(item.length)
  const ranks = new Uint8Array(item.length)
  for (let i = 0; i < item.length; i++) {
    const mark = marks[item[i] as number] as (typeof marks)[number]
    step[i] = mark.step
    ranks[i] = markRank(mark)
  }
  return { step, item, ranks: new Pyramid(ranks) }
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
