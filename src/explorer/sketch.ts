/**
 * How many distinct states have several searches seen together? Each keeps the least of its fingerprints; the least of all of them together say how densely
 * the fingerprints lie, and so how many there are (K minimum values; Bar-Yossef and others 2002). Exact below K, else within some percent.
 */

export const SKETCH_SIZE = 1024

/** Fingerprints as fractions of their range, 53 bits of them: enough to order and to tell apart. */
export class Sketch {
  private values: number[] = []
  private greatest = Number.POSITIVE_INFINITY

  add(lo: number, hi: number): void {
    const value = (hi >>> 0) * 2 ** -32 + (lo >>> 11) * 2 ** -53
    if (value >= this.greatest) return
    this.values.push(value)
    if (this.values.length >= 4 * SKETCH_SIZE) this.settle()
  }

  /** The least ones in ascending order, without repetition. */
  least(): readonly number[] {
    this.settle()
    return this.values
  }

  private settle(): void {
    this.values = leastOf([this.values])
    if (this.values.length === SKETCH_SIZE) this.greatest = this.values[SKETCH_SIZE - 1] as number
  }
}

export function leastOf(sketches: readonly (readonly number[])[]): number[] {
  return [...new Set(sketches.flat())].sort((a, b) => a - b).slice(0, SKETCH_SIZE)
}

/** The number of distinct states behind these least values. */
export function estimate(least: readonly number[]): number {
  if (least.length < SKETCH_SIZE) return least.length
  return Math.round((SKETCH_SIZE - 1) / (least[SKETCH_SIZE - 1] as number))
}
