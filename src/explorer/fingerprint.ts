/**
 * 64-bit fingerprints of states, from what their components hold and not from the order in which a search met them: two searches of one model give one state the
 * same fingerprint. For hash compaction, for counting what several searches have seen together, and for dealing states out among owners.
 */
import { mix } from '../lib/hash.ts'
import type { Space } from './space.ts'
import { ENDED } from './tuples.ts'

const FIRST_ROWS = 1024

export class Fingerprints {
  /** Of the tuple last given to `of`. */
  lo = 0
  hi = 0
  private readonly space: Space
  /** For each place, two words for each component; how many are computed. */
  private readonly parts: Int32Array[]
  private readonly known: number[]
  private readonly scratch: Int32Array

  constructor(space: Space) {
    this.space = space
    this.parts = space.components.map(() => space.memory.insist(2 * FIRST_ROWS))
    this.known = space.components.map(() => 0)
    this.scratch = new Int32Array(Math.max(...space.components.map(({ width }) => width)))
  }

  /** Leaves the fingerprint in `lo` and `hi`; never 0 in both. False where memory ran out. */
  of(tuple: Int32Array): boolean {
    const places = this.parts.length
    let lo = 0x2545f491
    let hi = 0x4f6cdd1d
    for (let place = 0; place < places; place++) {
      const word = tuple[place] as number
      const index = word & ~ENDED
      if (index >= (this.known[place] as number) && !this.extend(place, index)) return false
      const part = this.parts[place] as Int32Array
      lo = mix(Math.imul(lo, 0x9e3779b1) ^ (part[2 * index] as number) ^ (word & ENDED))
      hi = mix(Math.imul(hi, 0x85ebca77) ^ (part[2 * index + 1] as number) ^ (lo >>> 7) ^ (word & ENDED))
    }
    this.lo = lo === 0 && hi === 0 ? 1 : lo
    this.hi = hi
    return true
  }

  /** How many components stand behind the fingerprints: their hashes can collide as well. */
  get components(): number {
    return this.known.reduce((sum, count) => sum + count, 0)
  }

  private extend(place: number, index: number): boolean {
    let part = this.parts[place] as Int32Array
    if (2 * index + 2 > part.length) {
      const larger = this.space.memory.grow(part, 2 * index + 2)
      if (larger === null) return false
      this.parts[place] = larger
      part = larger
    }
    const components = this.space.components[place] as Space['components'][number]
    for (let i = this.known[place] as number; i <= index; i++) {
      components.load(i, this.scratch, 0)
      let a = mix(0x1b873593 + place)
      let b = mix(0x3c6ef372 - place)
      for (let w = 0; w < components.width; w++) {
        const word = this.scratch[w] as number
        a = Math.imul(a ^ word, 0xcc9e2d51)
        a ^= a >>> 15
        b = Math.imul(b + word, 0xc2b2ae35) ^ w
        b ^= b >>> 13
      }
      part[2 * i] = mix(a)
      part[2 * i + 1] = mix(b ^ Math.imul(a, 0x27d4eb2f))
    }
    this.known[place] = index + 1
    return true
  }
}
