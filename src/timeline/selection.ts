/** One thing that somebody looks at: an event, a stretch, some bytes. Everything that shows it too (bytes, code, stack words) goes by step, CPU and address. */
import type { DrawnArrow } from './arrows.ts'
import type { Hit } from './hit.ts'
import type { Arrow, Mark, Span, TimelineData } from './model.ts'
import type { Found } from './search.ts'

export interface Selection {
  readonly kind: 'mark' | 'span' | 'arrow' | 'step' | 'bytes' | 'area'
  /** Index into its list of the picture; -1 for what is in none. */
  readonly item: number
  /** Steps [from, to) that it covers, counted from 0; null for bytes. */
  readonly from: number | null
  readonly to: number | null
  /** Who did it; for bytes, as whom they were looked at; null for nobody. */
  readonly cpu: number | null
  /** "0xffffffff81001000": the bytes, or what was executed. */
  readonly address: string | null
  readonly size: number
}

export function markSelection(data: TimelineData, item: number): Selection {
  const { cpu, step, place = -1, bytes = '' } = data.marks[item] as Mark
  const own = place < 0 ? (data.executed?.[step] ?? -1) : place
  return { kind: 'mark', item, from: step, to: step + 1, cpu, address: addressOf(data, own), size: Math.max(1, bytes.length >> 1) }
}

export function spanSelection(data: TimelineData, item: number): Selection {
  const { cpu, start, end } = data.spans[item] as Span
  return { kind: 'span', item, from: start, to: end, cpu, address: executedBy(data, cpu, start), size: 1 }
}

/** Of an arrow, its earlier end's address: of a missed store, what was stored. */
export function arrowSelection(data: TimelineData, item: number): Selection {
  const { fromCpu, fromStep, toStep } = data.arrows[item] as Arrow
  const mark = marksAt(data, fromStep, fromCpu).find((each) => ((data.marks[each] as Mark).place ?? -1) >= 0)
  const { address, size } = mark === undefined ? { address: null, size: 0 } : markSelection(data, mark)
  return { kind: 'arrow', item, from: fromStep, to: (toStep ?? data.steps - 1) + 1, cpu: fromCpu, address, size }
}

export function stepSelection(data: TimelineData, step: number): Selection {
  const place = data.executed?.[step] ?? -1
  return { kind: 'step', item: step, from: step, to: step + 1, cpu: data.movers[step] ?? null, address: addressOf(data, place), size: 1 }
}

export function bytesSelection(address: string, size: number, cpu: number | null = null): Selection {
  return { kind: 'bytes', item: -1, from: null, to: null, cpu, address, size }
}

export function areaSelection(from: number, to: number): Selection {
  return { kind: 'area', item: -1, from: Math.min(from, to), to: Math.max(from, to), cpu: null, address: null, size: 0 }
}

export function foundSelection(data: TimelineData, { list, item }: Found): Selection {
  if (list === 'mark') return markSelection(data, item)
  if (list === 'span') return spanSelection(data, item)
  if (list === 'phase') return areaSelection(data.phases[item]?.start ?? 0, data.phases[item]?.end ?? 0)
  return list === 'arrow' ? arrowSelection(data, item) : stepSelection(data, item)
}

/** What lies under the pointer, where it is one thing. */
export function hitSelection(data: TimelineData, { target }: Hit): Selection | null {
  if (target === null) return null
  if (target.kind === 'mark') return markSelection(data, target.mark.item)
  if (target.kind === 'span') return spanSelection(data, target.span.item)
  return arrowSelection(data, (target.arrow satisfies DrawnArrow).item)
}

/** Where the cursor stands to see it: behind the step that it begins with, or where an arrow has arrived. null for bytes. */
export function cursorOf({ from, to, kind }: Selection): number | null {
  return from === null || to === null ? null : kind === 'arrow' ? to : from + 1
}

/** Is what was selected still there? Another branch has other items. */
export function isThere(data: TimelineData, { kind, item, from, cpu }: Selection): boolean {
  switch (kind) {
    case 'mark':
      return data.marks[item]?.step === from && data.marks[item]?.cpu === cpu
    case 'span':
      return data.spans[item]?.start === from && data.spans[item]?.cpu === cpu
    case 'arrow':
      return data.arrows[item]?.fromStep === from && data.arrows[item]?.fromCpu === cpu
    case 'step':
      return item < data.steps && data.movers[item] === cpu
    case 'area':
      return (from as number) < data.steps
    case 'bytes':
      return true
  }
}

export function sameSelection(a: Selection | null, b: Selection | null): boolean {
  return (
    a === b || (a !== null && b !== null && a.kind === b.kind && a.item === b.item && a.from === b.from && a.cpu === b.cpu && a.address === b.address)
  )
}

/** Indices of a CPU's marks at a step. */
export function marksAt({ marks }: TimelineData, step: number, cpu: number): number[] {
  const found: number[] = []
  for (let i = firstMark(marks, step); i < marks.length && (marks[i] as Mark).step === step; i++) if ((marks[i] as Mark).cpu === cpu) found.push(i)
  return found
}

/** Index of the first mark at or behind a step. */
export function firstMark(marks: readonly Mark[], step: number): number {
  let low = 0
  let high = marks.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((marks[middle] as Mark).step < step) low = middle + 1
    else high = middle
  }
  return low
}

export function addressOf({ places }: TimelineData, place: number): string | null {
  return places?.[place]?.address ?? null
}

/** What the CPU executed first at or behind a step, within the next few. */
function executedBy(data: TimelineData, cpu: number, from: number): string | null {
  for (let step = from; step < Math.min(data.steps, from + NEAR); step++) {
    if (data.movers[step] !== cpu) continue
    const place = data.executed?.[step] ?? -1
    if (place >= 0) return addressOf(data, place)
  }
  return null
}

const NEAR = 64

/** Do the `size` bytes from `address` overlap the selected ones? */
export function touches(selection: Selection | null, address: string, size: number): boolean {
  if (selection === null || selection.address === null) return false
  if (selection.address === address) return true
  if (selection.address.length !== address.length) return false
  const [a, b] = [BigInt(selection.address), BigInt(address)]
  return a < b + BigInt(size) && b < a + BigInt(selection.size)
}
