/** The picture's items as they come about: spans, shades, marks, arrows, phases, all through one journal. */
import { Journal, type Watch } from './journal.ts'
import type { Arrow, Mark, MarkKind, Phase, Shade, Span, SpanKind } from './model.ts'

/** `end` of what has not ended; `upTo` puts the trace's end there. */
const OPEN = Number.POSITIVE_INFINITY

export class Items {
  readonly journal = new Journal()
  readonly spans: Span[] = []
  /** Spans that ended in the step in which they began. */
  private readonly nothing: number[] = []
  readonly shades: Shade[] = []
  readonly marks: Mark[] = []
  readonly arrows: Arrow[] = []
  readonly phases: Phase[] = []

  /** For who sends changes. */
  readonly watches: Readonly<Record<'spans' | 'shades' | 'marks' | 'arrows' | 'phases', Watch>>

  constructor() {
    const { journal } = this
    this.watches = {
      spans: journal.watch(this.spans),
      shades: journal.watch(this.shades),
      marks: journal.watch(this.marks),
      arrows: journal.watch(this.arrows),
      phases: journal.watch(this.phases),
    }
  }

  get step(): number {
    return this.journal.step
  }

  span(cpu: number, depth: number, kind: SpanKind, label: string, meaning: Span['meaning'], stale = false): number {
    return this.journal.push(this.spans, { cpu, start: this.step, end: OPEN, open: true, depth, kind, label, meaning, stale })
  }

  endSpan(index: number, end: number): void {
    const span = this.spans[index] as Span
    if (end <= span.start) this.journal.push(this.nothing, index)
    this.journal.set(this.spans, index, { ...span, end, open: false })
  }

  /** What began in this very step was something else after all. */
  replaceSpan(index: number, kind: SpanKind, label: string, meaning: Span['meaning'], stale: boolean): void {
    this.journal.set(this.spans, index, { ...(this.spans[index] as Span), kind, label, meaning, stale })
  }

  shade(cpu: number, kind: Shade['kind'], start = this.step): number {
    // What holds from the start was so before the first step (-1).
    return this.journal.push(this.shades, { cpu, start: Math.max(0, start), end: OPEN, kind })
  }

  endShade(index: number, end: number): void {
    this.journal.set(this.shades, index, { ...(this.shades[index] as Shade), end })
  }

  mark(cpu: number, kind: MarkKind, label: string, place = -1, bytes = ''): void {
    this.journal.push(this.marks, { cpu, step: this.step, kind, label, place, bytes })
  }

  arrow(arrow: Arrow): number {
    return this.journal.push(this.arrows, arrow)
  }

  /** The present phase is this one: it goes on, or another ends and this begins. */
  phase(label: string): void {
    const present = this.phases[this.phases.length - 1]
    if (present?.end === OPEN && present.label === label) return
    this.endPhase()
    this.journal.push(this.phases, { start: this.step, end: OPEN, label })
  }

  endPhase(): void {
    const index = this.phases.length - 1
    const present = this.phases[index]
    if (present?.end === OPEN) this.journal.set(this.phases, index, { ...present, end: this.step })
  }

  /** The items with what is open (as the CPUs' states say) ending at `steps`; what was nothing is left out. */
  upTo(steps: number, openSpans: Iterable<number>, openShades: Iterable<number>) {
    const spans = this.spans.slice()
    for (const index of openSpans) spans[index] = { ...(spans[index] as Span), end: steps }
    const shades = this.shades.slice()
    for (const index of openShades) shades[index] = { ...(shades[index] as Shade), end: steps }
    return {
      spans: this.nothing.length === 0 ? spans : spans.filter((span) => span.end > span.start),
      shades,
      arrows: this.arrows.slice(),
      phases: this.phases.filter((phase) => phase.end > phase.start).map((phase) => (phase.end === OPEN ? { ...phase, end: steps } : phase)),
    }
  }
}
