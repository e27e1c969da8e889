/**
 * Dial's queue: one bucket a distance, in a ring as long as the greatest cost. Entries come out by distance, and first in, first out
 * among equals, so where every cost is 1 this is the queue of a breadth-first search.
 *
 * A bucket is a chain of blocks in one pool. A state that is found again on a shorter way is simply pushed again; its older entry is
 * stale, and whoever pops it sees that its distance is no longer the state's.
 */
import type { Memory } from './memory.ts'

const BLOCK = 256
const FIRST_RING = 16
/** Words a bucket in the ring: first block, last block, words used in the last block. Blocks are counted from 1; 0 is none. */
const HEAD = 0
const TAIL = 1
const FILL = 2
const BUCKET = 3

/** A choice that stands for more unit steps than this is a mistake in the model. */
export const MAX_COST = 1 << 22

export class BucketQueue {
  /** The distance of the entry that `peek` shows; nothing shorter is left. */
  distance = 0
  /** Entries, stale ones included. */
  size = 0
  private readonly memory: Memory
  private pool: Int32Array = new Int32Array(0)
  private ring: Int32Array = new Int32Array(0)
  /** Length of the ring − 1. */
  private mask = -1
  /** Blocks ever used, and the chain of those that are free again. */
  private used = 0
  private freeBlock = 0
  /** Next word to read in the first block of the current bucket. */
  private read = 1

  constructor(memory: Memory) {
    this.memory = memory
  }

  get bytes(): number {
    return this.pool.byteLength + this.ring.byteLength
  }

  /** To be asked before every `push`: is there room for an entry that far from the current distance? False where memory does not allow it. */
  reserve(cost: number): boolean {
    if (cost > this.mask && !this.widen(cost)) return false
    if (this.freeBlock !== 0 || (this.used + 1) * BLOCK <= this.pool.length) return true
    const larger = this.memory.grow(this.pool, (this.used + 1) * BLOCK)
    if (larger === null) return false
    this.pool = larger
    return true
  }

  push(distance: number, state: number): void {
    const ring = this.ring
    const bucket = (distance & this.mask) * BUCKET
    let fill = ring[bucket + FILL] as number
    if (ring[bucket + TAIL] === 0 || fill === BLOCK) {
      const block = this.takeBlock()
      if (ring[bucket + TAIL] === 0) ring[bucket + HEAD] = block
      else this.pool[((ring[bucket + TAIL] as number) - 1) * BLOCK] = block
      ring[bucket + TAIL] = block
      fill = 1
    }
    this.pool[((ring[bucket + TAIL] as number) - 1) * BLOCK + fill] = state
    ring[bucket + FILL] = fill + 1
    this.size++
  }

  /** The next state, left in the queue; −1 where none is left. Moves `distance` on. */
  peek(): number {
    if (this.size === 0) return -1
    let bucket = (this.distance & this.mask) * BUCKET
    while (this.ring[bucket + HEAD] === 0) bucket = (++this.distance & this.mask) * BUCKET
    return this.pool[((this.ring[bucket + HEAD] as number) - 1) * BLOCK + this.read] as number
  }

  /** Takes what `peek` has shown. */
  pop(): void {
    const ring = this.ring
    const bucket = (this.distance & this.mask) * BUCKET
    const head = ring[bucket + HEAD] as number
    this.size--
    this.read++
    if (head === ring[bucket + TAIL]) {
      if (this.read < (ring[bucket + FILL] as number)) return
      ring[bucket + HEAD] = 0
      ring[bucket + TAIL] = 0
      ring[bucket + FILL] = 0
    } else {
      if (this.read < BLOCK) return
      ring[bucket + HEAD] = this.pool[(head - 1) * BLOCK] as number
    }
    this.read = 1
    this.pool[(head - 1) * BLOCK] = this.freeBlock
    this.freeBlock = head
  }

  /** Gives the memory back; the queue cannot be used any more. */
  dispose(): void {
    this.memory.free(this.pool)
    this.memory.free(this.ring)
  }

  private takeBlock(): number {
    const block = this.freeBlock
    if (block === 0) return ++this.used
    this.freeBlock = this.pool[(block - 1) * BLOCK] as number
    this.pool[(block - 1) * BLOCK] = 0
    return block
  }

  private widen(cost: number): boolean {
    let length = Math.max(FIRST_RING, this.mask + 1)
    while (length <= cost) length *= 2
    const ring = this.memory.allocate(BUCKET * length)
    if (ring === null) return false
    for (let distance = this.distance; distance <= this.distance + this.mask; distance++) {
      const from = (distance & this.mask) * BUCKET
      const to = (distance & (length - 1)) * BUCKET
      for (let i = 0; i < BUCKET; i++) ring[to + i] = this.ring[from + i] as number
    }
    this.memory.free(this.ring)
    this.ring = ring
    this.mask = length - 1
    return true
  }
}
