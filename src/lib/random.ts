/**
 * A seeded generator (xorshift128, Marsaglia 2003; seeded by splitmix32). The only source of randomness in the pure layers, so a
 * property test or a seeded scheduler can be repeated from the seed that it prints.
 */
export class Random {
  private a: number
  private b: number
  private c: number
  private d: number
  readonly seed: number

  constructor(seed: number) {
    this.seed = seed
    let s = seed | 0
    const next = () => {
      s = (s + 0x9e3779b9) | 0
      let z = s
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
      return z ^ (z >>> 16)
    }
    this.a = next()
    this.b = next()
    this.c = next()
    this.d = next() | 1
  }

  /** 32 random bits, as a signed integer. */
  bits(): number {
    let t = this.d
    const s = this.a
    this.d = this.c
    this.c = this.b
    this.b = s
    t ^= t << 11
    t ^= t >>> 8
    this.a = t ^ s ^ (s >>> 19)
    return this.a | 0
  }

  /** An integer in [0, bound). `bound` is at most 2^31. */
  below(bound: number): number {
    return Math.floor(((this.bits() >>> 0) / 0x1_0000_0000) * bound)
  }

  /** Where the sequence stands, to go on from there later. */
  save(): Int32Array {
    return Int32Array.of(this.a, this.b, this.c, this.d)
  }

  restore(saved: Int32Array): void {
    this.a = saved[0] as number
    this.b = saved[1] as number
    this.c = saved[2] as number
    this.d = saved[3] as number
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }
}
