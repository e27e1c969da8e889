/**
 * Where a CPU stands: what it runs, inside which handlers, and how an IRET tells that a handler is over.
 *
 * Stacks grow down, so a handler's frame lies below what it interrupted and above all that the handler pushes:
 *
 *     interrupted sp ─┐
 *                     │ frame │   sp after its IRET lies above the frame
 *     handler's sp ───┘       │   sp after an IRET to itself (sync_core) lies below
 *
 * The popped frame's own address says nothing, since entry code may copy the frame and return from the copy.
 */
import type { SpanKind } from './model.ts'
import { type Place, runName } from './names.ts'
import type { Loop } from './spin.ts'

/** What a CPU runs at one nesting level: its span, and what continues it. */
export interface Run {
  readonly span: number
  readonly kind: Extract<SpanKind, 'code' | 'wait' | 'halted' | 'stopped'>
  readonly name: string
  /** At a patched site: the function that it leads to, which belongs to the same pass. */
  readonly absorbs: string | null
  readonly loop: Loop | null
}

export interface Handler {
  readonly span: number
  readonly depth: number
  readonly frame: bigint
  /** For an IPI: the CPU that sent it; else -1. */
  readonly sender: number
  readonly interrupted: Run | null
  readonly outer: Handler | null
}

export interface CpuState {
  readonly run: Run | null
  readonly handler: Handler | null
  /** The open shade, or -1. */
  readonly if0: number
  readonly nmi: number
  readonly shadow: number
}

export const START: CpuState = { run: null, handler: null, if0: -1, nmi: -1, shadow: -1 }

export function handlerKind(cause: 'exception' | 'int3' | 'irq' | 'nmi'): SpanKind {
  return cause === 'int3' ? 'bp' : cause
}

/** An IRET to the next instruction, or anywhere within the function that executes it, goes on inside the handler. */
const NEAR = 15n

/**
 * How many handlers an IRET ends that leaves the stack pointer at `sp`. Those whose frame it passes. Where it passes none and yet leads elsewhere, it left
 * for another stack, and ends the innermost: back from an interrupt stack (IST) that lies above the interrupted one, or to another task.
 */
export function handlersEnded(innermost: Handler | null, sp: bigint, from: Place | null, to: Place): number {
  let ended = 0
  for (let handler = innermost; handler !== null && sp > handler.frame; handler = handler.outer) ended++
  if (ended > 0 || innermost === null || from === null) return ended
  const onward = to.address - from.address
  const stays = (onward > 0n && onward <= NEAR) || runName(from) === runName(to)
  return stays ? 0 : 1
}

/**
 * Was this handler left without an IRET (by a jump, or by a stack pointer set anew)? Then an event that is delivered later finds the stack pointer above
 * its frame.
 */
export function wasLeft(handler: Handler | null, interruptedSp: bigint): boolean {
  return handler !== null && interruptedSp > handler.frame && interruptedSp - handler.frame < 4096n
}
