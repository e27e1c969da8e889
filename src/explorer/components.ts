/**
 * Interning: every distinct value of one component is held once, and known by a small index. A global state is then a short tuple of
 * indices, however wide the machine.
 *
 * Open addressing with linear probing over pairs (index + 1, hash). The hash in the table settles nearly every mismatch without
 * touching the words, and lets the table grow without reading them; equality is always decided by comparing the words themselves.
 */
import { hashWords } from '../lib/hash.ts'
import type { Memory } from './memory.ts'
import { Rows } from './rows.ts'

const FIRST_SLOTS = 256

export class Components {
  readonly width: number
  /** How many distinct values there are. */
  count = 0
  private readonly memory: Memory
  private readonly rows: Rows
  private slots: Int32Array
  private mask = FIRST_SLOTS - 1
  private slotLimit = loadLimit(FIRST_SLOTS)

  constructor(width: number, memory: Memory) {
    this.width = width
    this.memory = memory
    this.rows = new Rows(width, memory)
    this.slots = memory.insist(2 * FIRST_SLOTS)
  }

  get bytes(): number {
    return this.rows.bytes + this.slots.byteLength
  }

  /** The index of `words[offset … offset + width)`, new or known; −1 where memory does not allow a new one. */
  intern(words: Int32Array, offset: number): number {
    const hash = hashWords(words, offset, this.width)
    const slots = this.slots
    const mask = this.mask
    let slot = hash & mask
    for (;;) {
      const entry = slots[2 * slot] as number
      if (entry === 0) return this.add(words, offset, hash, slot)
      if (slots[2 * slot + 1] === hash && this.equals(entry - 1, words, offset)) return entry - 1
      slot = (slot + 1) & mask
    }
  }

  /** The index of a value that was interned; −1 for any other. */
  find(words: Int32Array, offset: number): number {
    const hash = hashWords(words, offset, this.width)
    const { slots, mask } = this
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[2 * slot] as number
      if (entry === 0) return -1
      if (slots[2 * slot + 1] === hash && this.equals(entry - 1, words, offset)) return entry - 1
    }
  }

  /** Is component `index` word for word what lies at `offset`? */
  equals(index: number, words: Int32Array, offset: number): boolean {
    const { width, rows } = this
    const chunk = rows.chunks[index >> rows.bits] as Int32Array
    const base = (index & rows.mask) * width
    for (let i = 0; i < width; i++) if (chunk[base + i] !== words[offset + i]) return false
    return true
  }

  load(index: number, into: Int32Array, offset: number): void {
    const { width, rows } = this
    const chunk = rows.chunks[index >> rows.bits] as Int32Array
    const base = (index & rows.mask) * width
    for (let i = 0; i < width; i++) into[offset + i] = chunk[base + i] as number
  }

  private add(words: Int32Array, offset: number, hash: number, slot: number): number {
    if (this.count >= this.slotLimit) {
      if (!this.rehash()) return -1
      slot = hash & this.mask
      while (this.slots[2 * slot] !== 0) slot = (slot + 1) & this.mask
    }
    const { width, rows } = this
    if (this.count === rows.capacity && !rows.grow()) return -1
    const index = this.count++
    const chunk = rows.chunks[index >> rows.bits] as Int32Array
    const base = (index & rows.mask) * width
    for (let i = 0; i < width; i++) chunk[base + i] = words[offset + i] as number
    this.slots[2 * slot] = index + 1
    this.slots[2 * slot + 1] = hash
    return index
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

/** How many entries a table of this size holds before it should grow. */
export function loadLimit(slots: number): number {
  return Math.floor((2 * slots) / 3)
}

/** A table of (entry, hash) pairs at twice its size; null where memory does not allow it. */
export function doubledSlots(slots: Int32Array, memory: Memory): Int32Array | null {
  const larger = memory.allocate(2 * slots.length)
  if (larger === null) return null
  const mask = larger.length / 2 - 1
  for (let from = 0; from < slots.length; from += 2) {
    const entry = slots[from] as number
    if (entry === 0) continue
    const hash = slots[from + 1] as number
    let slot = hash & mask
    while (larger[2 * slot] !== 0) slot = (slot + 1) & mask
    larger[2 * slot] = entry
    larger[2 * slot + 1] = hash
  }
  memory.free(slots)
  return larger
}
