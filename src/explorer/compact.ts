/**
 * The search with hash compaction: of a state that was expanded only a 64-bit fingerprint is kept, and how it was reached. Two states with one fingerprint are taken
 * for one, so something may be omitted; the verdict says how probable that is. It judges no livelocks, which needs all states again.
 *
 * In two orders. By distance (Dial's queue; first races are shortest in steps, the fewest switches are not looked for), or by a seed: depth first,
 * choices shuffled, one agent favoured, and now and then a jump to any waiting state; so many bounded runs with different seeds see different parts of a space
 * that none could hold.
 *
 * A state is looked up when it is expanded, not when it is met: the shortest way to it is known only then. Until then the frontier holds it whole.
 */
import { Random } from '../lib/random.ts'
import { BucketQueue } from './bucket-queue.ts'
import { Fingerprints } from './fingerprint.ts'
import { FingerprintSet } from './fingerprint-set.ts'
import { IntStack } from './int-stack.ts'
import { CHOICE, COST, HEADER, LENGTH, OUTCOME, OWN_AFTER, SHARED_AFTER, VIOLATIONS, WHO } from './memo.ts'
import type { Model } from './model.ts'
import { type Schedule, switchesIn } from './schedules.ts'
import { Sketch } from './sketch.ts'
import { Space } from './space.ts'
import { AGENT_BITS, AGENT_MASK, ENDED } from './tuples.ts'
import { type Cut, NO_DEADLOCK } from './verdict.ts'

export interface CompactOptions {
  readonly maxStates: number
  readonly maxBytes: number
  readonly deadline?: () => boolean
  /** Depth first, with choices in this random order; by distance where it is left out. */
  readonly seed?: number
  /** Is a state without choices that is not final a violation? */
  readonly stuck?: boolean
}

export interface CompactViolation {
  readonly property: string
  readonly steps: number
  readonly switches: number
  readonly schedule: Schedule
  /** Up to the probability of an omission. */
  readonly fewestSteps: boolean
}

export interface CompactVerdict {
  readonly kind: 'violated' | 'exhausted' | 'cut'
  readonly cut: Cut | null
  readonly states: number
  readonly transitions: number
  readonly depth: number
  readonly bytes: number
  readonly peakBytes: number
  /** An upper bound of the probability that some state was taken for another one. */
  readonly omission: number
  readonly violations: readonly CompactViolation[]
  readonly outcomes: readonly { readonly key: string; readonly states: number; readonly schedule: Schedule }[]
  /** For counting the states of several runs together (sketch.ts). */
  readonly sketch: readonly number[]
}

/** Words of a waiting state behind its tuple: distance, who led here (a place in the log), and by which edge. */
const FROM = 1
const EDGE = 2
const MORE = 3
/** Some seeds jump at every state, others go deep. */
const STRIDES = 8

interface Candidate {
  readonly steps: number
  readonly from: number
  readonly edge: number
}

export class CompactSearch {
  private readonly space: Space
  private readonly prints: Fingerprints
  private readonly visited: FingerprintSet
  private readonly sketch = new Sketch()
  private readonly random: Random | null
  private readonly options: CompactOptions
  /** Waiting states in rows, and the rows that are free again. */
  private rows: IntStack
  private readonly free: IntStack
  private readonly queue: BucketQueue
  private readonly stack: IntStack
  /** Two words for each expanded state: who led here, by which edge. */
  private readonly log: IntStack
  private readonly candidates = new Map<string, Candidate>()
  private readonly outcomes = new Map<string, { states: number; readonly at: number }>()
  private readonly width: number
  /** With a seed: after so many states, about, the search goes on from any waiting one, and another agent is the favourite. */
  private readonly stride: number
  private favourite = -1
  private transitions = 0
  private depth = 0
  private cut: Cut | null = null
  private started = false

  constructor(model: Model, options: CompactOptions) {
    const space = new Space(model, options.maxBytes)
    const { memory } = space
    this.options = options
    this.space = space
    this.prints = new Fingerprints(space)
    this.visited = new FingerprintSet(memory)
    this.random = options.seed === undefined ? null : new Random(options.seed)
    this.stride = 1 << ((options.seed ?? 0) % STRIDES)
    this.rows = new IntStack(memory)
    this.free = new IntStack(memory)
    this.queue = new BucketQueue(memory)
    this.stack = new IntStack(memory)
    this.log = new IntStack(memory)
    this.width = space.agents + 1 + MORE
  }

