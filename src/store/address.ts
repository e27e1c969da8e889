/**
 * Keeps the address equal to the view. Steps and scrubbing replace the present entry of the browser's history; jumps make a new one, so that Back
 * undoes them. Browsers ration changes of the address (about 100 in 30 s), so replacements are spaced out and only the newest is written.
 */
import type { AddressBar, Timer } from './ports.ts'

const SPACING_MS = 350

export interface AddressKeeper {
  /** `jump`: the view before stays reachable with Back. */
  show(fragment: string, jump: boolean): void
  /** What the address says, or will say in a moment. */
  readonly shown: string
  /** The address has changed under us. */
  accept(fragment: string): void
  /** Writes now what still waits. */
  flush(): void
}

export function createAddressKeeper(bar: AddressBar, timer: Timer): AddressKeeper {
  let shown = bar.read()
  let written = shown
  let writtenAt = Number.NEGATIVE_INFINITY
  let takeBack: (() => void) | null = null

  function flush(): void {
    takeBack?.()
    takeBack = null
    if (shown === written) return
    bar.replace(shown)
    written = shown
    writtenAt = timer.now()
  }

  return {
    show(fragment, jump) {
      if (fragment === shown) return
      if (jump) {
        flush()
        bar.push(fragment)
        shown = written = fragment
        writtenAt = timer.now()
        return
      }
      shown = fragment
      if (takeBack !== null) return
      const wait = writtenAt + SPACING_MS - timer.now()
      if (wait <= 0) flush()
      else takeBack = timer.after(wait, flush)
    },
    get shown() {
      return shown
    },
    accept(fragment) {
      takeBack?.()
      takeBack = null
      shown = written = fragment
    },
    flush,
  }
}
