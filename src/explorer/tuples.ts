/**
 * The set of states seen. A state is a tuple of component indices (one an agent, then the shared one); with it go its distance from the
 * initial state in unit steps, the state it was reached from, and by which edge.
 *
 * A run that violated a property ends there. Its last state is marked in the tuple itself, so the same components reached without a
 * violation are another state, which is expanded as usual.
 *
 * Layout of a record, in 32-bit words: `index of each component … | distance | parent | edge`, one after another in one array: what
 * belongs together is fetched together. The table is as in components.ts.
 */
import { mix } from '../lib/hash.ts'
import { doubledSlots, loadLimit } from './components.ts'
import type { Memory } from './memory.ts'

/** In the index of the shared component: a run ended here with a violation. */
export const ENDED = 1 << 30

export const NO_PARENT = -1

/** Up to 16 agents; an edge is `ordinal of the outcome << 4 | agent`. The sign bit says of a state that it is final. */
export const AGENT_BITS = 4
export const AGENT_MASK = (1 << AGENT_BITS) - 1
export const FINAL = 1 << 31

/** An odd multiplier for each place in a tuple. */
const FACTORS = Int32Array.from({ length: AGENT_MASK + 2 }, (_, place) => mix(0x9e3779b9 * (place + 1)) | 1)

const FIRST_STATES = 512

export class Tuples {
  /** Component indices in a tuple. */
  readonly width: number
  readonly stride: number
  count = 0
  records: Int32Array
  /** The states that there is room for in both arrays. */
  capacity: number
  private slots: Int32Array
  private mask: number
  private slotLimit: number
  /** Where the last unsuccessful `find` ended. */
  private vacant = 0
  private readonly memory: Memory

  constructor(width: number, memory: Memory) {
    this.width = width
    this.stride = width + 3
    this.memory = memory
    this.records = memory.insist(FIRST_STATES * this.stride)
    this.slots = memory.insist(4 * FIRST_STATES)
    this.mask = 2 * FIRST_STATES - 1
    this.slotLimit = loadLimit(this.mask + 1)
    this.capacity = FIRST_STATES
  }

  get bytes(): number {
    return this.records.byteLength + this.slots.byteLength
  }

  /** The state with this tuple, or −1; `hash` is `hashOf(tuple)`. */
  find(tuple: Int32Array, hash: number): number {
    const { slots, mask, records, width, stride } = this
    let slot = hash & mask
    for (;;) {
      const entry = slots[2 * slot] as number
      if (entry === 0) {
        this.vacant = slot
        return -1
      }
      if (slots[2 * slot + 1] === hash) {
        const base = (entry - 1) * stride
        let i = 0
        while (i < width && records[base + i] === tuple[i]) i++
        if (i === width) return entry - 1
      }
      slot = (slot + 1) & mask
    }
  }

  /** Adds the tuple that `find` has just not found. There must be room (`count < capacity`). */
  add(tuple: Int32Array, hash: number, distance: number, parent: number, edge: number): number {
    const state = this.count
    const { records, width } = this
    const base = state * this.stride
    for (let i = 0; i < width; i++) records[base + i] = tuple[i] as number
    records[base + width] = distance
    records[base + width + 1] = parent
    records[base + width + 2] = edge
    this.slots[2 * this.vacant] = ++this.count
    this.slots[2 * this.vacant + 1] = hash
    return state
  }

  /** Makes room for one more state; false where memory does not allow it. A `find` must come between this and the next `add`. */
  reserve(): boolean {
    if (this.count < this.capacity) return true
    if (this.count >= this.slotLimit) {
      const slots = doubledSlots(this.slots, this.memory)
      const size = slots === null ? this.mask + 1 : slots.length / 2
      this.slots = slots ?? this.slots
      this.mask = size - 1
      // A table that may not grow still works while an eighth of it is free, only slower.
      this.slotLimit = slots === null ? size - (size >> 3) : loadLimit(size)
      if (this.count >= this.slotLimit) return false
    }
    if ((this.count + 1) * this.stride > this.records.length) {
      const larger = this.memory.grow(this.records, (this.count + 1) * this.stride)
      if (larger === null) return false
      this.records = larger
    }
    this.capacity = Math.min(Math.floor(this.records.length / this.stride), this.slotLimit)
    return true
  }

  distance(state: number): number {
    return this.records[state * this.stride + this.width] as number
  }

  parent(state: number): number {
    return this.records[state * this.stride + this.width + 1] as number
  }

  /** By which edge the state was reached, without the mark of final states. */
  edge(state: number): number {
    return (this.records[state * this.stride + this.width + 2] as number) & ~FINAL
  }

  isFinal(state: number): boolean {
    return (this.records[state * this.stride + this.width + 2] as number) < 0
  }

  markFinal(state: number): void {
    const at = state * this.stride + this.width + 2
    this.records[at] = (this.records[at] as number) | FINAL
  }

  /** Did the run that led here end with a violation? */
  isEnded(state: number): boolean {
    return ((this.records[state * this.stride + this.width - 1] as number) & ENDED) !== 0
  }

  load(state: number, into: Int32Array): void {
    const base = state * this.stride
    for (let i = 0; i < this.width; i++) into[i] = this.records[base + i] as number
  }

  /** A shorter way to a state that was not expanded yet. */
  improve(state: number, distance: number, parent: number, edge: number): void {
    const at = state * this.stride + this.width
    this.records[at] = distance
    this.records[at + 1] = parent
    this.records[at + 2] = edge
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
