/**
 * A run as ftrace text, as `trace-cmd report` and /sys/kernel/tracing/trace print it. One step is one microsecond. What a CPU is in comes as
 * `tracing_mark_write: B|pid|name` and `E|pid`, which trace viewers draw as slices; what happens as events of our own. Fields: docs/trace-formats.md.
 */
import type { Mark, Shade, Span, TimelineData } from '../timeline/model.ts'
import { nestedLanes } from './nesting.ts'

const FIRST_PID = 100

interface Line {
  readonly step: number
  /** Order within a step: ends, then begins, then what happens. */
  readonly rank: 0 | 1 | 2
  readonly cpu: number
  readonly event: string
}

const ENDS = 0
const BEGINS = 1
const HAPPENS = 2

export function toFtrace(data: TimelineData): string {
  const lines = nestedLanes(data).flatMap(({ cpu, nested }) => slices(cpu, nested))
  for (const mark of data.marks) lines.push({ step: mark.step, rank: HAPPENS, cpu: mark.cpu, event: markEvent(mark) })
  for (const { start, label } of data.phases) {
    lines.push({ step: start, rank: BEGINS, cpu: data.lanes[0]?.cpu ?? 0, event: `patch_phase: ${oneLine(label)}` })
  }
  const { violation } = data
  if (violation !== null) lines.push({ step: violation.step, rank: HAPPENS, cpu: violation.cpu, event: `violation: ${oneLine(violation.property)}` })
  // Sorting is stable: ends and begins of one CPU keep their order, inner ends first, outer begins first.
  lines.sort((a, b) => a.step - b.step || a.rank - b.rank)
  const context = new Context(data)
  return header(lines.length, data.lanes.length) + lines.map((line) => context.format(line)).join('')
}

/** Begins in order; ends inner before outer. */
function slices(cpu: number, nested: readonly Span[]): Line[] {
  const pid = FIRST_PID + cpu
  const open: Span[] = []
  const lines: Line[] = []
  const closeUntil = (step: number) => {
    while (open.length > 0 && (open[open.length - 1] as Span).end <= step) {
      lines.push({ step: (open.pop() as Span).end, rank: ENDS, cpu, event: `tracing_mark_write: E|${pid}` })
    }
  }
  for (const span of nested) {
    closeUntil(span.start)
    open.push(span)
    const stale = span.stale ? ' (stale bytes)' : ''
    lines.push({ step: span.start, rank: BEGINS, cpu, event: `tracing_mark_write: B|${pid}|${oneLine(span.label)}${stale}` })
  }
  closeUntil(Number.POSITIVE_INFINITY)
  return lines
}

const MARK_EVENTS: Readonly<Record<Mark['kind'], string>> = {
  int3: 'int3',
  exception: 'exception',
  store: 'store_issued',
  visible: 'store_visible',
  fetch: 'fetch',
  stale: 'stale_fetch',
  torn: 'torn_instruction',
  sync: 'serialize',
  'ipi-sent': 'ipi_send',
  'ipi-taken': 'ipi_entry',
  ack: 'ipi_ack',
  stop: 'cpu_stop',
  halt: 'cpu_halt',
  violation: 'violation',
}

function markEvent({ kind, label }: Mark): string {
  return `${MARK_EVENTS[kind]}: ${oneLine(label)}`
}

/** A line of the trace is a line, whatever a scenario calls its things. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}

/** Knows, going through the steps in order, what the columns before an event say. */
class Context {
  private readonly tasks: ReadonlyMap<number, string>
  private readonly masked: ReadonlyMap<number, Sweep<Shade>>
  private readonly handlers: ReadonlyMap<number, Sweep<Span>>

  constructor({ lanes, shades, spans }: TimelineData) {
    this.tasks = new Map(lanes.map(({ cpu, role }) => [cpu, `${role.replace(/\s+/g, '-')}-${FIRST_PID + cpu}`]))
    const of = <T extends { cpu: number; start: number; end: number }>(items: readonly T[]) =>
      new Map(lanes.map(({ cpu }) => [cpu, new Sweep(items.filter((item) => item.cpu === cpu))]))
    this.masked = of(shades.filter(({ kind }) => kind === 'if0'))
    this.handlers = of(spans.filter(({ kind }) => kind === 'irq' || kind === 'nmi'))
  }

  /** `     patcher-100   [000] d.h.     0.000012: int3: …` */
  format({ step, cpu, event }: Line): string {
    const task = (this.tasks.get(cpu) ?? `cpu-${FIRST_PID + cpu}`).padStart(16)
    const masked = this.masked.get(cpu)?.at(step).length ? 'd' : '.'
    const handlers = this.handlers.get(cpu)?.at(step) ?? []
    const where = handlers.some(({ kind }) => kind === 'nmi') ? 'Z' : handlers.length > 0 ? 'h' : '.'
    const seconds = `${Math.floor(step / 1_000_000)}.${String(step % 1_000_000).padStart(6, '0')}`
    return `${task}  [${String(cpu).padStart(3, '0')}] ${masked}.${where}. ${seconds.padStart(12)}: ${event}\n`
  }
}

/** Which stretches hold a moment, for moments in ascending order. */
class Sweep<T extends { readonly start: number; readonly end: number }> {
  private readonly items: readonly T[]
  private next = 0
  private active: T[] = []

  constructor(items: readonly T[]) {
    this.items = [...items].sort((a, b) => a.start - b.start)
  }

  at(step: number): readonly T[] {
    for (; this.next < this.items.length && (this.items[this.next] as T).start <= step; this.next++) this.active.push(this.items[this.next] as T)
    if (this.active.some(({ end }) => end <= step)) this.active = this.active.filter(({ end }) => end > step)
    return this.active
  }
}

function header(entries: number, cpus: number): string {
  return `# tracer: nop
#
# entries-in-buffer/entries-written: ${entries}/${entries}   #P:${cpus}
#
#                         _-----=> irqs-off
#                        / _----=> need-resched
#                       | / _---=> hardirq/softirq
#                       || / _--=> preempt-depth
#                       ||| /     delay
#       TASK-PID  CPU#  ||||    TIMESTAMP  FUNCTION
#          | |      |   ||||        |         |
`
}
