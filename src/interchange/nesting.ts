/** Spans of one lane as other viewers want them: properly nested, outer before inner. */
import type { Span, TimelineData } from '../timeline/model.ts'

export interface NestedLane {
  readonly cpu: number
  readonly role: string
  /** In order of their start, the outer one first; each lies within the one that it is nested in. */
  readonly nested: readonly Span[]
  /** Spans that partly overlap an outer one (a handler that was left without IRET, say): no viewer draws them on the same lane. */
  readonly loose: readonly Span[]
}

export function nestedLanes({ lanes, spans }: TimelineData): NestedLane[] {
  return lanes.map(({ cpu, role }) => {
    const own = spans.filter((span) => span.cpu === cpu && span.end > span.start)
    own.sort((a, b) => a.start - b.start || b.end - a.end || a.depth - b.depth)
    const nested: Span[] = []
    const loose: Span[] = []
    const open: Span[] = []
    for (const span of own) {
      while (open.length > 0 && (open[open.length - 1] as Span).end <= span.start) open.pop()
      const outer = open[open.length - 1]
      if (outer !== undefined && span.end > outer.end) {
        loose.push(span)
        continue
      }
      open.push(span)
      nested.push(span)
    }
    return { cpu, role, nested, loose }
  })
}
