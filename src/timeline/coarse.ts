/**
 * The picture of a run of millions of steps: who moved when, handlers, phases of the patch, broadcasts; no single instruction. It has a bound: when there are too
 * many spans, those of one CPU and kind that lie close together become one, and the longer the run the farther apart is close.
 */
import type { MachineEvent } from '../machine/events.ts'
import type { Mark, Phase, Shade, Span, SpanKind, TimelineData } from './model.ts'

const MOST = 40_000

interface Stretch {
  start: number
  end: number
}

interface Lane {
  readonly handlers: { readonly kind: 'bp' | 'irq' | 'nmi'; readonly start: number; readonly frame: bigint; readonly sp: bigint }[]
  readonly stretches: Record<'bp' | 'irq' | 'nmi', Stretch[]>
  halted: number | null
  readonly rests: Stretch[]
}

export class CoarsePicture {
  private readonly lanes: Lane[]
  private movers = new Uint8Array(1 << 16)
  private phases: Phase[] = []
  private marks: Mark[] = []
  private count = 0
  /** Steps that are close together. */
  private gap = 8
  private readonly roles: readonly string[]

  constructor(roles: readonly string[]) {
    this.roles = roles
    this.lanes = roles.map(() => ({ handlers: [], stretches: { bp: [], irq: [], nmi: [] }, halted: null, rests: [] }))
  }

  /** Steps `from` to `end` were this CPU's. */
  moved(cpu: number, from: number, end: number): void {
    if (end > this.movers.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.movers.length))
      larger.set(this.movers)
      this.movers = larger
    }
    this.movers.fill(cpu, from, end)
    const lane = this.lanes[cpu] as Lane
    if (lane.halted !== null && from > lane.halted) {
      lane.rests.push({ start: lane.halted, end: from })
      lane.halted = null
    }
  }

  /** From this step on the patch is in that phase; null: in none. */
  phase(step: number, label: string | null): void {
    const last = this.phases[this.phases.length - 1]
    if (last?.end === Number.POSITIVE_INFINITY) {
      if (last.label === label) return
      this.phases[this.phases.length - 1] = { ...last, end: step }
    }
    if (label !== null) this.phases.push({ start: step, end: Number.POSITIVE_INFINITY, label })
    if (this.phases.length > MOST) this.phases = thinned(this.phases)
  }

  event(event: MachineEvent, step: number): void {
    const lane = this.lanes[event.cpu] as Lane
    if (event.kind === 'deliver') {
      const kind = event.cause === 'int3' ? 'bp' : event.cause === 'nmi' ? 'nmi' : 'irq'
      lane.handlers.push({ kind, start: step, frame: event.frame, sp: event.interruptedSp })
    } else if (event.kind === 'iret') {
      const handler = lane.handlers[lane.handlers.length - 1]
      if (handler === undefined || (event.sp <= handler.frame && event.sp !== handler.sp)) return
      lane.handlers.pop()
      if (lane.handlers.length === 0) this.add(lane.stretches[handler.kind], handler.start, step + 1)
    } else if (event.kind === 'halt') lane.halted = step
    else if (event.kind === 'ipi-sent') {
      const last = this.marks[this.marks.length - 1]
      if (last?.step === step) return
      this.marks.push({ cpu: event.cpu, step, kind: 'ipi-sent', label: `IPI 0x${event.vector.toString(16)} to the others` })
      if (this.marks.length > MOST) this.marks = this.marks.filter((_, i) => i % 2 === 0)
    }
  }

  data(steps: number): TimelineData {
    const spans: Span[] = []
    const shades: Shade[] = []
    const span = (cpu: number, start: number, end: number, depth: number, kind: SpanKind, label: string) => {
      if (end > start) spans.push({ cpu, start, end, open: end === steps, depth, kind, label, meaning: null, stale: false })
    }
    for (const [cpu, lane] of this.lanes.entries()) {
      const rests = lane.halted === null ? lane.rests : [...lane.rests, { start: lane.halted, end: steps }]
      let at = 0
      for (const { start, end } of rests) {
        span(cpu, at, start, 0, 'code', this.roles[cpu] ?? '')
        span(cpu, start, end, 0, 'halted', 'halted')
        at = end
      }
      span(cpu, at, steps, 0, 'code', this.roles[cpu] ?? '')
      for (const { start, end } of lane.stretches.bp) span(cpu, start, end, 1, 'bp', '#BP')
      for (const { start, end } of lane.stretches.irq) span(cpu, start, end, 1, 'irq', 'IPI')
      for (const { start, end } of lane.stretches.nmi) span(cpu, start, end, 1, 'nmi', 'NMI')
    }
    spans.sort((a, b) => a.start - b.start || a.depth - b.depth)
    const phases = this.phases.map((phase) => (phase.end > steps ? { ...phase, end: steps } : phase)).filter(({ start, end }) => end > start)
    const lanes = this.roles.map((role, cpu) => ({ cpu, role }))
    return { steps, lanes, spans, shades, marks: this.marks.slice(), arrows: [], phases, violation: null, movers: this.movers.slice(0, steps) }
  }

  private add(list: Stretch[], start: number, end: number): void {
    const last = list[list.length - 1]
    if (last !== undefined && start - last.end <= this.gap) {
      last.end = end
      return
    }
    list.push({ start, end })
    if (++this.count <= MOST) return
    this.gap *= 4
    this.count = 0
    for (const { stretches } of this.lanes) {
      for (const kind of ['bp', 'irq', 'nmi'] as const) {
        const merged: Stretch[] = []
        for (const each of stretches[kind]) {
          const before = merged[merged.length - 1]
          if (before !== undefined && each.start - before.end <= this.gap) before.end = each.end
          else merged.push(each)
        }
        stretches[kind] = merged
        this.count += merged.length
      }
    }
  }
}

/** Neighbours that alternate quickly become one: too many to be told apart in any picture. */
function thinned(phases: readonly Phase[]): Phase[] {
  const fewer: Phase[] = []
  for (let i = 0; i < phases.length; i += 8) {
    const group = phases.slice(i, i + 8)
    const labels = [...new Set(group.map(({ label }) => label))]
    fewer.push({
      start: (group[0] as Phase).start,
      end: (group[group.length - 1] as Phase).end,
      label: labels.length === 1 ? (labels[0] as string) : 'patches',
    })
  }
  return fewer
}
