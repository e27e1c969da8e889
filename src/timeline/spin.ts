/**
 * Does a CPU wait in a loop? Seen from what it executes, since no instruction says so:
 *
 *     1: cmp [acks], 2          low  ┐  a turn: the same few addresses, loads from the same places, nothing stored.
 *        je  done                    │  One whole turn with a `pause` in it, or two without, and the CPU waits
 *        pause                       │  until it executes something outside [low, high].
 *        jmp 1b                 high ┘
 *
 * A `pause` opens the loop at once, before its extent is known: it is closed by the jump back.
 */
import { CONDITIONAL, type History, LOADED, PAUSED, STORED } from './history.ts'
import type { Places } from './names.ts'

export interface Loop {
  readonly low: bigint
  readonly high: bigint
  /** The jump back has been seen, so the extent is known. */
  readonly closed: boolean
}

/** Wait loops are short: bytes from first to last instruction, and instructions in a turn. */
const REACH = 96n
const TURN = 32
const LONGEST_INSTRUCTION = 15n

/** The wait loop that a CPU is in after it has executed `step`; `before` is the one that it was in. */
export function waitLoop(history: History, places: Places, step: number, before: Loop | null): Loop | null {
  const address = (at: number) => places.at(history.place[at] as number).address
  const here = address(step)
  const back = history.previous[step] as number
  const from = back < 0 ? here : address(back)
  if (before !== null) {
    if (before.closed) return here >= before.low && here <= before.high ? before : null
    // Back from a handler that interrupted the loop.
    if (abs(from - here) > REACH) return here >= before.low - REACH && here <= before.high + LONGEST_INSTRUCTION ? before : null
    if (here <= before.low) return { low: here, high: from > before.high ? from : before.high, closed: true }
    const next = here > from && here - from <= LONGEST_INSTRUCTION && ((history.flags[back] as number) & CONDITIONAL) === 0
    return next && here - before.low <= REACH ? { low: before.low, high: here, closed: false } : null
  }
  if (((history.flags[step] as number) & PAUSED) !== 0) return { low: here, high: here, closed: false }
  if (from <= here || from - here > REACH) return null
  const turn = turnBefore(history, places, step, here, from)
  if (turn === null) return null
  if (!turn.paused) {
    const earlier = turnBefore(history, places, turn.first, here, from)
    if (earlier === null || earlier.loads !== turn.loads) return null
  }
  return { low: here, high: from, closed: true }
}

/** The turn that led to `step`: back to the last time that this CPU stood at the same place, all within [low, high], nothing stored, something loaded. */
function turnBefore(
  history: History,
  places: Places,
  step: number,
  low: bigint,
  high: bigint,
): { first: number; paused: boolean; loads: string } | null {
  const start = history.place[step]
  let flags = 0
  let loads = ''
  let at = history.previous[step] as number
  for (let i = 0; i < TURN && at >= 0; i++, at = history.previous[at] as number) {
    const { address } = places.at(history.place[at] as number)
    if (address < low || address > high) return null
    flags |= history.flags[at] as number
    loads += `${history.loaded[at]} `
    if (history.place[at] === start) return (flags & (STORED | LOADED)) === LOADED ? { first: at, paused: (flags & PAUSED) !== 0, loads } : null
  }
  return null
}

/** The name of what the loop looks at: the last thing loaded from a labelled place. */
export function watched(history: History, places: Places, step: number): string | null {
  for (let i = 0, at = step; i < TURN && at >= 0; i++, at = history.previous[at] as number) {
    const loaded = history.loaded[at] as number
    const symbol = loaded < 0 ? null : places.at(loaded).symbol
    if (symbol !== null) return symbol
  }
  return null
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}
