/**
 * A run as a picture: pure data in units of steps; pixels come in only where a component draws. `x` of everything is the number of steps taken:
 * what step i did lies between i and i + 1.
 *
 *     CPU 1 ──[ call A ]──[ #BP ················ ]──[ call B ]──     spans nest by depth
 *                          [ poke_int3_handler ]
 */

export type SpanKind = 'code' | 'bp' | 'irq' | 'nmi' | 'exception' | 'wait' | 'halted' | 'stopped'

export interface Span {
  readonly cpu: number
  readonly start: number
  /** Exclusive; the trace's end for a span that is still open. */
  readonly end: number
  readonly open: boolean
  /** 0 = outermost. */
  readonly depth: number
  readonly kind: SpanKind
  readonly label: string
  /** For code at a patched site: which version ran. */
  readonly meaning: 'old' | 'new' | 'torn' | null
  /** For code at a patched site: it was not what memory held. */
  readonly stale: boolean
}

export interface Shade {
  readonly cpu: number
  readonly start: number
  readonly end: number
  readonly kind: 'if0' | 'nmi-blocked'
}

export type MarkKind =
  | 'int3'
  | 'exception'
  | 'store'
  | 'visible'
  | 'fetch'
  | 'stale'
  | 'torn'
  | 'sync'
  | 'ipi-sent'
  | 'ipi-taken'
  | 'ack'
  | 'stop'
  | 'halt'
  | 'violation'

export interface Mark {
  readonly cpu: number
  readonly step: number
  readonly kind: MarkKind
  readonly label: string
}

export interface Arrow {
  readonly kind: 'ipi' | 'ack' | 'missed-store' | 'visible'
  readonly fromCpu: number
  readonly fromStep: number
  readonly toCpu: number
  /** null: still on its way (an IPI that is pending). */
  readonly toStep: number | null
  readonly label: string
}

export interface Phase {
  readonly start: number
  readonly end: number
  readonly label: string
}

export interface TimelineData {
  readonly steps: number
  readonly lanes: readonly { readonly cpu: number; readonly role: string }[]
  readonly spans: readonly Span[]
  readonly shades: readonly Shade[]
  readonly marks: readonly Mark[]
  readonly arrows: readonly Arrow[]
  readonly phases: readonly Phase[]
  readonly violation: { readonly step: number; readonly cpu: number; readonly property: string } | null
  /** CPU that moved at each step. */
  readonly movers: Uint8Array
}
