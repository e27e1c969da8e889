/**
 * A hash table of (entry, hash) pairs that never has to be rebuilt as a whole: a search of millions of states must go on hearing messages meanwhile, and
 * have no room for two tables. The first bits of a hash choose a segment, which is a table of its own with linear probing; a segment doubles until it is
 * large, and then splits in two (extendible hashing). Entries are counted from 1; 0 is none. The hot loop over a segment is in the hands of who uses it.
 */
import { loadLimit } from './components.ts'
import type { Memory } from './memory.ts'

const FIRST_SLOTS = 256
/** Slots of a segment that splits: moving one takes about a millisecond. */
const MOST_SLOTS = 1 << 16
/** Bits of the hash that choose a segment, at most: the directory has an entry for each of their values. */
const MOST_DEPTH = 16

/** Words behind the slots of a segment: how many entries it has, how many it may have, and how many bits of the hash are common to them. */
const TAIL = 3
const MOST = 2
const DEPTH = 1

export class Segments {
  /** By the first bits of the hash; a segment stands here as often as there are values of the bits that it does not look at. */
  directory: Int32Array[]
  /** `directory[hash >>> shift]` */
  shift = 31
  bytes = 0
  private readonly memory: Memory

  constructor(memory: Memory) {
    this.memory = memory
    this.directory = [0, 1].map(() => this.account(memory.insist(2 * FIRST_SLOTS + TAIL), 1))
  }

  /** Is there room for an entry with this hash? */
  hasRoom(hash: number): boolean {
    const segment = this.directory[hash >>> this.shift] as Int32Array
    return (segment[segment.length - TAIL] as number) < (segment[segment.length - MOST] as number)
  }

  /** Makes room for an entry with this hash; false where memory does not allow it. */
  reserve(hash: number): boolean {
    while (!this.hasRoom(hash)) {
      const segment = this.directory[hash >>> this.shift] as Int32Array
      const slots = slotsOf(segment)
      const grown = slots < MOST_SLOTS || depthOf(segment) === MOST_DEPTH ? this.double(segment, hash) : this.split(segment, hash)
      if (grown) continue
      // One that may not grow still works while an eighth of it is free, only slower.
      segment[segment.length - MOST] = slots - (slots >> 3)
      return this.hasRoom(hash)
    }
    return true
  }

  dispose(): void {
    for (const segment of new Set(this.directory)) this.memory.free(segment)
    this.directory = []
    this.bytes = 0
  }

  private double(segment: Int32Array, hash: number): boolean {
    const depth = depthOf(segment)
    const larger = this.memory.allocate(4 * slotsOf(segment) + TAIL)
    if (larger === null) return false
    this.account(larger, depth)
    move(segment, () => larger)
    this.put(hash, depth, larger)
    this.release(segment)
    return true
  }

  private split(segment: Int32Array, hash: number): boolean {
    const depth = depthOf(segment)
    const halves = [0, 1].map(() => this.memory.allocate(segment.length))
    const [low, high] = halves
    if (low === null || low === undefined || high === null || high === undefined) {
      for (const half of halves) if (half !== null) this.memory.free(half)
      return false
    }
    if (depth === 32 - this.shift) {
      this.directory = this.directory.flatMap((each) => [each, each])
      this.shift--
    }
    const bit = 1 << (31 - depth)
    for (const half of [low, high]) this.account(half, depth + 1)
    move(segment, (other) => ((other & bit) === 0 ? low : high))
    this.put(hash & ~bit, depth + 1, low)
    this.put(hash | bit, depth + 1, high)
    this.release(segment)
    return true
  }

  /** Enters a segment for all hashes that begin with the first `depth` bits of this one. */
  private put(hash: number, depth: number, segment: Int32Array): void {
    const copies = 2 ** (32 - this.shift - depth)
    const first = ((hash >>> this.shift) & -copies) >>> 0
    for (let i = 0; i < copies; i++) this.directory[first + i] = segment
  }

  private account(segment: Int32Array, depth: number): Int32Array {
    segment[segment.length - MOST] = loadLimit(slotsOf(segment))
    segment[segment.length - DEPTH] = depth
    this.bytes += segment.byteLength
    return segment
  }

  private release(segment: Int32Array): void {
    this.memory.free(segment)
    this.bytes -= segment.byteLength
  }
}

/** Notes an entry in the vacant slot where looking for it ended. */
export function enter(segment: Int32Array, slot: number, entry: number, hash: number): void {
  segment[2 * slot] = entry
  segment[2 * slot + 1] = hash
  segment[segment.length - TAIL] = (segment[segment.length - TAIL] as number) + 1
}

/** A power of two. */
export function slotsOf(segment: Int32Array): number {
  return (segment.length - TAIL) >> 1
}

function depthOf(segment: Int32Array): number {
  return segment[segment.length - DEPTH] as number
}

function move(from: Int32Array, target: (hash: number) => Int32Array): void {
  const end = 2 * slotsOf(from)
  for (let at = 0; at < end; at += 2) {
    const entry = from[at] as number
    if (entry === 0) continue
    const hash = from[at + 1] as number
    const into = target(hash)
    const mask = slotsOf(into) - 1
    let slot = hash & mask
    while (into[2 * slot] !== 0) slot = (slot + 1) & mask
    enter(into, slot, entry, hash)
  }
}
