/**
 * `amd`: what AMD documents (APM vol. 2, 7.6.1). Stores become visible to fetch in one order for all; a CPU reads its instruction stream forwards, so it
 * never sees an older value after a newer one; a naturally aligned quadword is read whole, but may be read again for the next instruction.
 *
 * State: a log of hot commits, newest last, and for each CPU its lag: how many of the newest it has not seen. A fetch reads unit by unit, left to right,
 * and may catch up before each. Serialising events, MFENCE, exception and interrupt entry, and the CPU's own stores bring it up to date; its own
 * buffered stores it sees at once. The log ends where the slowest CPU is, so equal situations are equal states.
 */
import { ModelStop } from './fault.ts'
import { type FetchModel, type HotUnit, memoryOf, unitsTouched } from './fetch-model.ts'
import { BOX_FETCH, STOP_FETCH_SET, STORE_COUNT } from './layout.ts'
import type { Machine } from './machine.ts'
import { overlayOwnStores } from './store-buffer.ts'

/** Commits that the slowest CPU may be behind: for few sites, as searches have them, and for many, which run but are not searched. */
const FEW = 16
const MANY = 4096
/** Words of an entry: offset, size, the bytes that it replaced (low, high). */
const ENTRY = 4
/** The lag of a CPU that will be brought up to date before it fetches again. */
const ASLEEP = -1

const NOTHING = [0, 0] as const

export function amd(unitSize: number): FetchModel {
  return {
    name: 'amd',
    unitSize,
    words: (units) => (units.length === 0 ? 0 : 1),
    sharedWords: (units) => (units.length === 0 ? 0 : 1 + (units.length <= 64 ? FEW : MANY) * ENTRY),
    refresh: (m) => setLag(m, 0),
    entry: (m) => setLag(m, 0),
    fence(m) {
      setLag(m, 0)
      return true
    },
    rest: (m) => setLag(m, ASLEEP),
    commit(m, offset, size, old, order) {
      const parts = order === 'together' ? [{ from: offset, end: offset + size }] : partsOf(m, unitSize, offset, size)
      if (order === 'upper first') parts.reverse()
      for (const { from, end } of parts) append(m, from, end - from, old.subarray(from - offset))
      if (lagOf(m, m.cpu) !== ASLEEP) setLag(m, 0)
      else trim(m)
    },
    orders(m, offset, size) {
      return unitsTouched(m.map, unitSize, offset, size).length > 1 ? 2 : 1
    },
    options(m, unit, token) {
      const most = token < 0 ? lagOf(m, m.cpu) : token
      const value = memoryOf(m, unit)
      const options: { bytes: Uint8Array; token: number }[] = []
      // From memory as it is back to the oldest value that this CPU may still see.
      let touched = true
      for (let lag = 0; ; lag++) {
        if (touched) {
          const bytes = value.slice()
          if (m.w[m.c + STORE_COUNT] !== 0) overlayOwnStores(m, unit.first, bytes)
          const known = options.findIndex((option) => option.bytes.every((byte, i) => byte === bytes[i]))
          if (known >= 0) options.splice(known, 1)
          options.unshift({ bytes, token: lag })
        } else (options[0] as { token: number }).token = lag // nothing of this unit: the same bytes, from longer ago
        if (lag >= most) return options
        touched = undo(m, lag, unit, value)
      }
    },
    dependsOn: (m) => (lagOf(m, m.cpu) === 0 && m.storeCount === 0 ? NOTHING : null),
    consume: (m, token) => setLag(m, token),
  }
}

function partsOf(m: Machine, unitSize: number, offset: number, size: number): { from: number; end: number }[] {
  return unitsTouched(m.map, unitSize, offset, size).map((unit) => ({
    from: Math.max(offset, unit.first),
    end: Math.min(offset + size, unit.first + unit.length),
  }))
}

function lagOf(m: Machine, cpu: number): number {
  return m.w[(m.layout.boxes[cpu] as number) + BOX_FETCH] as number
}

function setLag(m: Machine, lag: number): void {
  if (m.layout.fetchWords === 0) return
  m.w[(m.layout.boxes[m.cpu] as number) + BOX_FETCH] = lag
  trim(m)
}

/** Notes a commit for all: memory holds the new bytes already. A commit that changes nothing is none. */
function append(m: Machine, offset: number, size: number, old: Uint8Array): void {
  const { w, u8, layout } = m
  const base = layout.sharedMemory * 4 + offset
  let changed = false
  for (let i = 0; i < size; i++) changed ||= u8[base + i] !== old[i]
  if (!changed) return
  const count = w[layout.fetchShared] as number
  const capacity = (layout.fetchSharedWords - 1) / ENTRY
  if (count === capacity) throw new ModelStop(STOP_FETCH_SET, `a CPU is more than ${capacity} stores to hot text behind`)
  const at = layout.fetchShared + 1 + count * ENTRY
  w[at] = offset
  w[at + 1] = size
  for (let i = 0; i < size; i++) u8[(at + 2) * 4 + i] = old[i] as number
  w[layout.fetchShared] = count + 1
  for (let cpu = 0; cpu < layout.cpus; cpu++) {
    const lag = (layout.boxes[cpu] as number) + BOX_FETCH
    if (w[lag] !== ASLEEP) w[lag] = (w[lag] as number) + 1
  }
}

/** Drops the entries that every CPU has seen. */
function trim(m: Machine): void {
  const { w, layout } = m
  let slowest = 0
  for (let cpu = 0; cpu < layout.cpus; cpu++) slowest = Math.max(slowest, lagOf(m, cpu))
  const count = w[layout.fetchShared] as number
  if (count === slowest) return
  const at = layout.fetchShared + 1
  w.copyWithin(at, at + (count - slowest) * ENTRY, at + count * ENTRY)
  w.fill(0, at + slowest * ENTRY, at + count * ENTRY)
  w[layout.fetchShared] = slowest
}

/** Takes the effect of the entry that is `back` from the newest out of the bytes of a unit; was there one? */
function undo(m: Machine, back: number, unit: HotUnit, value: Uint8Array): boolean {
  const { w, u8, layout } = m
  const at = layout.fetchShared + 1 + ((w[layout.fetchShared] as number) - 1 - back) * ENTRY
  const start = (w[at] as number) - unit.first
  const size = w[at + 1] as number
  if (start + size <= 0 || start >= value.length) return false
  for (let i = 0; i < size; i++) if (start + i >= 0 && start + i < value.length) value[start + i] = u8[(at + 2) * 4 + i] as number
  return true
}
