/** Items as integers in columns, for the way between worker and page. Texts are numbered: each crosses once. */
import type { Arrow, Mark, Phase, Shade, Span } from './model.ts'

/** The number of a text. */
export type Numbering = (text: string) => number

export function numbering(): { readonly number: Numbering; readonly texts: () => string[] } {
  const numbers = new Map<string, number>()
  return {
    number(text) {
      const known = numbers.get(text)
      if (known !== undefined) return known
      numbers.set(text, numbers.size)
      return numbers.size - 1
    },
    texts: () => [...numbers.keys()],
  }
}

/** How an item becomes `size` integers, and comes back. */
export interface Codec<T> {
  readonly size: number
  write(item: T, into: Int32Array, at: number, label: Numbering): void
  read(from: Int32Array, at: number, labels: readonly string[]): T
}

const SPAN_KINDS: readonly Span['kind'][] = ['code', 'bp', 'irq', 'nmi', 'exception', 'wait', 'halted', 'stopped']
const MEANINGS: readonly Span['meaning'][] = [null, 'old', 'new', 'torn']
const MARK_KINDS: readonly Mark['kind'][] = [
  'int3',
  'exception',
  'store',
  'visible',
  'fetch',
  'stale',
  'torn',
  'sync',
  'ipi-sent',
  'ipi-taken',
  'ack',
  'stop',
  'halt',
  'violation',
]
const ARROW_KINDS: readonly Arrow['kind'][] = ['ipi', 'ack', 'missed-store', 'visible']
const SHADE_KINDS: readonly Shade['kind'][] = ['if0', 'nmi-blocked', 'shadow']

export const spanCodec: Codec<Span> = {
  size: 4,
  write({ cpu, start, end, open, depth, kind, label, meaning, stale }, into, at, number) {
    into[at] = start
    into[at + 1] = end
    into[at + 2] = number(label)
    into[at + 3] =
      cpu | (SPAN_KINDS.indexOf(kind) << 4) | (MEANINGS.indexOf(meaning) << 8) | (open ? 1 << 12 : 0) | (stale ? 1 << 13 : 0) | (depth << 16)
  },
  read(from, at, labels) {
    const rest = from[at + 3] as number
    return {
      cpu: rest & 15,
      start: from[at] as number,
      end: from[at + 1] as number,
      open: ((rest >> 12) & 1) === 1,
      depth: rest >> 16,
      kind: SPAN_KINDS[(rest >> 4) & 15] as Span['kind'],
      label: labels[from[at + 2] as number] as string,
      meaning: MEANINGS[(rest >> 8) & 15] as Span['meaning'],
      stale: ((rest >> 13) & 1) === 1,
    }
  },
}

export const shadeCodec: Codec<Shade> = {
  size: 3,
  write({ cpu, start, end, kind }, into, at) {
    into[at] = start
    into[at + 1] = end
    into[at + 2] = cpu | (SHADE_KINDS.indexOf(kind) << 4)
  },
  read(from, at) {
    const rest = from[at + 2] as number
    return { cpu: rest & 15, start: from[at] as number, end: from[at + 1] as number, kind: SHADE_KINDS[rest >> 4] as Shade['kind'] }
  },
}

export const markCodec: Codec<Mark> = {
  size: 5,
  write({ cpu, step, kind, label, place, bytes }, into, at, number) {
    into[at] = step
    into[at + 1] = number(label)
    into[at + 2] = cpu | (MARK_KINDS.indexOf(kind) << 4)
    into[at + 3] = place ?? -1
    into[at + 4] = number(bytes ?? '')
  },
  read(from, at, labels) {
    const rest = from[at + 2] as number
    return {
      cpu: rest & 15,
      step: from[at] as number,
      kind: MARK_KINDS[rest >> 4] as Mark['kind'],
      label: labels[from[at + 1] as number] as string,
      place: from[at + 3] as number,
      bytes: labels[from[at + 4] as number] as string,
    }
  },
}

export const arrowCodec: Codec<Arrow> = {
  size: 4,
  write({ kind, fromCpu, fromStep, toCpu, toStep, label }, into, at, number) {
    into[at] = fromStep
    into[at + 1] = toStep ?? -1
    into[at + 2] = number(label)
    into[at + 3] = fromCpu | (toCpu << 4) | (ARROW_KINDS.indexOf(kind) << 8)
  },
  read(from, at, labels) {
    const rest = from[at + 3] as number
    const to = from[at + 1] as number
    return {
      kind: ARROW_KINDS[rest >> 8] as Arrow['kind'],
      fromCpu: rest & 15,
      fromStep: from[at] as number,
      toCpu: (rest >> 4) & 15,
      toStep: to < 0 ? null : to,
      label: labels[from[at + 2] as number] as string,
    }
  },
}

export const phaseCodec: Codec<Phase> = {
  size: 3,
  write({ start, end, label }, into, at, number) {
    into[at] = start
    into[at + 1] = end
    into[at + 2] = number(label)
  },
  read(from, at, labels) {
    return { start: from[at] as number, end: from[at + 1] as number, label: labels[from[at + 2] as number] as string }
  },
}
