/**
 * The highest rank in any stretch of a long list, without looking at each item: level k holds the maximum of 16 entries of level k − 1. So that a torn
 * instruction among a million steps is never lost between pixels.
 */

const SHIFT = 4
const BLOCK = 1 << SHIFT

/** Grows at its end; what is there never changes. */
export class Pyramid {
  /** With room to grow: entries behind the end are 0. */
  private readonly levels: Uint8Array[] = [new Uint8Array(BLOCK)]
  length = 0

  constructor(ranks: Iterable<number> = []) {
    for (const rank of ranks) this.push(rank)
  }

  push(rank: number): void {
    const index = this.length++
    for (let k = 0; ; k++) {
      const at = index >> (SHIFT * k)
      let level = this.levels[k]
      if (level === undefined) {
        level = new Uint8Array(BLOCK)
        // The first block of the level below is full, and this is its summary.
        level[0] = (this.levels[k - 1] as Uint8Array).subarray(0, BLOCK).reduce((high, each) => Math.max(high, each), 0)
        this.levels.push(level)
      } else if (at >= level.length) {
        const wider = new Uint8Array(2 * level.length)
        wider.set(level)
        level = wider
        this.levels[k] = level
      }
      if (rank > (level[at] as number)) level[at] = rank
      if (at < BLOCK) break
    }
  }

  at(index: number): number {
    return (this.levels[0] as Uint8Array)[index] as number
  }

  /** The highest rank among [from, to); 0 where that is empty. */
  max(from: number, to: number): number {
    let highest = 0
    let low = from
    let high = to
    for (let k = 0; low < high; k++) {
      const level = this.levels[k] as Uint8Array
      const last = k === this.levels.length - 1
      while (low < high && (last || (low & (BLOCK - 1)) !== 0)) {
        const rank = level[low++] as number
        if (rank > highest) highest = rank
      }
      while (low < high && (high & (BLOCK - 1)) !== 0) {
        const rank = level[--high] as number
        if (rank > highest) highest = rank
      }
      low >>= SHIFT
      high >>= SHIFT
    }
    return highest
  }

  /** The first index in [from, to) whose rank is at least `rank`, or -1. */
  first(from: number, to: number, rank: number): number {
    const ranks = this.levels[0] as Uint8Array
    for (let i = from; i < to; ) {
      // Climb over whole blocks that hold nothing high enough.
      let k = 0
      while (
        k + 1 < this.levels.length &&
        (i & ((1 << (SHIFT * (k + 1))) - 1)) === 0 &&
        ((this.levels[k + 1] as Uint8Array)[i >> (SHIFT * (k + 1))] as number) < rank
      )
        k++
      if (k > 0) i += 1 << (SHIFT * k)
      else if ((ranks[i] as number) >= rank) return i
      else i++
    }
    return -1
  }
}

/** The first index of an ascending list whose value is at least `value` (its length where there is none). */
export function lowerBound(values: Int32Array, value: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((values[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** The same from index `from` on, quick where the answer is near. */
export function lowerBoundFrom(values: Int32Array, from: number, value: number): number {
  let low = from
  let stride = 1
  while (low + stride < values.length && (values[low + stride] as number) < value) {
    low += stride
    stride *= 2
  }
  let high = Math.min(values.length, low + stride)
  while (low < high) {
    const middle = (low + high) >> 1
    if ((values[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** The first index whose value is greater than `value`. */
export function upperBound(values: Int32Array, value: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((values[middle] as number) <= value) low = middle + 1
    else high = middle
  }
  return low
}
