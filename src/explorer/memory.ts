/**
 * One account of the bytes of all typed arrays that a search holds, against one cap. Every array is asked for here, so a cap is obeyed
 * even at the moment of growth, when the old array and the new one exist side by side.
 */

/** Above this many words an array grows by half instead of doubling: a copy of a gigabyte must not need two more. */
const GENTLE = 1 << 24

export class Memory {
  /** Bytes of all arrays in use. */
  bytes = 0
  /** The most that `bytes` ever was. */
  peak = 0
  limit: number
  /** Frees what can be computed again (the memo of outcomes); called before a request is refused. */
  relieve: () => void = () => {}

  constructor(limit: number) {
    this.limit = limit
  }

  fits(bytes: number): boolean {
    return this.bytes + bytes <= this.limit
  }

  /** A zeroed array, or null where the cap (or the engine) does not allow one. */
  allocate(words: number): Int32Array | null {
    if (!this.fits(4 * words)) this.relieve()
    return this.tryAllocate(words)
  }

  /** As `allocate`, but nobody has to give way. */
  tryAllocate(words: number): Int32Array | null {
    return this.fits(4 * words) ? this.create(words) : null
  }

  /** As `allocate`, cap or no cap: for the few small arrays without which nothing works at all. */
  insist(words: number): Int32Array {
    const array = this.create(words)
    if (array === null) throw new RangeError(`no memory for ${4 * words} bytes`)
    return array
  }

  free(array: Int32Array): void {
    this.bytes -= array.byteLength
  }

  /** Something of this size is held that is no typed array (the names of outcomes). */
  charge(bytes: number): void {
    this.bytes += bytes
    if (this.bytes > this.peak) this.peak = this.bytes
  }

  /**
   * A copy of `array` with room for at least `words` words, as generous as the cap allows; `array` is given up. Null (and `array`
   * stays) where not even the least growth fits. Nobody has to give way while a modest growth is possible.
   */
  grow(array: Int32Array, words: number): Int32Array | null {
    const lengths = (array.length < GENTLE ? [2, 1.5, 1.125] : [1.5, 1.25, 1.125]).map((factor) => Math.max(words, Math.ceil(array.length * factor)))
    let larger: Int32Array | null = null
    for (const length of lengths) larger ??= this.tryAllocate(length)
    if (larger === null) this.relieve()
    for (const length of lengths) larger ??= this.tryAllocate(length)
    if (larger === null) return null
    larger.set(array)
    this.free(array)
    return larger
  }

  private create(words: number): Int32Array | null {
    let array: Int32Array
    try {
      array = new Int32Array(words)
    } catch {
      return null // an engine's own limit is a bound like any other
    }
    this.charge(array.byteLength)
    return array
  }
}
