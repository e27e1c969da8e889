/**
 * What a real kernel was seen to do, as the same picture that a run of ours gives: lanes, handlers as spans, marks, arrows, patch phases. Where the events
 * come from (a recording in our format, the text of ftrace) is not known here; what such a source does not say is left out.
 *
 * `at` gives each event its place on the axis: its number, or the step of a run of ours that shows the same event, so that both stand one below the other.
 */
import type { Arrow, Mark, MarkKind, Phase, Shade, Span, SpanKind, TimelineData } from './model.ts'

export interface KernelEvent {
  readonly cpu: number
  readonly what:
    | 'begin'
    | 'write'
    | 'sync begin'
    | 'ipi sent'
    | 'ipi taken'
    | 'sync taken'
    | 'ipi done'
    | 'sync done'
    | 'int3'
    | 'int3 return'
    | 'end'
  /** What the mark says. */
  readonly label: string
  /** For a write: the phase that it belongs to; for a sync: its number. null where the source does not tell. */
  readonly phase: string | null
  /** For `ipi sent`: its targets as bits; null where the source does not tell. */
  readonly mask: number | null
  /** For `int3 return`: the handler did what the new instruction does; false: it was not of this batch; null: not told. */
  readonly emulated: boolean | null
}

export interface KernelTrace {
  readonly cpus: number
  readonly patcher: number
  readonly events: readonly KernelEvent[]
}

/** What a lane's bottom row says. */
const PATCHES = 'text_poke_bp_batch'
const RUNS = 'runs'

interface Handler {
  readonly kind: SpanKind
  readonly start: number
  readonly label: string
}

export function kernelTimeline(
  trace: KernelTrace,
  at: readonly number[] = trace.events.map((_, i) => i),
  steps = (at[at.length - 1] ?? 0) + 1,
): TimelineData {
  const picture = new Picture(trace, steps)
  for (const [i, event] of trace.events.entries()) picture.tell(event, at[i] as number)
  return { ...picture.end(), phases: phasesOf(trace, at) }
}

class Picture {
  private readonly trace: KernelTrace
  private readonly steps: number
  private readonly spans: Span[] = []
  private readonly shades: Shade[] = []
  private readonly marks: Mark[] = []
  private readonly arrows: Arrow[] = []
  private readonly movers: Uint8Array
  /** By CPU, outermost first. */
  private readonly handlers: Handler[][]
  /** By CPU: the arrow that is on its way to it, and when it ran the sync's function. */
  private readonly pending: (number | undefined)[] = []
  private readonly ran: (number | undefined)[] = []
  /** Where the patcher's present span began, and since when it waits. */
  private working = 0
  private waiting: number | null = null
  /** Does the source tell when handlers end? */
  private readonly tells: { readonly int3: boolean; readonly ipi: boolean }

  constructor(trace: KernelTrace, steps: number) {
    this.trace = trace
    this.steps = steps
    this.movers = new Uint8Array(steps)
    this.handlers = Array.from({ length: trace.cpus }, () => [])
    this.tells = { int3: trace.events.some(({ what }) => what === 'int3 return'), ipi: trace.events.some(({ what }) => what === 'ipi done') }
  }

  tell(event: KernelEvent, x: number): void {
    const { cpu, what, label } = event
    this.movers[Math.min(x, this.steps - 1)] = cpu
    switch (what) {
      case 'begin':
        this.working = x
        break
      case 'write':
        this.mark(cpu, x, 'visible', label)
        break
      case 'ipi sent':
        this.sent(event, x)
        break
      case 'ipi taken':
        this.taken(cpu, x, label)
        break
      case 'sync taken':
        this.mark(cpu, x, 'sync', label)
        if (cpu === this.trace.patcher) this.waiting = x + 1
        else {
          this.ran[cpu] = x
          // Where nothing more is told of the interrupt, it is over with this.
          if (!this.tells.ipi) this.leave(cpu, 'irq', x + 1)
        }
        break
      case 'ipi done':
        this.leave(cpu, 'irq', x + 1)
        break
      case 'sync done':
        this.synced(cpu, x)
        break
      case 'int3':
        this.mark(cpu, x, 'int3', label)
        this.handlers[cpu]?.push({ kind: 'bp', start: x, label: '#BP' })
        if (!this.tells.int3) this.leave(cpu, 'bp', x + 1)
        break
      case 'int3 return': {
        const depth = 2 * (this.handlers[cpu]?.findLastIndex(({ kind }) => kind === 'bp') ?? -1) + 2
        const started = this.leave(cpu, 'bp', x + 1)
        if (started !== null) this.span(cpu, started, x + 1, depth, 'code', label, event.emulated === true ? 'new' : null)
        break
      }
      case 'end':
        this.span(cpu, this.working, x + 1, 0, 'code', PATCHES)
        this.working = this.steps
        break
    }
  }

