/**
 * Undo and redo of every move within a session: a choice, a step, a jump. Moves that the browser's history knows (jumps) are taken back there, so that its Back button
 * and undo agree; the others here. Beyond the session, or where the history has moved by itself, the history alone decides.
 */
import type { View } from '../worker/protocol.ts'
import type { AskOptions } from './page.ts'
import type { AddressBar } from './ports.ts'

interface Place {
  readonly branch: number
  readonly cursor: number
}

type Move = { readonly kind: 'jump' } | { readonly kind: 'step'; readonly from: Place; readonly to: Place }

export interface Trail {
  /** A view has come. */
  arrived(before: View | null, view: View, options: Pick<AskOptions, 'arrival' | 'opens' | 'traced'>): void
  /** The browser's history has moved, by us or by its own buttons. */
  restored(): void
  undo(): void
  redo(): void
}

export function createTrail(address: Pick<AddressBar, 'back' | 'forward'>, ask: (options: AskOptions) => void): Trail {
  let past: Move[] = []
  let future: Move[] = []
  let ours = false

  function forget(): void {
    past = []
    future = []
  }

  function go({ branch, cursor }: Place): void {
    ask({ traced: 'no', request: ({ view }) => (view === null || view.branch === branch ? null : { kind: 'checkout', branch }) })
    ask({ traced: 'no', request: ({ view }) => (view === null || view.cursor === cursor ? null : { kind: 'seek', step: cursor }) })
  }

  function take(from: Move[], to: Move[], place: (move: Extract<Move, { kind: 'step' }>) => Place, byHistory: () => void): void {
    const move = from.pop()
    if (move !== undefined) to.push(move)
    if (move?.kind === 'step') {
      go(place(move))
      return
    }
    ours = move !== undefined
    byHistory()
  }

  return {
    arrived(before, view, { arrival, opens = false, traced = 'yes' }) {
      if (opens || before === null) return forget()
      const from = { branch: before.branch, cursor: before.cursor }
      const to = { branch: view.branch, cursor: view.cursor }
      if (traced === 'no' || (from.branch === to.branch && from.cursor === to.cursor)) return
      future = []
      const last = past.at(-1)
      if (traced === 'with-last' && last?.kind === 'step') past[past.length - 1] = { ...last, to }
      else if (traced === 'yes') past.push(arrival === 'jump' ? { kind: 'jump' } : { kind: 'step', from, to })
    },
    restored() {
      if (!ours) forget()
      ours = false
    },
    undo: () =>
      take(
        past,
        future,
        ({ from }) => from,
        () => address.back(),
      ),
    redo: () =>
      take(
        future,
        past,
        ({ to }) => to,
        () => address.forward(),
      ),
  }
}
