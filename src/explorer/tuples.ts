/**
 * The set of states seen. A state is a tuple of component indices (one an agent, then the shared one); with it go its distance from the
 * initial state in unit steps, the state it was reached from, and by which edge.
 *
 * A run that violated a property ends there. Its last state is marked in the tuple itself, so the same components reached without a
 * violation are another state, which is expanded as usual.
 *
 * Layout of a record, in 32-bit words: `index of each component … | distance | parent | edge`: what belongs together is fetched
 * together. The table is one of segments (segments.ts), since there may be very many states.
 */
import { mix } from '../lib/hash.ts'
import type { Memory } from './memory.ts'
import { Rows } from './rows.ts'
import { enter, Segments, slotsOf } from './segments.ts'

/** In the index of the shared component: a run ended here with a violation. */
export const ENDED = 1 << 30

export const NO_PARENT = -1

/** Up to 16 agents; an edge is `ordinal of the outcome << 4 | agent`. The sign bit says of a state that it is final. */
export const AGENT_BITS = 4
export const AGENT_MASK = (1 << AGENT_BITS) - 1
export const FINAL = 1 << 31

/** An odd multiplier for each place in a tuple. */
const FACTORS = Int32Array.from({ length: AGENT_MASK + 2 }, (_, place) => mix(0x9e3779b9 * (place + 1)) | 1)

/** Words of a record behind the tuple: the distance, and counted from there: */
const PARENT = 1
const EDGE = 2

export class Tuples {
  /** Component indices in a tuple. */
  readonly width: number
  count = 0
  private readonly memory: Memory
  private readonly rows: Rows
  private readonly table: Segments
  /** Where the last unsuccessful `find` ended, and what it was looking for. */
  private vacant = 0
  private segment: Int32Array
  private wanted = 0

  constructor(width: number, memory: Memory) {
    this.width = width
    this.memory = memory
    this.rows = new Rows(width + 3, memory)
    this.table = new Segments(memory)
    this.segment = this.table.directory[0] as Int32Array
  }

  get bytes(): number {
    return this.rows.bytes + this.table.bytes
  }

  /** Gives the memory back. */
  dispose(): void {
    for (const chunk of this.rows.chunks) this.memory.free(chunk)
    this.table.dispose()
  }

  /** The state with this tuple, or −1; `hash` is `hashOf(tuple)`. */
  find(tuple: Int32Array, hash: number): number {
    const { table, rows, width } = this
    const slots = table.directory[hash >>> table.shift] as Int32Array
    const mask = slotsOf(slots) - 1
    let slot = hash & mask
    for (;;) {
      const entry = slots[2 * slot] as number
      if (entry === 0) {
        this.vacant = slot
        this.segment = slots
        this.wanted = hash
        return -1
      }
      if (slots[2 * slot + 1] === hash) {
        const state = entry - 1
        const chunk = rows.chunks[state >> rows.bits] as Int32Array
        const base = (state & rows.mask) * rows.width
        let i = 0
        while (i < width && chunk[base + i] === tuple[i]) i++
        if (i === width) return state
      }
      slot = (slot + 1) & mask
    }
  }

  /** Adds the tuple that `find` has just not found. There must be room (`hasRoom`). */
  add(tuple: Int32Array, hash: number, distance: number, parent: number, edge: number): number {
    const { rows, width } = this
    const state = this.count
    const chunk = rows.chunks[state >> rows.bits] as Int32Array
    const base = (state & rows.mask) * rows.width
    for (let i = 0; i < width; i++) chunk[base + i] = tuple[i] as number
    chunk[base + width] = distance
    chunk[base + width + PARENT] = parent
    chunk[base + width + EDGE] = edge
    enter(this.segment, this.vacant, ++this.count, hash)
    return state
  }

  /** Can the tuple that `find` has just not found be added? */
  hasRoom(): boolean {
    return this.count < this.rows.capacity && this.table.hasRoom(this.wanted)
  }

  /** Makes room for it; false where memory does not allow it. Another `find` must come between this and the `add`. */
  reserve(): boolean {
    return this.table.reserve(this.wanted) && (this.count < this.rows.capacity || this.rows.grow())
  }

  distance(state: number): number {
    return this.word(state, 0)
  }

  parent(state: number): number {
    return this.word(state, PARENT)
  }

  /** By which edge the state was reached, without the mark of final states. */
  edge(state: number): number {
    return this.word(state, EDGE) & ~FINAL
  }

  isFinal(state: number): boolean {
    return this.word(state, EDGE) < 0
  }

  markFinal(state: number): void {
    const chunk = this.rows.chunks[state >> this.rows.bits] as Int32Array
    const at = (state & this.rows.mask) * this.rows.width + this.width + EDGE
    chunk[at] = (chunk[at] as number) | FINAL
  }

  /** Did the run that led here end with a violation? */
  isEnded(state: number): boolean {
    return (this.word(state, -1) & ENDED) !== 0
  }

  load(state: number, into: Int32Array): void {
    const { rows, width } = this
    const chunk = rows.chunks[state >> rows.bits] as Int32Array
    const base = (state & rows.mask) * rows.width
    for (let i = 0; i < width; i++) into[i] = chunk[base + i] as number
  }

  /** A shorter way to a state that was not expanded yet. */
  improve(state: number, distance: number, parent: number, edge: number): void {
    const chunk = this.rows.chunks[state >> this.rows.bits] as Int32Array
    const at = (state & this.rows.mask) * this.rows.width + this.width
    chunk[at] = distance
    chunk[at + PARENT] = parent
    chunk[at + EDGE] = edge
  }

  /** A word of the record, counted from the distance. */
  private word(state: number, at: number): number {
    const { rows } = this
    return (rows.chunks[state >> rows.bits] as Int32Array)[(state & rows.mask) * rows.width + this.width + at] as number
  }
}

/** What the component at `place` adds to the sum below; a search keeps the sum and changes two terms of it. */
export function term(place: number, index: number): number {
  return Math.imul(index, FACTORS[place] as number)
}

/** The hash of a tuple from the sum of its terms. */
export function hashOfSum(sum: number): number {
  return mix(sum)
}

export function sumOf(tuple: Int32Array, width: number): number {
  let sum = 0
  for (let place = 0; place < width; place++) sum = (sum + term(place, tuple[place] as number)) | 0
  return sum
}