  end(): Omit<TimelineData, 'phases'> {
    const { trace, steps, spans, shades, marks, arrows, movers } = this
    for (let cpu = 0; cpu < trace.cpus; cpu++) {
      const outermost = this.handlers[cpu]?.[0]
      if (outermost !== undefined) this.leave(cpu, outermost.kind, steps)
      this.span(cpu, cpu === trace.patcher ? this.working : 0, steps, 0, 'code', cpu === trace.patcher ? PATCHES : RUNS)
    }
    const lanes = Array.from({ length: trace.cpus }, (_, cpu) => ({ cpu, role: cpu === trace.patcher ? 'patcher' : 'Linux' }))
    spans.sort((a, b) => a.start - b.start || a.depth - b.depth)
    shades.sort((a, b) => a.start - b.start)
    return { steps, lanes, spans, shades, marks, arrows, violation: null, movers }
  }

  private sent({ cpu, label, mask }: KernelEvent, x: number): void {
    this.mark(cpu, x, 'ipi-sent', label)
    for (let target = 0; target < this.trace.cpus; target++) {
      if (target === cpu || mask === null || (mask & (1 << target)) === 0) continue
      this.pending[target] = this.arrows.length
      this.arrows.push({ kind: 'ipi', fromCpu: cpu, fromStep: x, toCpu: target, toStep: null, label })
    }
  }

  private taken(cpu: number, x: number, label: string): void {
    this.mark(cpu, x, 'ipi-taken', label)
    this.handlers[cpu]?.push({ kind: 'irq', start: x, label: 'IPI' })
    const sent = this.pending[cpu]
    if (sent !== undefined) this.arrows[sent] = { ...(this.arrows[sent] as Arrow), toStep: x }
    this.pending[cpu] = undefined
  }

  private synced(cpu: number, x: number): void {
    for (let other = 0; other < this.trace.cpus; other++) {
      const from = this.ran[other]
      if (from !== undefined && other !== cpu) {
        this.mark(cpu, x, 'ack', `CPU ${other} has run sync_core`)
        this.arrows.push({ kind: 'ack', fromCpu: other, fromStep: from, toCpu: cpu, toStep: x, label: 'has run sync_core' })
      }
      this.ran[other] = undefined
    }
    if (this.waiting === null) return
    this.span(cpu, this.working, this.waiting, 0, 'code', PATCHES)
    this.span(cpu, this.waiting, x, 0, 'wait', 'waits for acknowledgements')
    this.working = Math.max(x, this.waiting)
    this.waiting = null
  }

  /** Ends the innermost handler of this kind, and those that were left inside of it; says when it had begun, or null where there is none. */
  private leave(cpu: number, kind: SpanKind, end: number): number | null {
    const stack = this.handlers[cpu] as Handler[]
    const index = stack.findLastIndex((each) => each.kind === kind)
    if (index < 0) return null
    const left = stack.splice(index)
    for (const [i, each] of left.entries()) this.span(cpu, each.start, end, 2 * (index + i) + 1, each.kind, each.label)
    const { start } = left[0] as Handler
    if (index === 0) this.shades.push({ cpu, start, end, kind: 'if0' })
    return start
  }

  private span(cpu: number, start: number, end: number, depth: number, kind: SpanKind, label: string, meaning: Span['meaning'] = null): void {
    if (end > start) this.spans.push({ cpu, start, end, open: false, depth, kind, label, meaning, stale: false })
  }

  private mark(cpu: number, step: number, kind: MarkKind, label: string): void {
    this.marks.push({ cpu, step, kind, label })
  }
}

/** A write is noted when it is over, so its phase begins where the patcher's event before it ended. */
function phasesOf({ events, patcher }: KernelTrace, at: readonly number[]): Phase[] {
  const phases: Phase[] = []
  let since = 0
  let sync: string | null = null
  const add = (end: number, label: string | null) => {
    const last = phases[phases.length - 1]
    if (label === null || end <= since) return
    if (last?.label === label && last.end === since) phases[phases.length - 1] = { ...last, end }
    else phases.push({ start: since, end, label })
    since = end
  }
  for (const [i, { cpu, what, phase }] of events.entries()) {
    if (cpu !== patcher) continue
    const x = at[i] as number
    if (what === 'begin') since = x
    else if (what === 'write') add(x + 1, phase)
    else if (what === 'sync begin') {
      since = x
      sync = phase
    } else if (what === 'sync done') {
      add(x + 1, sync)
      sync = null
    } else if (what === 'end') add(x + 1, 'reference wait')
  }
  return phases
}
