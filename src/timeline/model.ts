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
  /** 'shadow': after STI or a load of SS, interrupts wait one instruction more. */
  readonly kind: 'if0' | 'nmi-blocked' | 'shadow'
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
  /** Index into `places` of the memory that it is about; absent or -1 where it is about none. */
  readonly place?: number
  /** What was executed, stored or became visible there: two hexadecimal digits a byte. */
  readonly bytes?: string
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

/** An address that steps refer to, and its names. */
export interface NamedPlace {
  /** "0xffffffff81001100". */
  readonly address: string
  /** "acks", "caller+0x12". */
  readonly symbol: string | null
  readonly func: string | null
}

/**
 * Lists are in the order in which their items began. They belong to the newest picture of a trace: as the trace grows they grow at their end, and what had
 * not ended is replaced; a trace that is cut back gets lists of its own.
 */
export interface TimelineData {
  readonly steps: number
  readonly lanes: readonly { readonly cpu: number; readonly role: string }[]
  /** A span that ended in the step in which it began has no length, and is not drawn. */
  readonly spans: readonly Span[]
  readonly shades: readonly Shade[]
  readonly marks: readonly Mark[]
  readonly arrows: readonly Arrow[]
  readonly phases: readonly Phase[]
  readonly violation: { readonly step: number; readonly cpu: number; readonly property: string } | null
  /** CPU that moved at each step. */
  readonly movers: Uint8Array
  readonly places?: readonly NamedPlace[]
  /** By step, indices into `places`: what was executed, and what was loaded from last; -1 for nothing. */
  readonly executed?: Int32Array
  readonly loaded?: Int32Array
}
