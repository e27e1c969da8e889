/**
 * `snoop`: a typical core whose instruction cache is coherent. Stale can only be what has been prefetched into the fetch window already: up to two aligned
 * windows along the predicted path, each read whole at the moment of its prefetch. `keep`: another CPU's store leaves a prefetched window as it is;
 * `nuke`: it throws the window away. Own stores, taken branches to elsewhere, events and serialising instructions clear what they make useless.
 *
 * The predicted path is what a predictor could guess: straight on, and both ways at a direct branch or call; it ends at returns, indirect branches
 * and other transfers. Only windows with hot bytes carry state, the others show what they always show.
 *
 * State of a CPU: two slots, by unit: number of the unit plus one (0: empty), its bytes.
 */
import { type FetchModel, type HotUnit, hotUnits, memoryOf } from './fetch-model.ts'
import { BOX_FETCH, RIP, STORE_COUNT } from './layout.ts'
import type { Machine } from './machine.ts'
import { type Path, pathFrom } from './predicted-path.ts'
import { overlayOwnStores } from './store-buffer.ts'

const SLOTS = 2

export function snoop(unitSize: number, remoteStore: 'keep' | 'nuke'): FetchModel {
  const queue = (m: Machine, cpu: number): Queue => new Queue(m, cpu, m.layout.fetchWords / SLOTS)
  const hereOf = (m: Machine): Path => pathFrom(m, unitSize, m.w[m.c + RIP] as number, m.w[m.c + RIP + 1] as number)
  const clear = (m: Machine) => {
    if (m.layout.fetchWords !== 0) queue(m, m.cpu).clear()
  }
  return {
    name: `snoop-${remoteStore}`,
    unitSize,
    words: (units) => (units.length === 0 ? 0 : SLOTS * (1 + ((units.reduce((most, unit) => Math.max(most, unit.length), 0) + 3) >> 2))),
    refresh: clear,
    entry: clear,
    rest: clear,
    commit(m, offset, size) {
      for (let cpu = 0; cpu < m.layout.cpus; cpu++) {
        if (cpu !== m.cpu && remoteStore === 'keep') continue
        queue(m, cpu).keep((index) => !touches(hotUnits(m.map, unitSize)[index] as HotUnit, offset, size))
      }
    },
    ownStore(m, offset, size) {
      queue(m, m.cpu).keep((index) => !touches(hotUnits(m.map, unitSize)[index] as HotUnit, offset, size))
    },
    options(m, unit) {
      return [{ bytes: queue(m, m.cpu).bytes(unit) ?? seen(m, unit), token: 0 }]
    },
    dependsOn(m) {
      const at = ((m.layout.boxes[m.cpu] as number) + BOX_FETCH) * 4
      return m.storeCount === 0 ? [at, at + m.layout.fetchWords * 4] : null
    },
    consume: () => {},
    moved(m, lo, hi, taken) {
      if (m.layout.fetchWords === 0) return
      const before = pathFrom(m, unitSize, lo, hi)
      const now = hereOf(m)
      if (before === now && !taken) return
      const queued = queue(m, m.cpu)
      const left = queued.keep((index) => now.units.includes(index) && !(taken && before.here.includes(index)))
      // What can be prefetched from here but could not before is a choice that others must be able to come in front of.
      if (left || now.units.some((index) => !before.units.includes(index))) m.visible = true
    },
    prefetches(m, into) {
      if (m.layout.fetchWords === 0) return
      const queued = queue(m, m.cpu)
      const { units } = hereOf(m)
      for (const [variant, index] of units.entries()) if (!queued.has(index)) into.push(variant)
    },
    prefetch(m, variant) {
      const path = hereOf(m)
      const index = path.units[variant] as number
      const unit = hotUnits(m.map, unitSize)[index] as HotUnit
      const queued = queue(m, m.cpu)
      // One predicted path at a time: another window ahead takes the place of the one that was guessed before.
      if (!path.here.includes(index)) queued.keep((other) => path.here.includes(other))
      queued.add(unit, seen(m, unit))
      return unit
    },
  }
}

function touches(unit: HotUnit, offset: number, size: number): boolean {
  return unit.first < offset + size && offset < unit.first + unit.length
}

/** What a fetch of this CPU reads now: memory, and its own stores that are still buffered. */
function seen(m: Machine, unit: HotUnit): Uint8Array {
  const bytes = memoryOf(m, unit)
  if (m.w[m.c + STORE_COUNT] !== 0) overlayOwnStores(m, unit.first, bytes)
  return bytes
}

/** The prefetched windows of one CPU, as they lie in the state: ascending, empty slots last. */
class Queue {
  private readonly m: Machine
  private readonly at: number
  private readonly slotWords: number

  constructor(m: Machine, cpu: number, slotWords: number) {
    this.m = m
    this.at = (m.layout.boxes[cpu] as number) + BOX_FETCH
    this.slotWords = slotWords
  }

  private slot(i: number): number {
    return this.at + i * this.slotWords
  }

  private find(index: number): number {
    for (let i = 0; i < SLOTS; i++) if (this.m.w[this.slot(i)] === index + 1) return this.slot(i)
    return -1
  }

  has(index: number): boolean {
    return this.find(index) >= 0
  }

  bytes(unit: HotUnit): Uint8Array | null {
    const slot = this.find(unit.index)
    return slot < 0 ? null : this.m.u8.slice((slot + 1) * 4, (slot + 1) * 4 + unit.length)
  }

  clear(): void {
    this.m.w.fill(0, this.at, this.at + SLOTS * this.slotWords)
  }

  /** Drops the windows that the test refuses; was there one? */
  keep(test: (index: number) => boolean): boolean {
    const { w } = this.m
    let dropped = false
    for (let i = SLOTS - 1; i >= 0; i--) {
      const slot = this.slot(i)
      if (w[slot] === 0 || test((w[slot] as number) - 1)) continue
      w.copyWithin(slot, slot + this.slotWords, this.slot(SLOTS))
      w.fill(0, this.slot(SLOTS - 1), this.slot(SLOTS))
      dropped = true
    }
    return dropped
  }

  add(unit: HotUnit, bytes: Uint8Array): void {
    const { w, u8 } = this.m
    // More windows than slots: sites of one window that no single unit holds. The highest makes room.
    if (w[this.slot(SLOTS - 1)] !== 0) w.fill(0, this.slot(SLOTS - 1), this.slot(SLOTS))
    let i = 0
    while (w[this.slot(i)] !== 0 && (w[this.slot(i)] as number) <= unit.index) i++
    const slot = this.slot(i)
    w.copyWithin(slot + this.slotWords, slot, this.slot(SLOTS - 1))
    w.fill(0, slot, slot + this.slotWords)
    w[slot] = unit.index + 1
    u8.set(bytes, (slot + 1) * 4)
  }
}
