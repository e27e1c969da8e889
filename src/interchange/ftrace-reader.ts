/**
 * Reads the text of `trace-cmd report` and of ftrace's own `trace` file, as far as it tells of live text patching (docs/trace-formats.md): function and kprobe
 * events of the patching functions, and the IPI trace points. Lines come one at a time, so that a file of any length can be read; only what belongs to a
 * batch of patching is kept. What is not understood is counted, and the first few are shown.
 */
import type { KernelEvent, KernelTrace } from '../timeline/kernel.ts'

export interface ReadTrace {
  /** One for each batch of patching. Where no line tells of one but interrupts do, all is one batch. */
  readonly batches: readonly (KernelTrace & { readonly seconds: readonly number[] })[]
  readonly lines: number
  /** Lines of events that are read; lines that are events of other kinds, by name. */
  readonly used: number
  readonly others: ReadonlyMap<string, number>
  /** Lines that are no event at all. */
  readonly bad: { readonly count: number; readonly first: readonly { readonly line: number; readonly text: string; readonly why: string }[] }
  /** What limits the picture: events that the kernel lost, kinds that were not traced. */
  readonly remarks: readonly string[]
}

/** Events kept in all; more than any picture shows. */
const MOST_EVENTS = 200_000
const MOST_CPUS = 8
const BAD_SHOWN = 5
const NAMES_SHOWN = 1000

interface Timed extends KernelEvent {
  readonly seconds: number
}

type What = KernelEvent['what']

const BEGINS = ['text_poke_bp_batch', 'smp_text_poke_batch_finish', 'text_poke_bp', 'smp_text_poke_single']
const SYNCS = ['text_poke_sync', 'smp_text_poke_sync_each_cpu']
const INT3S = ['poke_int3_handler', 'smp_text_poke_int3_handler', 'exc_int3', 'do_int3', 'asm_exc_int3']
const FUNCTIONS: ReadonlyMap<string, What> = new Map<string, What>([
  ...BEGINS.map((name) => [name, 'begin'] as const),
  ...SYNCS.map((name) => [name, 'sync begin'] as const),
  ...INT3S.map((name) => [name, 'int3'] as const),
  ['__text_poke', 'write'],
  ['do_sync_core', 'sync taken'],
])
/** The same names in a return probe. */
const RETURNS: ReadonlyMap<string, What> = new Map<string, What>([
  ...BEGINS.map((name) => [name, 'end'] as const),
  ...SYNCS.map((name) => [name, 'sync done'] as const),
  ...INT3S.map((name) => [name, 'int3 return'] as const),
  ['__text_poke', 'write'],
])
const TAKEN = ['call_function_entry', 'call_function_single_entry']
const DONE = ['call_function_exit', 'call_function_single_exit']
/** One hardware vector, many callbacks: not every such interrupt is a sync. */
const STAGES = ['int3', 'tail', 'first byte']

/** "task-pid [cpu] flags seconds: event: rest"; the flags are left out by some versions of trace-cmd. */
const LINE = /^\s*(.*)-(\d+)\s+(?:\([^)]*\)\s+)?\[(\d+)\]\s+(?:([^\s:]{4,6})\s+)?(\d+\.\d+):\s+([^\s:]+):?\s*(.*)$/
const FUNCTION_ONLY = /^([\w.]+)(?:\s+\[[^\]]*\])?\s+<-+\s*([\w.]+)/
const PROBE = /^\(([\w.]+)(?:\+0x[0-9a-f]+(?:\/0x[0-9a-f]+)?)?(?:\s+<-\s+([\w.]+)(?:\+0x[0-9a-f]+(?:\/0x[0-9a-f]+)?)?)?\)\s*(.*)$/

export class FtraceReader {
  private readonly events: Timed[] = []
  private readonly others = new Map<string, number>()
  private readonly first: { line: number; text: string; why: string }[] = []
  private bad = 0
  private lines = 0
  private used = 0
  private lost = 0
  private dropped = 0

