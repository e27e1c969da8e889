/**
 * The set of states seen. A state is a tuple of component indices (one an agent, then the shared one); with it go its distance from the
 * initial state in unit steps, the state it was reached from, and by which edge.
 *
 * A run that violated a property ends there. Its last state is marked in the tuple itself, so the same components reached without a
 * violation are another state, which is expanded as usual.
 *
 * Layout of a record, in 32-bit words: `index of each component … | distance | parent | edge`: what belongs together is fetched
 * together. The table is as in components.ts.
 */
import { mix } from '../lib/hash.ts'
import { doubledSlots, loadLimit } from './components.ts'
import type { Memory } from './memory.ts'
import { Rows } from './rows.ts'

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

const FIRST_SLOTS = 512

export class Tuples {
  /** Component indices in a tuple. */
  readonly width: number
  count = 0
  /** The states that there is room for, both in the rows and in the table. */
  capacity: number
  private readonly rows: Rows
  private slots: Int32Array
  private mask: number
  private slotLimit: number
  /** Where the last unsuccessful `find` ended. */
  private vacant = 0
  private readonly memory: Memory

  constructor(width: number, memory: Memory) {
    this.width = width
    this.memory = memory
    this.rows = new Rows(width + 3, memory)
    this.slots = memory.insist(2 * FIRST_SLOTS)
    this.mask = FIRST_SLOTS - 1
    this.slotLimit = loadLimit(FIRST_SLOTS)
    this.capacity = Math.min(this.rows.capacity, this.slotLimit)
  }

  get bytes(): number {
    return this.rows.bytes + this.slots.byteLength
  }

  /** Gives the memory back. */
  dispose(): void {
    for (const chunk of this.rows.chunks) this.memory.free(chunk)
    this.memory.free(this.slots)
  }

  /** The state with this tuple, or −1; `hash` is `hashOf(tuple)`. */
  find(tuple: Int32Array, hash: number): number {
    const { slots, mask, rows, width } = this
    let slot = hash & mask
    for (;;) {
      const entry = slots[2 * slot] as number
      if (entry === 0) {
        this.vacant = slot
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

  /** Adds the tuple that `find` has just not found. There must be room (`count < capacity`). */
  add(tuple: Int32Array, hash: number, distance: number, parent: number, edge: number): number {
    const { rows, width } = this
    const state = this.count
    const chunk = rows.chunks[state >> rows.bits] as Int32Array
    const base = (state & rows.mask) * rows.width
    for (let i = 0; i < width; i++) chunk[base + i] = tuple[i] as number
    chunk[base + width] = distance
    chunk[base + width + PARENT] = parent
    chunk[base + width + EDGE] = edge
    this.slots[2 * this.vacant] = ++this.count
    this.slots[2 * this.vacant + 1] = hash
    return state
  }

  /** Makes room for one more state; false where memory does not allow it. A `find` must come between this and the next `add`. */
  reserve(): boolean {
    if (this.count < this.capacity) return true
    if (this.count === this.slotLimit && !this.rehash()) return false
    if (this.count === this.rows.capacity && !this.rows.grow()) return false
    this.capacity = Math.min(this.rows.capacity, this.slotLimit)
    return true
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

  private rehash(): boolean {
    const slots = doubledSlots(this.slots, this.memory)
    const size = slots === null ? this.mask + 1 : slots.length / 2
    this.slots = slots ?? this.slots
    this.mask = size - 1
    // A table that may not grow still works while an eighth of it is free, only slower.
    this.slotLimit = slots === null ? size - (size >> 3) : loadLimit(size)
    return this.count < this.slotLimit
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
