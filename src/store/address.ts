/**
 * Keeps the address equal to the view. Steps and scrubbing replace the present entry of the browser's history; jumps make a new one, so that Back
 * undoes them. Browsers ration changes of the address (about 100 in 30 s), so replacements are spaced out and only the newest is written.
 *
 * What the sender of a link said stays in the address as long as it is shown, so that a reload shows it again, and a copy takes it along.
 *
 * The link of a long run takes long to spell. It is asked for at the end of what took long, and else when the page has come to rest. Until then the
 * address says where the page stood before, and that it is still being written: whoever reloads meanwhile is told what is missing.
 */
import { unfinished, type Words, withWords } from '../interchange/link-write.ts'
import type { View } from '../worker/protocol.ts'
import type { AddressBar, Timer } from './ports.ts'

const SPACING_MS = 350
/** Links of longer runs take more than some milliseconds. */
const LONG = 20_000
const REST_MS = 1000
const NO_WORDS: Words = { title: '', note: '' }

/** What of a view the address needs; `fragment` is made when it is read. */
export type Shown = Pick<View, 'fragment' | 'length' | 'branch' | 'cursor'>

export interface AddressKeeper {
  /** `jump`: the view before stays reachable with Back. `ended`: what took long, a run or a link that was followed, has come to its end. */
  show(view: Shown, jump: boolean, ended?: boolean): void
  /** What the address says, or will say in a moment. */
  readonly shown: string
  /** Leaves the address as it is when the next view is shown, unless that is a jump. */
  hold(): void
  /** The address has changed under us. */
  accept(fragment: string): void
  /** Writes now what still waits. `leaving`: however long it takes. */
  flush(leaving?: boolean): void
  /** What the sender of the link said, from the next view on. */
  words: Words | null
  /** As `words`, and in the present entry as well. */
  reword(words: Words | null): void
}

/** `spell`: asks for the link of the present view; null where the run went on meanwhile. */
export function createAddressKeeper(bar: AddressBar, timer: Timer, spell: () => Promise<string | null>): AddressKeeper {
  let written = bar.read()
  let writtenAt = Number.NEGATIVE_INFINITY
  let waiting: Shown | null = null
  let takeBack: (() => void) | null = null
  let held = false
  /** The address is as somebody else wrote it. */
  let foreign = true
  /** The view that `written` is of, where the page wrote it. */
  let said = ''
  let markedAt = Number.NEGATIVE_INFINITY

  function worded(fragment: string): string {
    return keeper.words === null ? fragment : withWords(fragment, keeper.words)
  }

  function write(fragment: string, view: Shown | null): void {
    foreign = false
    if (view !== null) said = nameOf(view)
    if (fragment === written) return
    bar.replace(fragment)
    written = fragment
    writtenAt = timer.now()
  }

  function stop(): Shown | null {
    takeBack?.()
    takeBack = null
    const view = waiting
    waiting = null
    return view
  }

  /** Says in the address that it lags behind. A link that is being followed stands there already. */
  function mark(view: Shown): void {
    if (foreign || said === nameOf(view) || timer.now() < markedAt + SPACING_MS) return
    markedAt = timer.now()
    const fragment = unfinished(written, view.length)
    if (fragment === written) return
    bar.replace(fragment)
    written = fragment
    writtenAt = timer.now()
  }

  function later(view: Shown, ended: boolean): void {
    waiting = view
    if (view.length > LONG) {
      takeBack?.()
      takeBack = null
      mark(view)
      if (ended) void spellLong(view)
      else {
        takeBack = timer.after(REST_MS, () => {
          takeBack = null
          void spellLong(view)
        })
      }
      return
    }
    if (takeBack !== null) return
    const wait = writtenAt + SPACING_MS - timer.now()
    if (wait <= 0) keeper.flush()
    else takeBack = timer.after(wait, () => keeper.flush())
  }

  async function spellLong(view: Shown): Promise<void> {
    const fragment = await spell()
    // Whatever has happened meanwhile, only a link of what is still shown is written.
    if (waiting !== view || takeBack !== null) return
    if (fragment === null) later(view, false)
    else {
      waiting = null
      write(worded(fragment), view)
    }
  }

  const keeper: AddressKeeper = {
    words: null,
    reword(words) {
      keeper.words = words
      if (!foreign) write(withWords(written, words ?? NO_WORDS), null)
    },
    hold() {
      held = true
    },
    show(view, jump, ended = false) {
      const stays = held
      held = false
      if (!jump) {
        if (!stays) later(view, ended)
        return
      }
      keeper.flush()
      if (view.length > LONG) {
        // An entry of its own at once, so that Back leads to where we were; what it says comes later.
        bar.push(written)
        foreign = false
        said = ''
        markedAt = Number.NEGATIVE_INFINITY
        later(view, ended)
        return
      }
      const fragment = worded(view.fragment)
      foreign = false
      said = nameOf(view)
      if (fragment === written) return
      bar.push(fragment)
      written = fragment
      writtenAt = timer.now()
    },
    get shown() {
      return waiting === null ? written : worded(waiting.fragment)
    },
    accept(fragment) {
      stop()
      written = fragment
      foreign = true
    },
    flush(leaving = false) {
      const view = stop()
      if (view !== null && (leaving || view.length <= LONG)) write(worded(view.fragment), view)
    },
  }
  return keeper
}

function nameOf({ branch, length, cursor }: Shown): string {
  return `${branch} ${length} ${cursor}`
}
