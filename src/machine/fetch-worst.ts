/**
 * `worst`: what Intel's manual leaves open (SDM vol. 3A 8.1.3, 11.6). Each unit of a fetch shows, independently, the value that it had when this CPU last
 * serialised, or any value committed since, by whomever. With U = 1 this is the strict reading; larger units are the fetch-block readings.
 * Exception entry refreshes nothing, IRET does; a taken branch refreshes nothing either (the manual offers a jump only to code that modifies itself).
 *
 * State of a CPU: the range of units that are not clean, then for each unit the number of its values and the values in ascending order. A clean unit (it
 * shows what memory holds) is all zero, so a refresh costs what has changed and equal situations are equal states.
 */
import { ModelStop } from './fault.ts'
import { type FetchModel, type HotUnit, hotUnits, memoryOf, unitsTouched } from './fetch-model.ts'
import { BOX_FETCH, STOP_FETCH_SET } from './layout.ts'
import type { Machine } from './machine.ts'

/** Words before the units: the first unit that may be unclean plus one (0: none), and the one after the last. */
const HEADER = 2

export function worst(unitSize: number): FetchModel {
  // A byte has few values in any protocol; a block has more, since several sites may lie in it.
  const capacity = unitSize === 1 ? 6 : 12
  const stateAt = (m: Machine, cpu: number, unit: HotUnit) =>
    ((m.layout.boxes[cpu] as number) + BOX_FETCH + HEADER) * 4 + unit.index + unit.first * capacity
  return {
    name: 'worst',
    unitSize,
    words(units) {
      const last = units[units.length - 1]
      return last === undefined ? 0 : HEADER + ((units.length + (last.first + last.length) * capacity + 3) >> 2)
    },
    refresh(m) {
      if (m.layout.fetchWords === 0) return
      const header = (m.layout.boxes[m.cpu] as number) + BOX_FETCH
      const from = m.w[header] as number
      if (from === 0) return
      const units = hotUnits(m.map, unitSize)
      const first = units[from - 1] as HotUnit
      const last = units[(m.w[header + 1] as number) - 1] as HotUnit
      m.u8.fill(0, stateAt(m, m.cpu, first), stateAt(m, m.cpu, last) + 1 + capacity * last.length)
      m.w[header] = 0
      m.w[header + 1] = 0
    },
    commit(m, offset, size, old) {
      const base = m.layout.sharedMemory * 4
      for (const unit of unitsTouched(m.map, unitSize, offset, size)) {
        const value = memoryOf(m, unit)
        const before = value.slice()
        let same = true
        for (let i = Math.max(offset, unit.first); i < Math.min(offset + size, unit.first + unit.length); i++) {
          before[i - unit.first] = old[i - offset] as number
          same &&= m.u8[base + i] === old[i - offset]
        }
        if (same) continue
        for (let cpu = 0; cpu < m.layout.cpus; cpu++) {
          const at = stateAt(m, cpu, unit)
          if (m.u8[at] === 0) {
            m.u8[at] = 1
            m.u8.set(before, at + 1)
            widen(m, cpu, unit.index)
          }
          insert(m.u8, at, unit.length, value, capacity)
        }
      }
    },
    options(m, unit) {
      const at = stateAt(m, m.cpu, unit)
      const count = m.u8[at] as number
      if (count === 0) return [{ bytes: memoryOf(m, unit), token: 0 }]
      return Array.from({ length: count }, (_, i) => ({ bytes: m.u8.slice(at + 1 + i * unit.length, at + 1 + (i + 1) * unit.length), token: 0 }))
    },
    dependsOn(m, first, last) {
      return [stateAt(m, m.cpu, first), stateAt(m, m.cpu, last) + 1 + capacity * last.length]
    },
    consume: () => {},
  }
}

function widen(m: Machine, cpu: number, index: number): void {
  const header = (m.layout.boxes[cpu] as number) + BOX_FETCH
  const from = m.w[header] as number
  m.w[header] = from === 0 ? index + 1 : Math.min(from, index + 1)
  m.w[header + 1] = Math.max(m.w[header + 1] as number, index + 1)
}

/** Adds a value to a sorted set: [count, value, value, …]. */
function insert(u8: Uint8Array, at: number, length: number, value: Uint8Array, capacity: number): void {
  const count = u8[at] as number
  let place = at + 1
  for (let i = 0; i < count; i++, place += length) {
    const order = compare(u8, place, value)
    if (order === 0) return
    if (order > 0) break
  }
  if (count === capacity) throw new ModelStop(STOP_FETCH_SET, `more than ${capacity} values of one fetch unit since a CPU last serialised`)
  u8.copyWithin(place + length, place, at + 1 + count * length)
  u8.set(value, place)
  u8[at] = count + 1
}

function compare(u8: Uint8Array, at: number, value: Uint8Array): number {
  for (let i = 0; i < value.length; i++) {
    const difference = (u8[at + i] as number) - (value[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}
