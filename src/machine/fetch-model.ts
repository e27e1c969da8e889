/**
 * What a fetch model is: which values may the bytes that a patcher writes show to a CPU that executes them? (docs/fetch-models.md)
 *
 * Cold text never changes. Only *hot* bytes carry fetch state, cut into units of U bytes that are fetched whole. A model keeps its state in words of the
 * packed state, for each CPU and in common; it is told what happens through the hooks below, each called with that CPU selected.
 */

import { joinHalves } from '../lib/u64.ts'
import type { Machine } from './machine.ts'
import type { HotRange, MemoryMap } from './memory-map.ts'
import type { CommitOrder } from './store-buffer.ts'

/** What a unit may show, with a token that the model passes on to the next unit of the same fetch (left to right). */
export interface UnitOption {
  readonly bytes: Uint8Array
  readonly token: number
}

export interface FetchModel {
  readonly name: string
  /** Bytes that are fetched whole: 1, 8, 16, 32 or 64. */
  readonly unitSize: number
  /** Words of fetch state a CPU needs. */
  words(units: readonly HotUnit[]): number
  /** Words of fetch state that all CPUs have in common (left out: none). */
  sharedWords?(units: readonly HotUnit[]): number
  /** Nothing is stale: at the start, and after a serialising event of the selected CPU. */
  refresh(m: Machine): void
  /** Bytes of hot memory have become visible, written by the selected CPU; `old`: what was there before. Notes them for every CPU. */
  commit(m: Machine, offset: number, size: number, old: Uint8Array, order: CommitOrder): void
  /** The values that unit may show to the selected CPU, each once; where several tokens show the same, the one that leaves most open. `token` is -1 at first. */
  options(m: Machine, unit: HotUnit, token: number): readonly UnitOption[]
  /**
   * The bytes of the state (from, to) that `options` of the units `first` to `last` depend on, besides memory; null where there is more to it. Lets
   * a fetch be remembered (left out: never).
   */
  dependsOn?(m: Machine, first: HotUnit, last: HotUnit): readonly [from: number, to: number] | null
  /** Does fetch show the selected CPU exactly what memory holds now, with token 0? (left out: no) */
  showsMemory?(m: Machine): boolean
  /** The selected CPU took a variant with this token. */
  consume(m: Machine, token: number): void
  /** How many orders are there in which fetch can see the units of this store, which is to become visible? (left out: 1) */
  orders?(m: Machine, offset: number, size: number): 1 | 2
  /** A store of hot bytes entered the selected CPU's own buffer. */
  ownStore?(m: Machine, offset: number, size: number): void
  /** An exception or interrupt has been delivered. */
  entry?(m: Machine): void
  /** MFENCE. True where it refreshed fetch. */
  fence?(m: Machine): boolean
  /** The selected CPU executes nothing more before its next entry (HLT), or for ever (a stop). */
  rest?(m: Machine): void
  /** An instruction at lo:hi has retired, and RIP has moved; `taken`: not to the next instruction. */
  moved?(m: Machine, lo: number, hi: number, taken: boolean): void
  /** Prefetches that the selected CPU can do now, as variants for `prefetch`. */
  prefetches?(m: Machine, into: number[]): void
  /** Does one; returns the unit that was read. */
  prefetch?(m: Machine, variant: number): HotUnit
}

/** The hot bytes of one aligned block of `unitSize` bytes. `first`: index of its first byte among all hot bytes; there may be cold bytes between them. */
export interface HotUnit {
  readonly index: number
  readonly first: number
  readonly length: number
  /** Address of the block. */
  readonly lo: number
  readonly hi: number
}

interface Units {
  readonly list: readonly HotUnit[]
  /** The unit of each hot byte. */
  readonly of: readonly HotUnit[]
  /** Units by the address of their block. */
  readonly at: ReadonlyMap<bigint, readonly HotUnit[]>
}

const unitsOf = new WeakMap<MemoryMap, Map<number, Units>>()

/** The units of a memory map, in the order of hot bytes. */
export function hotUnits(map: MemoryMap, unitSize: number): readonly HotUnit[] {
  return units(map, unitSize).list
}

/** The unit that holds hot byte `index`. */
export function unitAt(map: MemoryMap, unitSize: number, index: number): HotUnit {
  return units(map, unitSize).of[index] as HotUnit
}

/** The units of the block at this address. */
export function unitsOfBlock(map: MemoryMap, unitSize: number, address: bigint): readonly HotUnit[] {
  return units(map, unitSize).at.get(address) ?? []
}

function units(map: MemoryMap, unitSize: number): Units {
  let bySize = unitsOf.get(map)
  if (bySize === undefined) unitsOf.set(map, (bySize = new Map()))
  let found = bySize.get(unitSize)
  if (found === undefined) bySize.set(unitSize, (found = cut(map.hot, unitSize)))
  return found
}

function cut(ranges: readonly HotRange[], unitSize: number): Units {
  const list: { index: number; first: number; length: number; lo: number; hi: number }[] = []
  for (const range of ranges) {
    for (let at = 0; at < range.length; ) {
      const start = (range.lo >>> 0) + at
      const lo = (start - (start % unitSize)) | 0
      const length = Math.min(range.length - at, unitSize - (start % unitSize))
      const last = list[list.length - 1]
      // Ranges of one block are one unit: it is fetched whole.
      if (last !== undefined && last.lo === lo && last.hi === range.hi) last.length += length
      else list.push({ index: list.length, first: range.first + at, length, lo, hi: range.hi })
      at += length
    }
  }
  const of: HotUnit[] = []
  const at = new Map<bigint, HotUnit[]>()
  for (const unit of list) {
    for (let i = 0; i < unit.length; i++) of.push(unit)
    const block = joinHalves(unit.lo, unit.hi)
    at.set(block, [...(at.get(block) ?? []), unit])
  }
  return { list, of, at }
}

/** The units that hold any of these hot bytes, lower first. */
export function unitsTouched(map: MemoryMap, unitSize: number, offset: number, size: number): HotUnit[] {
  const touched: HotUnit[] = []
  for (let index = offset; index < offset + size; ) {
    const unit = unitAt(map, unitSize, index)
    touched.push(unit)
    index = unit.first + unit.length
  }
  return touched
}

/** What memory holds of a unit. */
export function memoryOf(m: Machine, unit: HotUnit): Uint8Array {
  const at = m.layout.sharedMemory * 4 + unit.first
  return m.u8.slice(at, at + unit.length)
}