  /** Works on for about `budget` transitions; false when it has ended. */
  run(budget: number): boolean {
    if (this.cut !== null) return false
    if (this.options.deadline?.() === true) this.cut = 'time'
    else if (!this.started && !this.start()) this.cut = 'memory'
    for (let used = 0; this.cut === null && used < budget; ) {
      const row = this.take()
      if (row < 0) return false
      const found = this.visit(row)
      if (found < 0) this.cut ??= 'memory'
      used += 1 + Math.max(0, found)
    }
    return this.cut === null
  }

  cancel(): void {
    this.cut ??= 'cancelled'
  }

  get states(): number {
    return this.visited.count
  }

  get bytes(): number {
    return this.space.memory.bytes
  }

  result(): CompactVerdict {
    const { model, memory } = this.space
    const waiting = this.stack.length + this.queue.size
    const cut = this.cut ?? (waiting > 0 || !this.started ? 'unfinished' : null)
    const order = [...model.properties, NO_DEADLOCK]
    const violations = [...this.candidates]
      .sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
      .map(([property, { steps, from, edge }]) => {
        const schedule = this.scheduleTo(from, edge)
        return {
          property,
          steps,
          switches: switchesIn(schedule),
          schedule,
          fewestSteps: this.random === null && (waiting === 0 || steps <= this.queue.distance),
        }
      })
    const all = this.visited.count + this.prints.components
    return {
      kind: violations.length > 0 ? 'violated' : cut === null ? 'exhausted' : 'cut',
      cut,
      states: this.visited.count,
      transitions: this.transitions,
      depth: this.depth,
      bytes: memory.bytes,
      peakBytes: memory.peak,
      omission: Math.min(1, all * all * 2 ** -65),
      violations,
      outcomes: [...this.outcomes]
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
        .map(([key, { states, at }]) => ({
          key,
          states,
          schedule: this.scheduleTo(this.log.words[2 * at] as number, this.log.words[2 * at + 1] as number),
        })),
      sketch: this.sketch.least(),
    }
  }

  private start(): boolean {
    const violations = this.space.start()
    this.started = true
    if (violations < 0) return false
    this.space.states.load(0, this.space.successor)
    if (violations === 0) return this.wait(0, -1, 0)
    this.record(violations, { steps: 0, from: -1, edge: -1 })
    return this.end()
  }

  /** The row of the next waiting state; −1 where none is left. */
  private take(): number {
    if (this.random !== null) {
      const jump = this.random.below(this.stride) === 0
      if (this.stack.length === 0) return -1
      if (jump) {
        swap(this.stack.words, this.random.below(this.stack.length), this.stack.length - 1)
        this.favourite = this.random.below(this.space.agents)
      }
      return this.stack.pop()
    }
    const row = this.queue.peek()
    if (row >= 0) this.queue.pop()
    return row
  }

  /** Answers the number of outcomes, −1 where a bound refused. */
  private visit(row: number): number {
    const { space, width, prints, visited, log } = this
    const { tuple, agents } = space
    const { words } = this.rows
    const at = row * width
    for (let place = 0; place <= agents; place++) tuple[place] = words[at + place] as number
    const distance = words[at + agents + 1] as number
    const from = words[at + agents + 1 + FROM] as number
    const edge = words[at + agents + 1 + EDGE] as number
    if (!this.free.reserve(1)) return -1
    this.free.push(row)
    if (!prints.of(tuple)) return -1
    const { lo, hi } = prints
    if (visited.has(lo, hi)) return 0
    if (visited.count >= this.options.maxStates) {
      this.cut = 'states'
      return -1
    }
    if (!visited.reserve() || !log.reserve(2)) return -1
    visited.add(lo, hi)
    this.sketch.add(lo, hi)
    const self = log.length / 2
    log.push(from)
    log.push(edge)
    if (distance > this.depth) this.depth = distance
    return this.expand(self, distance)
  }

  private expand(self: number, distance: number): number {
    const { space, prints, visited } = this
    const { tuple, successor, agents, memo } = space
    const shared = tuple[agents] as number
    let found = 0
    let allDone = 1
    const fresh = this.stack.length
    for (let agent = 0; agent < agents; agent++) {
      const own = tuple[agent] as number
      const list = space.outcomes(agent, own, shared)
      if (list < 0) return -1
      const { arena } = memo
      allDone &= arena[list + WHO] as number
      const count = (arena[list + LENGTH] as number) / OUTCOME
      for (let ordinal = 0; ordinal < count; ordinal++) {
        const at = list + HEADER + ordinal * OUTCOME
        for (let place = 0; place < agents; place++) successor[place] = tuple[place] as number
        successor[agent] = arena[at + OWN_AFTER] as number
        successor[agents] = arena[at + SHARED_AFTER] as number
        const steps = distance + (arena[at + COST] as number)
        const edge = (ordinal << AGENT_BITS) | agent
        const local = arena[at + VIOLATIONS] as number
        if (local === 0) {
          if (!prints.of(successor)) return -1
          if (visited.has(prints.lo, prints.hi)) continue
        }
        const violations = local | space.violationsOfSuccessor()
        if (violations === 0) {
          if (!this.wait(steps, self, edge)) return -1
        } else {
          this.record(violations, { steps, from: self, edge })
          if (!this.end()) return -1
        }
      }
      found += count
    }
    this.transitions += found
    if (allDone === 1) this.finish(self, tuple)
    else if (found === 0 && this.options.stuck === true) this.keep(NO_DEADLOCK, { steps: distance, from: self, edge: -1 })
    if (this.random !== null) this.disperse(fresh, this.random)
    return found
  }

