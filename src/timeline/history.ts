/** What each step executed, in columns: enough to look back along one CPU's path without keeping its events. */

export const STORED = 1
export const LOADED = 2
export const CONDITIONAL = 4
export const PAUSED = 8

export class History {
  steps = 0
  /** The CPU that moved. */
  movers = new Uint8Array(1024)
  /** Number of the executed address (see `Places`), or -1: a drain or a delivery. */
  place = new Int32Array(1024)
  /** Number of the last address loaded from, or -1. */
  loaded = new Int32Array(1024)
  /** The step before this one at which the same CPU executed something, or -1. */
  previous = new Int32Array(1024)
  flags = new Uint8Array(1024)
  /** Steps before this one have stayed since somebody looked, who sets it. */
  kept = 0
  private readonly last: number[] = []

  append(cpu: number): number {
    const step = this.steps
    if (step === this.movers.length) this.grow(2 * step)
    this.movers[step] = cpu
    this.place[step] = -1
    this.loaded[step] = -1
    this.flags[step] = 0
    this.previous[step] = this.lastOf(cpu)
    this.steps++
    return step
  }

  execute(step: number, place: number, flags: number): void {
    this.place[step] = place
    this.flags[step] = flags
    this.last[this.movers[step] as number] = step
  }

  /** The last step at which this CPU executed something, or -1. */
  lastOf(cpu: number): number {
    return this.last[cpu] ?? -1
  }

  truncate(steps: number): void {
    this.steps = Math.min(this.steps, steps)
    this.kept = Math.min(this.kept, steps)
    for (let cpu = 0; cpu < this.last.length; cpu++) {
      let step = this.lastOf(cpu)
      while (step >= steps) step = this.previous[step] as number
      this.last[cpu] = step
    }
  }

  private grow(size: number): void {
    const wider = <T extends Uint8Array | Int32Array>(to: T, from: T): T => {
      to.set(from)
      return to
    }
    this.movers = wider(new Uint8Array(size), this.movers)
    this.flags = wider(new Uint8Array(size), this.flags)
    this.place = wider(new Int32Array(size), this.place)
    this.loaded = wider(new Int32Array(size), this.loaded)
    this.previous = wider(new Int32Array(size), this.previous)
  }
}
