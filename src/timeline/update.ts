/**
 * What has changed between two pictures, packed: numbers in columns, each text once. It crosses the worker boundary in a hundredth of the time that
 * half a million small objects take, and a step at the end of a long run sends only what that step did.
 *
 *     page:   data = applyUpdate(data, update)            worker:   update = diffTimeline(sent, data); sent = data
 */
import type { Arrow, Mark, Phase, Shade, Span, TimelineData } from './model.ts'

interface ListUpdate {
  /** Items of the later list. */
  readonly length: number
  /** Places of the records; all further ones follow one another up to `length`. */
  readonly changed: Int32Array
  readonly records: Int32Array
}

export interface TimelineUpdate {
  readonly steps: number
  readonly lanes: TimelineData['lanes']
  readonly violation: TimelineData['violation']
  readonly labels: readonly string[]
  readonly spans: ListUpdate
  readonly shades: ListUpdate
  readonly marks: ListUpdate
  readonly arrows: ListUpdate
  readonly phases: ListUpdate
  /** Movers from step `moversFrom` on. */
  readonly moversFrom: number
  readonly movers: Uint8Array
}

/** How an item becomes `size` integers, and comes back. */
interface Codec<T> {
  readonly size: number
  write(item: T, into: Int32Array, at: number, label: (text: string) => number): void
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
const SHADE_KINDS: readonly Shade['kind'][] = ['if0', 'nmi-blocked']

const spanCodec: Codec<Span> = {
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

const shadeCodec: Codec<Shade> = {
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

const markCodec: Codec<Mark> = {
  size: 3,
  write({ cpu, step, kind, label }, into, at, number) {
    into[at] = step
    into[at + 1] = number(label)
    into[at + 2] = cpu | (MARK_KINDS.indexOf(kind) << 4)
  },
  read(from, at, labels) {
    const rest = from[at + 2] as number
    const kind = MARK_KINDS[rest >> 4] as Mark['kind']
    return { cpu: rest & 15, step: from[at] as number, kind, label: labels[from[at + 1] as number] as string }
  },
}

const arrowCodec: Codec<Arrow> = {
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

const phaseCodec: Codec<Phase> = {
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

/** What makes `after` out of `before`; all of it where there is no `before`. Items are compared by identity: a builder keeps those that have ended. */
export function diffTimeline(before: TimelineData | null, after: TimelineData): TimelineUpdate {
  const numbers = new Map<string, number>()
  const label = (text: string): number => {
    const known = numbers.get(text)
    if (known !== undefined) return known
    numbers.set(text, numbers.size)
    return numbers.size - 1
  }
  const spans = diffList(before?.spans ?? [], after.spans, spanCodec, label)
  const shades = diffList(before?.shades ?? [], after.shades, shadeCodec, label)
  const marks = diffList(before?.marks ?? [], after.marks, markCodec, label)
  const arrows = diffList(before?.arrows ?? [], after.arrows, arrowCodec, label)
  const phases = diffList(before?.phases ?? [], after.phases, phaseCodec, label)
  const old = before?.movers ?? new Uint8Array(0)
  let same = 0
  while (same < old.length && same < after.movers.length && old[same] === after.movers[same]) same++
  return {
    steps: after.steps,
    lanes: after.lanes,
    violation: after.violation,
    labels: [...numbers.keys()],
    spans,
    shades,
    marks,
    arrows,
    phases,
    moversFrom: same,
    movers: after.movers.slice(same),
  }
}

function diffList<T>(before: readonly T[], after: readonly T[], codec: Codec<T>, label: (text: string) => number): ListUpdate {
  const common = Math.min(before.length, after.length)
  const changed: number[] = []
  for (let i = 0; i < common; i++) if (before[i] !== after[i]) changed.push(i)
  const records = new Int32Array((changed.length + after.length - common) * codec.size)
  let at = 0
  const write = (index: number) => {
    codec.write(after[index] as T, records, at, label)
    at += codec.size
  }
  for (const index of changed) write(index)
  for (let i = common; i < after.length; i++) write(i)
  return { length: after.length, changed: Int32Array.from(changed), records }
}

export function applyUpdate(before: TimelineData | null, update: TimelineUpdate): TimelineData {
  const { labels, moversFrom } = update
  const movers = new Uint8Array(moversFrom + update.movers.length)
  if (before !== null) movers.set(before.movers.subarray(0, moversFrom))
  movers.set(update.movers, moversFrom)
  return {
    steps: update.steps,
    lanes: update.lanes,
    spans: patchList(before?.spans ?? [], update.spans, spanCodec, labels),
    shades: patchList(before?.shades ?? [], update.shades, shadeCodec, labels),
    marks: patchList(before?.marks ?? [], update.marks, markCodec, labels),
    arrows: patchList(before?.arrows ?? [], update.arrows, arrowCodec, labels),
    phases: patchList(before?.phases ?? [], update.phases, phaseCodec, labels),
    violation: update.violation,
    movers,
  }
}

function patchList<T>(before: readonly T[], { length, changed, records }: ListUpdate, codec: Codec<T>, labels: readonly string[]): T[] {
  const result = before.slice(0, length)
  let at = 0
  for (const index of changed) {
    result[index] = codec.read(records, at, labels)
    at += codec.size
  }
  for (; at < records.length; at += codec.size) result.push(codec.read(records, at, labels))
  return result
}

/** The buffers that a message may hand over instead of copying them. */
export function transferables({ spans, shades, marks, arrows, phases, movers }: TimelineUpdate): ArrayBufferLike[] {
  return [...[spans, shades, marks, arrows, phases].flatMap(({ changed, records }) => [changed.buffer, records.buffer]), movers.buffer]
}
