/** What is in the picture, in sentences: for the line under the pointer. */
import type { Hit } from './hit.ts'
import type { LaneIndex, TimelineIndex } from './index.ts'
import { markLook, SPAN_LOOKS, spanRank } from './looks.ts'
import type { Arrow, Mark, Span } from './model.ts'
import { firstMark } from './selection.ts'

export function describeHit(index: TimelineIndex, { target }: Hit): string | null {
  if (target === null) return null
  const { data } = index
  switch (target.kind) {
    case 'mark': {
      const { mark } = target
      if (mark.count === 1) return describeMark(data.marks[mark.item] as Mark)
      const cpu = (data.marks[mark.item] as Mark).cpu
      const here = data.marks.slice(firstMark(data.marks, mark.from), firstMark(data.marks, mark.to)).filter((each) => each.cpu === cpu)
      return `CPU ${cpu}, ${stepsText(mark.from, mark.to)}: ${tally(here)}`
    }
    case 'arrow':
      return describeArrow(data.arrows[target.arrow.item] as Arrow)
    case 'span': {
      const { span } = target
      const first = data.spans[span.item] as Span
      const lane = index.lanes[span.lane] as LaneIndex
      if (span.count === 1) return describeSpan(first, lane.role === 'patcher')
      return `CPU ${first.cpu}, from step ${first.start + 1}: ${span.count} short spans, among them ${SPAN_LOOKS[span.rank]?.title}: ${first.label}`
    }
  }
}

export function describeSpan(span: Span, patcher: boolean): string {
  const look = SPAN_LOOKS[spanRank(span, patcher)] as (typeof SPAN_LOOKS)[number]
  const plain = look.name === 'code' || look.name === 'kernel' || look.name === 'wait' || look.name === 'halted' || look.name === 'stopped'
  const stale = span.stale ? ', from stale bytes' : ''
  return `CPU ${span.cpu}, ${stepsText(span.start, span.end)}${span.open ? ' and on' : ''}: ${span.label}${plain ? '' : `, ${look.title}`}${stale}`
}

export function describeMark({ cpu, step, kind, label }: Mark): string {
  return `CPU ${cpu}, step ${step + 1}: ${markLook(kind).title}: ${label}`
}

export function describeArrow({ kind, fromCpu, fromStep, toCpu, toStep, label }: Arrow): string {
  const from = `step ${fromStep + 1}`
  switch (kind) {
    case 'ipi':
      return `${label} from CPU ${fromCpu} (${from}) to CPU ${toCpu}: ${toStep === null ? 'not yet taken' : `taken at step ${toStep + 1}`}`
    case 'ack':
      return `CPU ${fromCpu} acknowledged (${from}); CPU ${toCpu} saw it at step ${(toStep ?? 0) + 1}`
    case 'missed-store':
      return `CPU ${toCpu} at step ${(toStep ?? 0) + 1} ${label}, a store of CPU ${fromCpu} visible since ${from}`
    case 'visible':
      return `A store of CPU ${fromCpu} ${label} from ${from} to step ${(toStep ?? 0) + 1}`
  }
}

function stepsText(from: number, to: number): string {
  return to - from <= 1 ? `step ${from + 1}` : `steps ${from + 1} to ${to}`
}

/** "3 × int3…": at most four kinds, the rarest first. */
function tally(marks: readonly Mark[]): string {
  const counts = new Map<string, number>()
  for (const { kind } of marks) counts.set(markLook(kind).title, (counts.get(markLook(kind).title) ?? 0) + 1)
  const parts = [...counts].sort((a, b) => a[1] - b[1]).map(([title, count]) => (count === 1 ? title : `${count} × ${title}`))
  return parts.length > 4 ? `${parts.slice(0, 4).join(', ')}, …` : parts.join(', ')
}