  line(text: string): void {
    this.lines++
    const trimmed = text.trim()
    if (trimmed === '' || trimmed.startsWith('#') || /^(cpus=\d+|version = \d+|CPU \d+ is empty)$/.test(trimmed)) return
    if (/^CPU:\d+ \[(LOST|EVENTS DROPPED)/.test(trimmed)) {
      this.lost++
      return
    }
    if (/^#*\s*CPU \d+ buffer started/.test(trimmed)) return
    const parts = LINE.exec(text)
    if (parts === null) {
      this.refuse(text, whyNot(text))
      return
    }
    const [, , , cpuText = '', , secondsText = '', name = '', rest = ''] = parts
    const cpu = Number(cpuText)
    const event = eventOf(name, rest)
    if (event === null) {
      const kind = FUNCTION_ONLY.test(`${name} ${rest}`) ? 'function' : name
      if (this.others.has(kind) || this.others.size < NAMES_SHOWN) this.others.set(kind, (this.others.get(kind) ?? 0) + 1)
    } else if (cpu >= MOST_CPUS) this.refuse(text, `CPU ${cpu}: only CPUs 0 to ${MOST_CPUS - 1} can be shown`)
    else if (typeof event === 'string') this.refuse(text, event)
    else {
      this.used++
      if (this.events.length < MOST_EVENTS) this.events.push({ ...event, cpu, seconds: Number(secondsText) })
      else this.dropped++
    }
  }

  end(): ReadTrace {
    const remarks: string[] = []
    if (this.lost > 0) remarks.push(`the kernel lost events in ${this.lost} places: the picture has holes there`)
    if (this.dropped > 0) remarks.push(`${this.dropped} events beyond the first ${MOST_EVENTS} are left out`)
    const batches = batchesOf(this.events)
    if (batches.length > 0) {
      const has = (what: What) => this.events.some((event) => event.what === what)
      if (!has('write')) remarks.push('no __text_poke was traced: writes are not shown')
      if (!has('int3')) remarks.push('no int3 handler was traced (it is not traceable by itself): traps are not shown')
      if (!has('ipi taken')) remarks.push('no irq_vectors:call_function_entry was traced: interrupts are shown where do_sync_core was')
    }
    const { lines, used, others, bad, first } = this
    return { batches, lines, used, others, bad: { count: bad, first }, remarks }
  }

  private refuse(text: string, why: string): void {
    this.bad++
    if (this.first.length < BAD_SHOWN) this.first.push({ line: this.lines, text: text.length > 120 ? `${text.slice(0, 117)}…` : text, why })
  }
}

export function readFtrace(lines: Iterable<string>): ReadTrace {
  const reader = new FtraceReader()
  for (const line of lines) reader.line(line)
  return reader.end()
}

/** The first lines of a file tell whether it is such a text. */
export function looksLikeFtrace(text: string): boolean {
  return text.split('\n', 40).some((line) => LINE.test(line) || /^# tracer: /.test(line))
}

function whyNot(text: string): string {
  if (/^\s*\d+\)\s/.test(text)) return 'function_graph output has no CPU and time in each line; record events or function instead'
  if (!/\[\d+\]/.test(text)) return 'there is no CPU in brackets'
  if (!/\d+\.\d+:/.test(text)) return 'there is no time'
  return 'the event is cut off'
}

/** null: an event of another kind. A text: why this one cannot be read. */
function eventOf(name: string, rest: string): Omit<Timed, 'cpu' | 'seconds'> | string | null {
  const plain = { phase: null, mask: null, emulated: null }
  if (TAKEN.includes(name)) return { ...plain, what: 'ipi taken', label: name.replace(/_entry$/, ' interrupt').replaceAll('_', ' ') }
  if (DONE.includes(name)) return { ...plain, what: 'ipi done', label: 'interrupt over' }
  if (name === 'ipi_send_cpumask' || name === 'ipi_send_cpu' || name === 'ipi_raise') return sent(name, rest)
  // trace-cmd writes "function: f <-- g", ftrace itself "f <-g".
  const plainFunction = FUNCTION_ONLY.exec(name === 'function' ? rest : `${name} ${rest}`)
  if (plainFunction !== null) {
    const what = FUNCTIONS.get(plainFunction[1] as string)
    return what === undefined ? null : { ...plain, what, label: plainFunction[1] as string }
  }
  const probe = PROBE.exec(rest)
  if (probe === null) return null
  const [, place = '', from, args = ''] = probe
  const returned = from !== undefined
  const what = (returned ? RETURNS : FUNCTIONS).get(returned ? from : place)
  if (what === undefined) return null
  const emulated = what === 'int3 return' ? /\b(?:ret|arg1|\$retval)=(?:0x)?0*1\b/.test(args) : null
  return { ...plain, what, label: `${returned ? from : place}${args === '' ? '' : ` ${args}`}`, emulated }
}

function sent(name: string, rest: string): Omit<Timed, 'cpu' | 'seconds'> | string | null {
  const field = /\b(?:cpumask|target_mask|cpu)=([0-9a-fx,-]+)/.exec(rest)
  if (field === null) return `${name} without its targets`
  const mask = name === 'ipi_send_cpu' ? 1 << Number(field[1]) : maskOf(field[1] as string)
  if (mask === null) return `${name}: "${field[1]}" is no set of CPUs`
  const callback = /\bcallback=([\w.]+)/.exec(rest)?.[1]
  // Other work for other CPUs (TLB flushes, wake-ups).
  if (
    callback !== undefined &&
    callback !== 'do_sync_core' &&
    !callback.startsWith('0x') &&
    callback !== 'generic_smp_call_function_single_interrupt'
  )
    return null
  return { what: 'ipi sent', label: callback === undefined ? 'IPI' : `IPI: ${callback}`, phase: null, mask, emulated: null }
}

/** "0000000e", "0,0000000e" (words of 32 bits, highest first), or "1-3,5" as trace-cmd may write it. */
function maskOf(text: string): number | null {
  if (/^(0x)?[0-9a-f]{1,2}$|^(0x)?[0-9a-f]{8,}$|^[0-9a-f]{1,8}(,[0-9a-f]{8})+$/.test(text)) {
    const word = text.replace(/^0x/, '').split(',').at(-1) as string
    return Number.parseInt(word.slice(-8), 16) & 0xff
  }
  let mask = 0
  for (const part of text.split(',')) {
    const range = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part)
    if (range === null) return null
    for (let cpu = Number(range[1]); cpu <= Number(range[2] ?? range[1]); cpu++) if (cpu < MOST_CPUS) mask |= 1 << cpu
  }
  return mask
}

// ── batches ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

type Batch = KernelTrace & { readonly seconds: readonly number[] }

function batchesOf(events: readonly Timed[]): Batch[] {
  const groups: Timed[][] = []
  if (!events.some(({ what }) => what === 'begin')) {
    if (events.some(({ what }) => what === 'ipi sent' || what === 'sync taken' || what === 'write')) groups.push([...events])
  } else {
    let open: Timed[] | null = null
    for (const event of events) {
      // Names that call one another: smp_text_poke_single, then smp_text_poke_batch_finish.
      const nested = open?.every(({ what }) => what === 'begin') && open[0]?.cpu === event.cpu
      if (event.what === 'begin' && !nested) groups.push((open = []))
      open?.push(event)
      if (event.what === 'end') open = null
    }
  }
  return groups.map(batchOf)
}

function batchOf(group: readonly Timed[]): Batch {
  const patcher =
    (group.find(({ what }) => what === 'begin' || what === 'write') ?? group.find(({ what }) => what === 'ipi sent') ?? group[0])?.cpu ?? 0
  const events: Timed[] = []
  let sync = 0
  /** The sync that is going on has been sent, or run by the patcher: the patcher's next event says that it is over. */
  let under = false
  let ran = false
  for (const event of group) {
    const mine = event.cpu === patcher
    if (event.what === 'begin' && events.length > 0) continue
    if (mine && under && ran && ['write', 'sync begin', 'ipi sent', 'end'].includes(event.what)) {
      events.push({ ...event, what: 'sync done', label: `sync ${sync} was over by then`, phase: `sync ${sync}`, mask: null, emulated: null })
      under = false
    }
    if (mine && (event.what === 'sync begin' || (event.what === 'ipi sent' && !under))) {
      under = true
      ran = false
      sync++
      if (event.what !== 'sync begin') events.push({ ...event, what: 'sync begin', label: `sync ${sync}`, phase: `sync ${sync}`, mask: null })
    }
    if (event.what === 'sync done') under = false
    if (mine && event.what === 'sync taken') ran = true
    const phase =
      event.what === 'write'
        ? (STAGES[Math.min(sync, 2)] as string)
        : event.what === 'sync begin' || event.what === 'sync done'
          ? `sync ${sync}`
          : null
    events.push({ ...event, phase })
  }
  const cpus = events.reduce((most, { cpu, mask }) => Math.max(most, cpu, mask === null ? 0 : 31 - Math.clz32(mask)), 0) + 1
  return { cpus, patcher, events, seconds: events.map(({ seconds }) => seconds) }
}
