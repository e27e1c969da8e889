/**
 * Undo and redo of every move since the page was opened: a choice, a step, a jump, another scenario. A jump has an entry of its own in the browser's history, so that its
 * Back button and undo agree: undo of a jump goes back there, and Back leads to before the jump, whatever was undone or done behind it.
 *
 *     moves     step  step  JUMP  step  OPEN
 *     place   0     1     2     3     4     5        undo from 5: back to entry 1, which stands at place 4
 *     entry   0     0     0     1     1     2        Back from 3 or 4: entry 0, which stands at place 2
 *
 * Entries from before a reload are known by their number only: there the history leads, and what its link opens is taken in as a move. Without such an entry the trail
 * never moves the history, for the one before ours belongs to another site.
 *
 * A place is a branch and a step. It outlives the session that it belongs to, since its trace can be opened again.
 */
import { wordsOf } from '../interchange/link-write.ts'
import type { View } from '../worker/protocol.ts'
import type { AskOptions } from './page.ts'
import type { AddressBar, Timer } from './ports.ts'

/** A branch. `branch` is its number in the session that was opened last when `opening` sessions had been opened. */
interface Trace {
  readonly scenario: string
  readonly params: View['params']
  /** Branches only grow: the newest one leads to every place. */
  schedule: () => string
  opening: number
  branch: number
  byHand: number
}

interface Place {
  readonly trace: Trace
  readonly cursor: number
}

/** `entries`: where in the history both places stand. */
interface Move {
  readonly from: Place
  readonly to: Place
  readonly entries: readonly [number, number]
}

type Way = 'undo' | 'redo'

export interface Trail {
  /** A view has come, and the address says so. `byHand` as in by-hand.ts, of its branch. */
  arrived(view: View, options: Pick<AskOptions, 'opens' | 'traced'>, byHand: number): void
  /** Is the history in another entry than the page? */
  awaits(): boolean
  /** The browser's history has moved, by us or by its own buttons. False where what it says there must be opened. */
  follow(): boolean
  undo(): void
  redo(): void
}

export interface TrailPorts {
  readonly address: Pick<AddressBar, 'entry' | 'go' | 'read'>
  readonly timer: Timer
  ask(options: AskOptions): void
  /** There is nothing to undo, or to redo. */
  nothing(way: Way): void
}

/** A history that has not moved by then will not: it has no such entry. */
const PATIENCE_MS = 1000

