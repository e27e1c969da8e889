/**
 * How somebody likes their lanes: in which order, which pinned to the top, which folded to a line. CPUs that it does not name stand behind those that it
 * does, in their own order, so that an arrangement fits any run of the scenario.
 */
import { fail, ok, type Result } from '../lib/result.ts'

export interface Arrangement {
  /** CPUs in the order wanted. */
  readonly order: readonly number[]
  readonly pinned: readonly number[]
  readonly collapsed: readonly number[]
}

export const AS_THEY_ARE: Arrangement = { order: [], pinned: [], collapsed: [] }

/** All CPUs from top to bottom: the pinned ones first. */
export function arranged(cpus: readonly number[], { order, pinned }: Arrangement): number[] {
  const rank = (cpu: number) => {
    const at = order.indexOf(cpu)
    return at < 0 ? order.length + cpus.indexOf(cpu) : at
  }
  const sorted = [...cpus].sort((a, b) => rank(a) - rank(b))
  return [...sorted.filter((cpu) => pinned.includes(cpu)), ...sorted.filter((cpu) => !pinned.includes(cpu))]
}

/** Moves a lane to another place among all, counted from the top; it stays among the pinned, or among the others. */
export function moved(cpus: readonly number[], arrangement: Arrangement, cpu: number, to: number): Arrangement {
  const present = arranged(cpus, arrangement)
  const pins = present.filter((each) => arrangement.pinned.includes(each)).length
  const [least, most] = arrangement.pinned.includes(cpu) ? [0, pins - 1] : [pins, present.length - 1]
  const others = present.filter((each) => each !== cpu)
  others.splice(Math.max(least, Math.min(most, to)), 0, cpu)
  return { ...arrangement, order: others }
}

export function togglePinned(arrangement: Arrangement, cpu: number): Arrangement {
  return { ...arrangement, pinned: toggled(arrangement.pinned, cpu) }
}

export function toggleCollapsed(arrangement: Arrangement, cpu: number): Arrangement {
  return { ...arrangement, collapsed: toggled(arrangement.collapsed, cpu) }
}

function toggled(list: readonly number[], cpu: number): number[] {
  return list.includes(cpu) ? list.filter((each) => each !== cpu) : [...list, cpu]
}

export function isPlain({ order, pinned, collapsed }: Arrangement): boolean {
  return pinned.length === 0 && collapsed.length === 0 && order.every((cpu, i) => i === 0 || cpu > (order[i - 1] as number))
}

/** "2,0,1;2;0": order, pinned, collapsed. */
export function writeArrangement({ order, pinned, collapsed }: Arrangement): string {
  return [order, pinned, collapsed].map((list) => list.join(',')).join(';')
}

export function readArrangement(text: string): Result<Arrangement> {
  const match = /^([\d,]*);([\d,]*);([\d,]*)$/.exec(text)
  if (match === null) return fail('an arrangement of lanes is three lists of CPUs')
  const [order, pinned, collapsed] = match.slice(1).map((list) => (list === '' ? [] : [...new Set(list.split(',').map(Number))])) as [
    number[],
    number[],
    number[],
  ]
  return ok({ order, pinned, collapsed })
}
