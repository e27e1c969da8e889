/** A set of 64-bit fingerprints: open addressing over pairs of words, nothing else. */
import { loadLimit } from './components.ts'
import type { Memory } from './memory.ts'

const FIRST_SLOTS = 1024

export class FingerprintSet {
  count = 0
  private readonly memory: Memory
  private slots: Int32Array
  private mask = FIRST_SLOTS - 1

  constructor(memory: Memory) {
    this.memory = memory
    this.slots = memory.insist(2 * FIRST_SLOTS)
  }

  has(lo: number, hi: number): boolean {
    const { slots, mask } = this
    for (let slot = lo & mask; ; slot = (slot + 1) & mask) {
      const a = slots[2 * slot] as number
      const b = slots[2 * slot + 1] as number
      if (a === 0 && b === 0) return false
      if (a === lo && b === hi) return true
    }
  }

  /** Room for one more; false where memory does not allow it. */
  reserve(): boolean {
    if (this.count < loadLimit(this.mask + 1)) return true
    const larger = this.memory.allocate(2 * this.slots.length)
    if (larger === null) return this.count < this.mask - (this.mask >> 3)
    const old = this.slots
    this.slots = larger
    this.mask = larger.length / 2 - 1
    for (let at = 0; at < old.length; at += 2) if (old[at] !== 0 || old[at + 1] !== 0) this.put(old[at] as number, old[at + 1] as number)
    this.memory.free(old)
    return true
  }

  /** Adds one that is not there; there must be room. */
  add(lo: number, hi: number): void {
    this.put(lo, hi)
    this.count++
  }

  private put(lo: number, hi: number): void {
    let slot = lo & this.mask
    while (this.slots[2 * slot] !== 0 || this.slots[2 * slot + 1] !== 0) slot = (slot + 1) & this.mask
    this.slots[2 * slot] = lo
    this.slots[2 * slot + 1] = hi
  }
}
