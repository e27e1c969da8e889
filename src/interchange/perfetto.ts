/**
 * A run as Chrome trace JSON, which Perfetto, chrome://tracing and speedscope read. One step is one microsecond; the machine is the process, a CPU a thread.
 * Fields: docs/trace-formats.md.
 */
import type { Arrow, Mark, TimelineData } from '../timeline/model.ts'
import { nestedLanes } from './nesting.ts'

const PID = 1
/** Thread that the phases of the patch are drawn on: behind all CPUs. */
const PHASES = 1000

type TraceEvent = Readonly<Record<string, unknown>>

export interface RunLabel {
  /** "text-poke, sync1 off". */
  readonly title: string
  /** Share link of the run, without "#". */
  readonly link: string
}

export function toPerfetto(data: TimelineData, { title, link }: RunLabel): string {
  const events: TraceEvent[] = [
    ...metadata(data, title),
    ...spanEvents(data),
    ...data.shades.flatMap(({ cpu, start, end, kind }, i) =>
      end <= start ? [] : asynchronous(`shade-${i}`, cpu, SHADE_NAMES[kind], 'masked', start, end),
    ),
    ...data.phases.map(({ start, end, label }) => ({ name: label, cat: 'phase', ph: 'X', ts: start, dur: end - start, pid: PID, tid: PHASES })),
    ...data.marks.map(instant),
    ...data.arrows.flatMap((arrow, i) => arrowEvents(arrow, i, data.steps)),
  ]
  const { violation } = data
  if (violation !== null)
    events.push({
      name: `violated: ${violation.property}`,
      cat: 'violation',
      ph: 'i',
      s: 'g',
      ts: middle(violation.step),
      pid: PID,
      tid: violation.cpu,
    })
  // One event a line: such files are read by people, too, and by line-wise tools.
  const lines = events.map((event) => JSON.stringify(event)).join(',\n')
  return `{"displayTimeUnit":"ns","otherData":${JSON.stringify({ generator: 'Pokescope', scenario: title, link })},"traceEvents":[\n${lines}\n]}\n`
}

const SHADE_NAMES = { if0: 'IF=0', 'nmi-blocked': 'NMI blocked', shadow: 'interrupt shadow' } as const

function metadata({ lanes, phases }: TimelineData, title: string): TraceEvent[] {
  const about = (name: string, tid: number, args: object) => ({ name, ph: 'M', pid: PID, tid, args })
  const events = [about('process_name', 0, { name: title })]
  for (const [i, { cpu, role }] of lanes.entries()) {
    events.push(about('thread_name', cpu, { name: `CPU ${cpu} (${role})` }), about('thread_sort_index', cpu, { sort_index: i }))
  }
  if (phases.length > 0) events.push(about('thread_name', PHASES, { name: 'patch phases' }), about('thread_sort_index', PHASES, { sort_index: -1 }))
  return events
}

function spanEvents(data: TimelineData): TraceEvent[] {
  return nestedLanes(data).flatMap(({ cpu, nested, loose }) => [
    ...nested.map(({ start, end, open, kind, label, meaning, stale }) => ({
      name: label,
      cat: kind,
      ph: 'X',
      ts: start,
      dur: end - start,
      pid: PID,
      tid: cpu,
      args: { ...(meaning === null ? {} : { executes: meaning }), ...(stale ? { stale } : {}), ...(open ? { open } : {}) },
    })),
    ...loose.flatMap(({ start, end, kind, label }, i) => asynchronous(`loose-${cpu}-${i}`, cpu, label, kind, start, end)),
  ])
}

/** A stretch of its own, which need not nest with the spans of its thread. */
function asynchronous(id: string, tid: number, name: string, cat: string, start: number, end: number): TraceEvent[] {
  const common = { name, cat, id, pid: PID, tid }
  return [
    { ...common, ph: 'b', ts: start },
    { ...common, ph: 'e', ts: end },
  ]
}

/** What happens within a step is drawn in its middle, so that it lies within the span of that step. */
function middle(step: number): number {
  return step + 0.5
}

function instant({ cpu, step, kind, label }: Mark): TraceEvent {
  return { name: label, cat: kind, ph: 'i', s: 't', ts: middle(step), pid: PID, tid: cpu }
}

/** A flow from step to step; an IPI is a stretch on its target as well, from being sent to being taken. */
function arrowEvents({ kind, fromCpu, fromStep, toCpu, toStep, label }: Arrow, index: number, steps: number): TraceEvent[] {
  const events =
    kind === 'ipi'
      ? asynchronous(`ipi-${index}`, toCpu, `pending: ${label}`, 'pending', middle(fromStep), toStep === null ? steps : middle(toStep))
      : []
  if (toStep === null) return events
  const common = { name: label, cat: kind, id: index, pid: PID }
  return [...events, { ...common, ph: 's', ts: middle(fromStep), tid: fromCpu }, { ...common, ph: 'f', bp: 'e', ts: middle(toStep), tid: toCpu }]
}
