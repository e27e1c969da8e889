/**
 * Who holds which cache line, as a reading aid: derived from what happened, never a part of the machine's state, so that no verdict depends on it.
 *
 *   load       a hit changes nothing; on a miss the line comes exclusive (E) where nobody has it, else everybody's copy becomes shared (S), a modified one
 *              after it is written back
 *   store      nothing, as long as it waits in the store buffer; when it becomes visible the line is modified (M) here and invalid (I) elsewhere
 *   locked     modified from its load on
 *   fetch      a shared copy that is noted as one of instructions, which a store elsewhere takes away. What a CPU has fetched before and executes late
 *              comes out of its queue, not out of a line: stale bytes change nothing here.
 *
 * Left out: evictions, prefetched data, and that a load may be served by the CPU's own store buffer alone.
 */
import type { MachineEvent } from '../machine/events.ts'

export type LineState = 'M' | 'O' | 'E' | 'S' | 'F' | 'I'

/** MOESI: a modified line that others read is owned (O), not written back. MESIF: the newest reader forwards (F). */
export type CoherenceProtocol = 'mesi' | 'moesi' | 'mesif'

/** One CPU's copy of a line. */
export interface LineCopy {
  readonly state: LineState
  /** What it was before the last step, where that changed it. */
  readonly before: LineState | null
  readonly instructions: boolean
}

export interface MesiOptions {
  readonly protocol?: CoherenceProtocol
  /** What memory holds at an address now. With it, stale bytes are told apart line by line, else an instruction is stale as a whole. */
  readonly byteAt?: (address: bigint) => number
}

interface Line {
  /** By CPU. */
  readonly states: LineState[]
  readonly instructions: boolean[]
}

/** What was known at some time: the lines that had changed since what was saved before, where there is that. */
interface Saved {
  readonly before: Saved | null
  readonly lines: ReadonlyMap<bigint, Line>
  readonly depth: number
}

const LINE = 64n
/** After so many savings all lines are written down anew: that bounds the way back. */
const LONGEST = 32

export class MesiOverlay {
  private readonly cpus: number
  private readonly lineOf: (address: bigint) => bigint | null
  private readonly protocol: CoherenceProtocol
  private readonly byteAt: ((address: bigint) => number) | null
  private lines = new Map<bigint, Line>()
  /** Lines that were touched since `saved`. */
  private changed = new Set<bigint>()
  private saved: Saved | null = null
  /** States that the last step found in the lines that it changed. */
  private readonly previous = new Map<bigint, readonly LineState[]>()

  /** `lineOf`: the line in which an address lies, the same for all addresses that show the same bytes; null where nobody shares them. */
  constructor(cpus: number, lineOf: (address: bigint) => bigint | null, options: MesiOptions = {}) {
    this.cpus = cpus
    this.lineOf = lineOf
    this.protocol = options.protocol ?? 'mesi'
    this.byteAt = options.byteAt ?? null
  }

  /** The copies of the line at this address, by CPU. */
  line(address: bigint): readonly LineCopy[] {
    const key = this.lineOf(address)
    const line = key === null ? undefined : this.lines.get(key)
    const previous = key === null ? undefined : this.previous.get(key)
    return Array.from({ length: this.cpus }, (_, cpu) => {
      const state = line?.states[cpu] ?? 'I'
      const before = previous?.[cpu] ?? state
      return { state, before: before === state ? null : before, instructions: line?.instructions[cpu] ?? false }
    })
  }

  /** What is known now, to be given to `restore` later. */
  save(): unknown {
    const { saved } = this
    const before = saved !== null && saved.depth < LONGEST ? saved : null
    const keys = before === null ? this.lines.keys() : this.changed
    const lines = new Map([...keys].map((key) => [key, copyOf(this.lines.get(key) as Line)]))
    this.saved = { before, lines, depth: before === null ? 0 : before.depth + 1 }
    this.changed = new Set()
    return this.saved
  }

  restore(given: unknown): void {
    const saved = given as Saved
    this.saved = saved
    this.changed = new Set()
    this.previous.clear()
    this.lines = new Map()
    // From the newest to the oldest: what is found first holds.
    for (let part: Saved | null = saved; part !== null; part = part.before)
      for (const [key, line] of part.lines) if (!this.lines.has(key)) this.lines.set(key, copyOf(line))
  }

  /** The events of one step. */
  append(events: readonly MachineEvent[]): void {
    if (this.previous.size > 0) this.previous.clear()
    for (const event of events) {
      if (event.kind === 'visible') this.each(event.address, event.size, (line) => this.write(line, event.cpu))
      else if (event.kind === 'load' || (event.kind === 'store' && event.locked)) {
        this.each(event.address, event.size, (line) => (event.locked ? this.write(line, event.cpu) : this.read(line, event.cpu, false)))
      } else if (event.kind === 'prefetch') this.each(event.address, event.size, (line) => this.read(line, event.cpu, true))
      else if (event.kind === 'execute' && event.hot) this.fetch(event)
    }
  }

  private fetch({ cpu, address, bytes, stale }: Extract<MachineEvent, { kind: 'execute' }>): void {
    const { byteAt } = this
    this.each(address, bytes.length, (line, from, end) => {
      if (stale && (byteAt === null || isStale(bytes, from, end, (i) => byteAt(address + BigInt(i))))) return
      this.read(line, cpu, true)
    })
  }

  /** Calls `change` for each shared line of an access, with the part of the access that lies in it. */
  private each(address: bigint, size: number, change: (line: Line, from: number, end: number) => void): void {
    for (let from = 0; from < size; ) {
      const at = address + BigInt(from)
      const end = Math.min(size, from + Number(LINE - (at % LINE)))
      const key = this.lineOf(at)
      if (key !== null) change(this.touched(key), from, end)
      from = end
    }
  }

  private touched(key: bigint): Line {
    let line = this.lines.get(key)
    if (line === undefined) {
      line = { states: Array<LineState>(this.cpus).fill('I'), instructions: Array<boolean>(this.cpus).fill(false) }
      this.lines.set(key, line)
    }
    this.changed.add(key)
    if (!this.previous.has(key)) this.previous.set(key, [...line.states])
    return line
  }

  private write({ states, instructions }: Line, writer: number): void {
    for (let cpu = 0; cpu < this.cpus; cpu++) {
      states[cpu] = cpu === writer ? 'M' : 'I'
      if (cpu !== writer) instructions[cpu] = false
    }
  }

  private read({ states, instructions }: Line, reader: number, fetches: boolean): void {
    if (fetches) instructions[reader] = true
    if (states[reader] !== 'I') return
    const alone = states.every((state) => state === 'I')
    for (let cpu = 0; cpu < this.cpus; cpu++) {
      const state = states[cpu] as LineState
      if (state === 'M' || state === 'O') states[cpu] = this.protocol === 'moesi' ? 'O' : 'S'
      else if (state !== 'I') states[cpu] = 'S'
    }
    // Instructions are never held for writing.
    states[reader] = alone && !fetches ? 'E' : this.protocol === 'mesif' ? 'F' : 'S'
  }
}

function copyOf({ states, instructions }: Line): Line {
  return { states: [...states], instructions: [...instructions] }
}

function isStale(bytes: Uint8Array, from: number, end: number, byteAt: (i: number) => number): boolean {
  for (let i = from; i < end; i++) if (bytes[i] !== byteAt(i)) return true
  return false
}
