/**
 * The address bar of a page inside another one. Its entries would be entries of the host's history, and its Back would lead the host away: so each jump replaces the
 * entry, and Back and Forward go through a list of its own.
 */
import type { AddressBar } from './ports.ts'

/** More than anybody goes back. */
const MOST = 200

export function framedAddress(bar: AddressBar): AddressBar {
  let entries = [bar.read()]
  let at = 0
  /** Entries before the first that is kept. */
  let dropped = 0
  /** Those whose address came from the host. */
  const foreign = new Set([0])
  let onJump = () => {}

  function go(by: number): void {
    const target = entries[at + by]
    if (target === undefined) return
    at += by
    bar.replace(target)
    onJump()
  }

  return {
    read: () => bar.read(),
    base: () => bar.base(),
    replace(fragment) {
      entries[at] = fragment
      foreign.delete(dropped + at)
      bar.replace(fragment)
    },
    push(fragment) {
      const all = [...entries.slice(0, at + 1), fragment]
      entries = all.slice(-MOST)
      dropped += all.length - entries.length
      at = entries.length - 1
      foreign.delete(dropped + at)
      bar.replace(fragment)
    },
    entry: () => dropped + at,
    own: () => !foreign.has(dropped + at),
    go,
    listen(call) {
      onJump = call
      bar.listen(() => {
        // The host has given the frame another address.
        if (bar.read() !== entries[at]) {
          entries[at] = bar.read()
          foreign.add(dropped + at)
        }
        call()
      })
    },
  }
}
