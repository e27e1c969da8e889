/** Looks for events, and goes from one to the next. */
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { grouped } from '../../timeline/drawing.ts'
import type { TimelineIndex } from '../../timeline/index.ts'
import { type EventSearch, hitColumns } from '../../timeline/search.ts'
import { foundSelection, type Selection } from '../../timeline/selection.ts'
import type { Viewport } from '../../timeline/viewport.ts'
import { useEventSearch } from './use-search.ts'

export interface SearchBarProps {
  readonly index: TimelineIndex
  readonly cursor: number
  readonly view: Viewport
  /** Goes to a hit. */
  onHit(selection: Selection): void
  /** Steps with hits in view, for the picture. */
  onHits(steps: readonly number[]): void
  onClose(): void
  /** What was typed is a command of the page: the list of them, as in other tools. */
  onCommands?: (() => void) | undefined
}

/** Hits closer than this, in pixels, are one. */
const PITCH = 5

export default function SearchBar({ index, cursor, view, onHit, onHits, onClose, onCommands }: SearchBarProps): ReactNode {
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(-1)
  const control = useEventSearch(index, query)
  const { search, count, done } = control
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  useShown(search, count, view, onHits)

  const go = (direction: 1 | -1) => {
    const next = control.next(at, cursor, direction)
    if (next === null) return
    setAt(next.at)
    onHit(foundSelection(index.data, next.found))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') go(event.shiftKey ? -1 : 1)
    else if (event.key === 'Escape') onClose()
    else if (event.key === '>' && query === '' && onCommands !== undefined) {
      onClose()
      onCommands()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <search className="tl-search">
      <input
        ref={input}
        type="search"
        aria-label="Search the events"
        placeholder="int3   cpu:1   acks   0x…81001000   step:40-60   -fetch"
        spellCheck={false}
        autoComplete="off"
        value={query}
        onChange={(event) => {
          setQuery(event.target.value)
          setAt(-1)
        }}
        onKeyDown={onKeyDown}
      />
      <output aria-live="polite">{wordsOf(search, at, count, done)}</output>
      <button
        type="button"
        className="quiet icon"
        aria-label="Previous hit"
        title="Previous hit (Shift+Enter)"
        disabled={count === 0}
        onClick={() => go(-1)}
      >
        ↑
      </button>
      <button type="button" className="quiet icon" aria-label="Next hit" title="Next hit (Enter)" disabled={count === 0} onClick={() => go(1)}>
        ↓
      </button>
      <button type="button" className="quiet icon" aria-label="Close the search" title="Close (Esc)" onClick={onClose}>
        ×
      </button>
    </search>
  )
}

function wordsOf(search: EventSearch, at: number, count: number, done: boolean): string {
  if (!search.asks) return ''
  const total = `${grouped(count)}${done ? '' : ' …'}`
  if (count === 0) return done ? 'nothing found' : 'searching …'
  return at < 0 ? total : `${grouped(at + 1)} of ${total}`
}

/** Tells the picture what to point at. */
function useShown(search: EventSearch, count: number, { from, to, width }: Viewport, onHits: (steps: readonly number[]) => void): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: with every slice there are more
  useEffect(() => {
    onHits(search.asks && to > from ? hitColumns(search, from, to, Math.max(1, width / PITCH)) : [])
  }, [search, count, from, to, width, onHits])
  useEffect(() => () => onHits([]), [onHits])
}
