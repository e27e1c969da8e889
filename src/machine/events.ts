/**
 * What a step did, for people: the raw material of the timeline, of the trace exports and of the sentences for a screen reader.
 * Events never influence the machine; the search runs with no listener and pays one comparison.
 */

export type MachineEvent =
  /** An instruction retired. `bytes` are those that this CPU fetched. `hot`: at least one byte can be changed by a patcher. `stale`: the bytes differ from memory. */
  | { kind: 'execute'; cpu: number; address: bigint; bytes: Uint8Array; mnemonic: string; hot: boolean; stale: boolean }
  /** A store entered the store buffer (`buffered`) or went straight to memory (private memory, locked operations). */
  | { kind: 'store'; cpu: number; address: bigint; size: number; value: bigint; buffered: boolean; locked: boolean; hot: boolean }
  /** A buffered store (or the piece of it in one line) became visible to all. */
  | { kind: 'visible'; cpu: number; address: bigint; size: number; value: bigint; hot: boolean }
  | { kind: 'load'; cpu: number; address: bigint; size: number; value: bigint; locked: boolean }
  /** An event was delivered: the frame lies at `frame` (its lowest address), the interrupted stack pointer was `interruptedSp`. */
  | {
      kind: 'deliver'
      cpu: number
      vector: number
      cause: 'exception' | 'int3' | 'irq' | 'nmi'
      frame: bigint
      frameBytes: number
      interruptedSp: bigint
      returnAddress: bigint
      handler: bigint
      ifBefore: boolean
      /** IF inside the handler; false (an interrupt gate) where left out. */
      ifAfter?: boolean
    }
  /** IRET: `frame` is where it popped from; `sp` and `address` are where it went. */
  | { kind: 'iret'; cpu: number; frame: bigint; sp: bigint; address: bigint; ifAfter: boolean }
  | { kind: 'ipi-sent'; cpu: number; target: number; vector: number; nmi: boolean; collapsed: boolean }
  | { kind: 'eoi'; cpu: number; vector: number }
  /** A serialising event refreshed this CPU's fetch. */
  | { kind: 'serialize'; cpu: number; by: string }
  | { kind: 'if'; cpu: number; enabled: boolean }
  /** Instruction fetch read the hot bytes of the window at `address` ahead of time. */
  | { kind: 'prefetch'; cpu: number; address: bigint; size: number }
  | { kind: 'halt'; cpu: number }
  | { kind: 'stop'; cpu: number; reason: 'exception' | 'unsupported' | 'shutdown'; vector: number; detail: string }

export type EventListener = (event: MachineEvent) => void
