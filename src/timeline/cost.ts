/**
 * Who used the steps of a long run, over time: the patcher, the callers themselves, their int3 handlers, their interrupt handlers. Each bin shares out its steps, so
 * that the four together are always one. d3 scales, stacks and draws; the shares are exact as far as the picture tells handlers apart (coarse.ts merges what lies close).
 */
import { scaleLinear } from 'd3-scale'
import { area, curveStepAfter, stack } from 'd3-shape'
import type { Span, TimelineData } from './model.ts'
import { domainEnd } from './viewport.ts'

export const USES = ['int3', 'interrupt', 'patcher', 'caller'] as const
export type Use = (typeof USES)[number]

/** A part of the run: its first step, and the share of each use, 0 to 1. */
export type CostBin = { readonly from: number } & Readonly<Record<Use, number>>

export interface Cost {
  readonly steps: number
  readonly bins: readonly CostBin[]
}

export function costOf(data: TimelineData, most: number): Cost {
  const { steps, movers, lanes } = data
  const size = Math.max(1, Math.ceil(steps / most))
  const patchers = new Set(lanes.filter(({ role }) => role === 'patcher').map(({ cpu }) => cpu))
  const handlers = new Map(
    lanes.map(({ cpu }) => [cpu, { at: 0, spans: data.spans.filter((span) => span.cpu === cpu && handlerUse(span) !== null) }]),
  )
  const bins: CostBin[] = []
  for (let from = 0; from < steps; from += size) {
    const to = Math.min(steps, from + size)
    const counts: Record<Use, number> = { int3: 0, interrupt: 0, patcher: 0, caller: 0 }
    for (let step = from; step < to; step++) {
      const cpu = movers[step] as number
      const own = handlers.get(cpu) as NonNullable<ReturnType<typeof handlers.get>>
      while (own.at < own.spans.length && (own.spans[own.at] as Span).end <= step) own.at++
      const span = own.spans[own.at]
      const use = span !== undefined && span.start <= step ? handlerUse(span) : null
      counts[use ?? (patchers.has(cpu) ? 'patcher' : 'caller')]++
    }
    const share = (use: Use) => counts[use] / (to - from)
    bins.push({ from, int3: share('int3'), interrupt: share('interrupt'), patcher: share('patcher'), caller: share('caller') })
  }
  return { steps, bins }
}

/** Handlers of the outermost level; what interrupts them is theirs. */
function handlerUse({ kind, depth }: Span): 'int3' | 'interrupt' | null {
  if (depth !== 1) return null
  return kind === 'bp' ? 'int3' : kind === 'irq' || kind === 'nmi' ? 'interrupt' : null
}

/** What the update costs those who call meanwhile: these are drawn, from the bottom up. */
const DRAWN = ['int3', 'interrupt'] as const

export interface Tick {
  /** Pixels. */
  readonly at: number
  readonly text: string
}

export interface CostPicture {
  readonly areas: readonly { readonly use: Use; readonly path: string }[]
  /** Round steps, from the left; round shares, from the top. */
  readonly across: readonly Tick[]
  readonly up: readonly Tick[]
}

/** Room for "1,000,000" and some. */
const TICK_GAP = 110

/** In pixels; the steps lie as on a timeline that shows all of them in this width. The highest share reaches nearly to the top. */
export function costPicture({ steps, bins }: Cost, width: number, height: number): CostPicture {
  const x = scaleLinear([0, domainEnd(steps)], [0, width])
  const highest = Math.max(0.01, ...bins.map(({ int3, interrupt }) => int3 + interrupt))
  const y = scaleLinear([0, highest], [height, 0]).nice(2)
  const last = bins.at(-1)
  // A step-wise curve needs the end of its last bin.
  const corners = last === undefined ? [] : [...bins, { ...last, from: steps }]
  const draw = area<{ readonly 0: number; readonly 1: number; readonly data: CostBin }>()
    .x(({ data }) => x(data.from))
    .y0((part) => y(part[0]))
    .y1((part) => y(part[1]))
    .curve(curveStepAfter)
    .digits(1)
  const areas = stack<CostBin, Use>()
    .keys([...DRAWN])(corners)
    .map((series) => ({ use: series.key, path: draw(series) ?? '' }))
  const count = Math.max(1, width / TICK_GAP)
  const round = x.ticks(count).filter((step) => step <= steps && Number.isInteger(step))
  const [inSteps, inShares] = [x.tickFormat(count, ',d'), y.tickFormat(2, '%')]
  return {
    areas,
    across: round.map((step) => ({ at: x(step), text: inSteps(step) })),
    up: y.ticks(2).map((share) => ({ at: y(share), text: inShares(share) })),
  }
}