  /** Shuffles the rows that were just stacked; those of the favourite come out first, so that one agent runs ahead of the others. */
  private disperse(fresh: number, random: Random): void {
    const { words, length } = this.stack
    for (let i = length - 1; i > fresh; i--) swap(words, i, fresh + random.below(i - fresh + 1))
    let top = length - 1
    for (let i = top; i >= fresh; i--) {
      const edge = this.rows.words[(words[i] as number) * this.width + this.space.agents + 1 + EDGE] as number
      if ((edge & AGENT_MASK) === this.favourite) swap(words, i, top--)
    }
  }

  /** `successor` waits to be expanded. */
  private wait(steps: number, from: number, edge: number): boolean {
    const { rows, width, free } = this
    const { agents, successor } = this.space
    let row = free.length > 0 ? free.pop() : -1
    if (row < 0) {
      if (!rows.reserve(width)) return false
      row = rows.length / width
      rows.length += width
    }
    const at = row * width
    const { words } = rows
    for (let place = 0; place <= agents; place++) words[at + place] = successor[place] as number
    words[at + agents + 1] = steps
    words[at + agents + 1 + FROM] = from
    words[at + agents + 1 + EDGE] = edge
    if (this.random !== null) {
      if (!this.stack.reserve(1)) return false
      this.stack.push(row)
      return true
    }
    if (!this.queue.reserve(steps - this.queue.distance)) return false
    this.queue.push(steps, row)
    return true
  }

  /** `successor` violates something: it is counted once, and never expanded. */
  private end(): boolean {
    const { successor, agents } = this.space
    successor[agents] = (successor[agents] as number) | ENDED
    if (!this.prints.of(successor)) return false
    const { lo, hi } = this.prints
    if (this.visited.has(lo, hi)) return true
    if (!this.visited.reserve()) return false
    this.visited.add(lo, hi)
    this.sketch.add(lo, hi)
    return true
  }

  private record(violations: number, candidate: Candidate): void {
    for (const [bit, property] of this.space.model.properties.entries()) if ((violations & (1 << bit)) !== 0) this.keep(property, candidate)
  }

  private keep(property: string, candidate: Candidate): void {
    const best = this.candidates.get(property)
    if (best === undefined || candidate.steps < best.steps) this.candidates.set(property, candidate)
  }

  private finish(self: number, tuple: Int32Array): void {
    const { model, memory } = this.space
    if (model.outcome === undefined) return
    const key = model.outcome(this.space.loadWhole(tuple))
    const row = this.outcomes.get(key)
    if (row !== undefined) row.states++
    else {
      this.outcomes.set(key, { states: 1, at: self })
      memory.charge(2 * key.length + 100)
    }
  }

  /** The way along the log, and then `edge` (none where it is −1), followed from the start to learn the names of choices. */
  private scheduleTo(from: number, edge: number): [agent: number, choice: number][] {
    const edges = edge >= 0 && from >= 0 ? [edge] : []
    for (let at = from; at > 0; at = this.log.words[2 * at] as number) edges.push(this.log.words[2 * at + 1] as number)
    const { space } = this
    const tuple = new Int32Array(space.agents + 1)
    space.states.load(0, tuple)
    return edges.reverse().map((each) => {
      const agent = each & AGENT_MASK
      const list = space.outcomes(agent, tuple[agent] as number, tuple[space.agents] as number)
      const at = list + HEADER + (each >>> AGENT_BITS) * OUTCOME
      const { arena } = space.memo
      tuple[agent] = arena[at + OWN_AFTER] as number
      tuple[space.agents] = arena[at + SHARED_AFTER] as number
      return [agent, arena[at + CHOICE] as number]
    })
  }
}

function swap(words: Int32Array, i: number, j: number): void {
  const word = words[i] as number
  words[i] = words[j] as number
  words[j] = word
}
