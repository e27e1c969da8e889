/** The keys of a list below a box that narrows it down: arrows walk from the box into the list and back, Enter in the box takes the first, letters go on narrowing. */
import type { KeyboardEvent } from 'react'

const MOVES: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }

/** Where a key leads from place `at`; -1 is the box itself, and is where one who goes up arrives. null: it is no such key, or there is nowhere to go. */
export function moved(key: string, at: number, length: number): number | null {
  const by = MOVES[key]
  return by === undefined || length === 0 ? null : Math.max(-1, Math.min(length - 1, at + by))
}

/** `takes`: Enter in the box presses the first item. */
export function onListKey(event: KeyboardEvent<HTMLElement>, takes: boolean): void {
  const box = event.currentTarget.querySelector<HTMLInputElement>('input')
  // What is folded away has no box of its own.
  const items = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('.catalog-list button')].filter(
    (each) => each.getClientRects().length > 0,
  )
  const at = items.indexOf(event.target as HTMLButtonElement)
  if (box === null || (at < 0 && event.target !== box)) return
  const to = moved(event.key, at, items.length)
  if (to !== null) {
    event.preventDefault()
    const target = items[to] ?? box
    target.focus()
  } else if (event.key === 'Enter' && event.target === box && takes) {
    event.preventDefault()
    items[0]?.click()
  } else if (at >= 0 && event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey) box.focus()
}