export function createTrail({ address, timer, ask, nothing }: TrailPorts): Trail {
  let moves: Move[] = []
  /** Moves that are done: those behind them were undone. */
  let at = 0
  let present: Place | null = null
  /** The entry of the history that the page is in. */
  let here = address.entry()
  /** After how many moves the page stood where it was last in an entry. */
  let standing = new Map<number, number>()
  let opening = 0
  /** Of the session that is open. */
  let traces = new Map<number, Trace>()
  let reopening: Trace | null = null
  /** The history is on its way; what is asked meanwhile waits. */
  let travelling: (() => void) | null = null
  let owed: Way[] = []
  /** It has arrived, at a link that is being opened. */
  let awaited = false

  function placeOf(view: View, byHand: number): Place {
    const trace = traces.get(view.branch) ?? {
      scenario: view.scenario.id,
      params: view.params,
      schedule: () => '',
      opening,
      branch: view.branch,
      byHand,
    }
    traces.set(view.branch, trace)
    trace.schedule = scheduleOf(view)
    trace.byHand = byHand
    return { trace, cursor: view.cursor }
  }

  function forget(): void {
    moves = []
    at = 0
    standing = new Map()
  }

  /** The view came from an entry before all that is known. */
  function prepend(from: Place, entry: number): void {
    const [first] = moves
    const to = first?.from ?? present
    if (to === null) return
    moves.unshift({ from, to, entries: [entry, first?.entries[0] ?? here] })
    standing = new Map([...standing].map(([each, index]) => [each, index + 1]))
    at = 0
  }

  function append(from: Place, to: Place, entry: number, withLast: boolean): void {
    const last = moves[at - 1]
    moves.length = at
    for (const [each, index] of standing) if (index > at) standing.delete(each)
    if (withLast && last !== undefined && isSame(last.to, from)) moves[at - 1] = { ...last, to }
    else moves.push({ from, to, entries: [here, entry] })
    at = moves.length
  }

  function go({ trace, cursor }: Place): void {
    const isOpen = (view: View) => trace.opening === opening && (view.branch === trace.branch || view.branches.some(({ id }) => id === trace.branch))
    ask({
      traced: 'no',
      opens: true,
      words: wordsOf(address.read()),
      byHand: () => trace.byHand,
      request({ view }) {
        if (view === null || isOpen(view)) return null
        reopening = trace
        return { kind: 'open', scenario: trace.scenario, params: trace.params, schedule: trace.schedule(), cursor, digest: null }
      },
    })
    ask({
      traced: 'no',
      request: ({ view }) => (view === null || !isOpen(view) || view.branch === trace.branch ? null : { kind: 'checkout', branch: trace.branch }),
    })
    ask({ traced: 'no', request: ({ view }) => (view === null || view.cursor === cursor ? null : { kind: 'seek', step: cursor }) })
  }

  function stand(index: number): void {
    const place = moves[index]?.from ?? moves.at(-1)?.to ?? null
    at = index
    standing.set(here, at)
    if (place !== null) go(place)
  }

  function travel(by: number, way: Way): void {
    awaited = false
    travelling = timer.after(PATIENCE_MS, () => {
      travelling = null
      owed = []
      nothing(way)
    })
    address.go(by)
  }

  function landed(): void {
    travelling?.()
    travelling = null
    awaited = false
    const ways = owed
    owed = []
    for (const way of ways) move(way)
  }

  function move(way: Way): void {
    if (travelling !== null) {
      owed.push(way)
      return
    }
    const taken = moves[way === 'undo' ? at - 1 : at]
    if (taken === undefined) {
      if (way === 'undo' && address.entry() > 0) travel(-1, way)
      else nothing(way)
      return
    }
    const [before, after] = taken.entries
    if (before !== after) travel(way === 'undo' ? before - after : after - before, way)
    else stand(way === 'undo' ? at - 1 : at + 1)
  }

  return {
    arrived(view, { opens = false, traced = 'yes' }, byHand) {
      const entry = address.entry()
      if (opens) {
        opening++
        traces = new Map()
        if (reopening !== null && traced === 'no') {
          Object.assign(reopening, { opening, branch: view.branch })
          traces.set(view.branch, reopening)
        }
        reopening = null
      }
      const from = present
      const to = placeOf(view, byHand)
      if (from !== null && traced !== 'no') {
        const first = moves[0]?.entries[0] ?? here
        if (entry < first) prepend(to, entry)
        else if (entry < here) forget()
        else if (entry !== here || !isSame(from, to)) append(from, to, entry, traced === 'with-last')
      }
      present = to
      here = entry
      standing.set(here, at)
      if (awaited && traced === 'yes') landed()
    },
    awaits: () => address.entry() !== here,
    follow() {
      const entry = address.entry()
      const known = standing.get(entry)
      if (entry === here || known === undefined) {
        // Opening takes as long as it takes.
        travelling?.()
        awaited = true
        return false
      }
      here = entry
      stand(known)
      landed()
      return true
    },
    undo: () => move('undo'),
    redo: () => move('redo'),
  }
}

/** Of places one right after the other. Where the same machine is opened again, its branches keep their numbers (worker/host.ts). */
function isSame(a: Place, b: Place): boolean {
  if (a.cursor !== b.cursor) return false
  const [one, other] = [a.trace, b.trace]
  if (one === other) return true
  const sameMachine = one.scenario === other.scenario && Object.entries(one.params).every(([name, value]) => other.params[name] === value)
  return sameMachine && one.branch === other.branch
}

/** The schedule of a view, without holding on to the rest of it: a view makes the text only when it is asked. */
function scheduleOf(view: View): () => string {
  const { get, value } = Object.getOwnPropertyDescriptor(view, 'schedule') ?? {}
  return get === undefined ? () => String(value) : get.bind(undefined)
}
