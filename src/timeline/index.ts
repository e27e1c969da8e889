/**
 * A picture sorted for looking things up: spans by lane and depth, marks and shades by lane, arrows by kind, with their pyramids of ranks. Where a trace has
 * only grown, its index grows with it.
 *
 * Rows: a handler takes the place of what it interrupted, and what runs inside it stands one row lower, so depths 2r and 2r + 1 share row r:
 *
 *     row 0   [ caller ][ #BP                                ][ caller ]      depth 1 lies over depth 0
 *     row 1             [ entry ][ poke_int3_handler         ]                depth 2
 */
import { Growing, GrowingArrows, type Points, type Stretches, UNDERWAY } from './growing.ts'
import { markRank, spanRank } from './looks.ts'
import type { Arrow, Shade, TimelineData } from './model.ts'
import { type Changes, changesBetween } from './sheet.ts'

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
  /** Interrupts wait one instruction more. */
  readonly shadow: Stretches
}

/** Arrows of one kind, by the earlier of their two steps. */
export interface ArrowIndex {
  readonly kind: Arrow['kind']
  readonly start: Int32Array
  /** The later step; UNDERWAY for one that is still on its way. */
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
  readonly shades: Readonly<Record<Shade['kind'], Growing>>
}

/** What an index is made of, and how much of the data is in it. */
interface Growth {
  readonly lanes: ReadonlyMap<number, LaneGrowth>
  readonly patchers: ReadonlySet<number>
  readonly phases: Growing
  readonly arrows: Readonly<Record<Arrow['kind'], GrowingArrows>>
  moves: Uint8Array
  readonly counts: { spans: number; shades: number; marks: number; arrows: number; phases: number; steps: number }
  /** What it holds; an index of less must not grow it again. */
  holds: TimelineData | null
}

/** `before`: an index of an earlier picture of (perhaps) the same trace. */
export function indexTimeline(data: TimelineData, before: TimelineIndex | null = null): TimelineIndex {
  if (before?.data === data) return before
  const changes = before === null || before.growth.holds !== before.data ? null : changesBetween(before.data, data)
  if (before !== null && changes !== null && change(before.growth, data, changes)) return view(data, before.growth)
  const growth: Growth = {
    lanes: new Map(data.lanes.map(({ cpu }) => [cpu, emptyLane()])),
    patchers: new Set(data.lanes.filter(({ role }) => role === 'patcher').map(({ cpu }) => cpu)),
    phases: new Growing(),
    arrows: { 'missed-store': new GrowingArrows(), ipi: new GrowingArrows(), ack: new GrowingArrows(), visible: new GrowingArrows() },
    moves: new Uint8Array(16),
    counts: { spans: 0, shades: 0, marks: 0, arrows: 0, phases: 0, steps: 0 },
    holds: null,
  }
  return view(data, growth)
}

function emptyLane(): LaneGrowth {
  return { depths: [], marks: new Growing(), shades: { if0: new Growing(), 'nmi-blocked': new Growing(), shadow: new Growing() } }
}

/** Takes in how items that were there have gone on; false (and the index is of no use) where one is none of the last. */
function change({ lanes, phases, arrows, counts }: Growth, data: TimelineData, changes: Changes): boolean {
  for (const i of changes.spans) {
    const { cpu, depth, start, end } = data.spans[i] as TimelineData['spans'][number]
    if (i < counts.spans && lanes.get(cpu)?.depths[depth]?.prolong(i, start, end) === false) return false
  }
  for (const i of changes.shades) {
    const { cpu, kind, start, end } = data.shades[i] as Shade
    if (i < counts.shades && lanes.get(cpu)?.shades[kind].prolong(i, start, end) === false) return false
  }
  for (const i of changes.phases) {
    const { start, end } = data.phases[i] as TimelineData['phases'][number]
    if (i < counts.phases && !phases.prolong(i, start, end)) return false
  }
  for (const i of changes.arrows) {
    const { kind, fromStep, toStep } = data.arrows[i] as Arrow
    if (i < counts.arrows && !arrows[kind].arrive(fromStep, i, toStep ?? UNDERWAY)) return false
  }
  return true
}

/** Takes in what is new. */
function grow(growth: Growth, { spans, shades, marks, arrows, phases, steps, movers }: TimelineData): void {
  const { lanes, patchers, counts } = growth
  for (let i = counts.spans; i < spans.length; i++) {
    const span = spans[i] as TimelineData['spans'][number]
    const depths = lanes.get(span.cpu)?.depths
    if (depths === undefined || (!span.open && span.end <= span.start)) continue
    while (depths.length <= span.depth) depths.push(new Growing())
    ;(depths[span.depth] as Growing).push(span.start, span.end, i, spanRank(span, patchers.has(span.cpu)))
  }
  for (let i = counts.shades; i < shades.length; i++) {
    const { cpu, kind, start, end } = shades[i] as Shade
    lanes.get(cpu)?.shades[kind].push(start, end, i, 1)
  }
  for (let i = counts.marks; i < marks.length; i++) {
    const mark = marks[i] as TimelineData['marks'][number]
    lanes.get(mark.cpu)?.marks.push(mark.step, mark.step, i, markRank(mark))
  }
  for (let i = counts.arrows; i < arrows.length; i++) {
    const { kind, fromStep, toStep } = arrows[i] as Arrow
    growth.arrows[kind].insert(fromStep, toStep ?? UNDERWAY, i)
  }
  for (let i = counts.phases; i < phases.length; i++) {
    const { start, end } = phases[i] as TimelineData['phases'][number]
    growth.phases.push(start, end, i, 1)
  }
  const blocks = Math.ceil(steps / MOVES)
  if (blocks > growth.moves.length) {
    const wider = new Uint8Array(2 * blocks)
    wider.set(growth.moves)
    growth.moves = wider
  }
  for (let step = counts.steps; step < steps; step++) {
    const block = Math.floor(step / MOVES)
    growth.moves[block] = (growth.moves[block] as number) | (1 << (movers[step] as number))
  }
  Object.assign(counts, { spans: spans.length, shades: shades.length, marks: marks.length, arrows: arrows.length, phases: phases.length, steps })
}

function view(data: TimelineData, growth: Growth): TimelineIndex {
  growth.holds = null
  grow(growth, data)
  growth.holds = data
  const lanes = data.lanes.map(({ cpu, role }): LaneIndex => {
    const lane = growth.lanes.get(cpu) as LaneGrowth
    return {
      cpu,
      role,
      depths: lane.depths.map((list) => list.stretches()),
      rows: (lane.depths.length + 1) >> 1,
      marks: lane.marks.points(),
      if0: lane.shades.if0.stretches(),
      nmiBlocked: lane.shades['nmi-blocked'].stretches(),
      shadow: lane.shades.shadow.stretches(),
    }
  })
  const arrows = ARROW_KINDS.map((kind): ArrowIndex => ({ kind, ...growth.arrows[kind].view() }))
  return { data, lanes, arrows, phases: growth.phases.stretches(), moves: growth.moves.subarray(0, Math.ceil(data.steps / MOVES)), growth }
}
