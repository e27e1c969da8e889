/**
 * What each kind of thing looks like, for the page and for exports: a tone (one of the theme's colours, each with one meaning), a shape, a name, and a
 * rank: where many fall on one pixel, the highest is drawn.
 */
import type { Arrow, Mark, MarkKind, Span } from './model.ts'

export type Tone = 'old' | 'new' | 'int3' | 'kernel' | 'violation' | 'attention' | 'neutral'

/** Kinds of spans as drawn, from the most ordinary to the rarest: the index is the rank. */
export const SPAN_LOOKS = [
  { name: 'code', tone: 'neutral', title: 'a function' },
  { name: 'halted', tone: 'neutral', title: 'halted' },
  { name: 'kernel', tone: 'kernel', title: 'the patcher’s and handlers’ code' },
  { name: 'wait', tone: 'neutral', title: 'waits in a loop' },
  { name: 'old', tone: 'old', title: 'the old instruction' },
  { name: 'new', tone: 'new', title: 'the new instruction' },
  { name: 'irq', tone: 'kernel', title: 'interrupt handler' },
  { name: 'nmi', tone: 'kernel', title: 'NMI handler' },
  { name: 'exception', tone: 'attention', title: 'exception handler' },
  { name: 'bp', tone: 'int3', title: 'breakpoint handler' },
  { name: 'stopped', tone: 'violation', title: 'stopped for good' },
  { name: 'torn', tone: 'violation', title: 'neither old nor new' },
] as const satisfies readonly { name: string; tone: Tone; title: string }[]

export type SpanLook = (typeof SPAN_LOOKS)[number]

const RANK_OF_SPAN = Object.fromEntries(SPAN_LOOKS.map(({ name }, rank) => [name, rank])) as Record<SpanLook['name'], number>

/** Index into SPAN_LOOKS. `patcher`: the span is in the lane of one who patches. */
export function spanRank({ kind, meaning, depth }: Span, patcher: boolean): number {
  if (kind !== 'code') return RANK_OF_SPAN[kind]
  if (meaning !== null) return RANK_OF_SPAN[meaning]
  return patcher || depth > 0 ? RANK_OF_SPAN.kernel : RANK_OF_SPAN.code
}

/** A mark's outline, within 6 units of its place, and whether it is filled or drawn as a line. */
export interface MarkLook {
  readonly kind: MarkKind
  readonly tone: Tone
  readonly title: string
  readonly path: string
  readonly filled: boolean
}

/** From the most ordinary to the rarest: the index is the rank. */
export const MARK_LOOKS: readonly MarkLook[] = [
  { kind: 'fetch', tone: 'neutral', title: 'executed the site', path: 'M0 -2.5V2.5', filled: false },
  { kind: 'sync', tone: 'kernel', title: 'serialised: fetches afresh', path: 'M-2.5 -4.5V4.5M2.5 -4.5V4.5', filled: false },
  { kind: 'halt', tone: 'neutral', title: 'halted', path: 'M-3.5 -3.5H3.5V3.5H-3.5Z', filled: false },
  { kind: 'store', tone: 'kernel', title: 'store issued, still in the store buffer', path: 'M-4.5 -3.5H4.5L0 4.5Z', filled: false },
  { kind: 'visible', tone: 'kernel', title: 'store visible to all', path: 'M-4.5 -3.5H4.5L0 4.5Z', filled: true },
  { kind: 'ack', tone: 'kernel', title: 'acknowledged', path: 'M-4.5 0L-1.5 3.5L4.5 -4', filled: false },
  { kind: 'ipi-sent', tone: 'kernel', title: 'interrupt sent', path: 'M-4 -4.5L4.5 0L-4 4.5L-1.5 0Z', filled: false },
  { kind: 'ipi-taken', tone: 'kernel', title: 'interrupt taken', path: 'M-4 -4.5L4.5 0L-4 4.5L-1.5 0Z', filled: true },
  { kind: 'int3', tone: 'int3', title: 'breakpoint taken', path: 'M0 -5.5L5.5 0L0 5.5L-5.5 0Z', filled: true },
  { kind: 'exception', tone: 'attention', title: 'exception', path: 'M0 -5.5L5.5 0L0 5.5L-5.5 0Z', filled: false },
  {
    kind: 'stale',
    tone: 'attention',
    title: 'stale bytes executed',
    path: 'M-4.5 -4.5H4.5V4.5H-4.5ZM-4.5 0.5L0.5 -4.5M-4.5 4.5L4.5 -4.5M-0.5 4.5L4.5 -0.5',
    filled: false,
  },
  { kind: 'stop', tone: 'violation', title: 'stopped for good', path: 'M-4 -4L4 4M4 -4L-4 4', filled: false },
  { kind: 'torn', tone: 'violation', title: 'neither old nor new executed', path: 'M1.5 -5.5L-3.5 0.5H0L-1.5 5.5L3.5 -1H0Z', filled: true },
  { kind: 'violation', tone: 'violation', title: 'property violated', path: 'M0 -5.5A5.5 5.5 0 1 1 0 5.5A5.5 5.5 0 1 1 0 -5.5Z', filled: true },
]

const RANK_OF_MARK = Object.fromEntries(MARK_LOOKS.map(({ kind }, rank) => [kind, rank])) as Record<MarkKind, number>

/** Index into MARK_LOOKS. */
export function markRank({ kind }: Mark): number {
  return RANK_OF_MARK[kind]
}

export function markLook(kind: MarkKind): MarkLook {
  return MARK_LOOKS[RANK_OF_MARK[kind]] as MarkLook
}

export const ARROW_TITLES: Readonly<Record<Arrow['kind'], string>> = {
  ipi: 'interrupt on its way',
  ack: 'acknowledgement on its way',
  'missed-store': 'store that a stale fetch missed',
  visible: 'store in the store buffer',
}
