/** What a search of the events finds: how many, and the way from one to the next. */
import { type ReactNode, type RefObject, useEffect, useImperativeHandle, useState } from 'react'
import { grouped } from '../../timeline/drawing.ts'
import type { TimelineIndex } from '../../timeline/index.ts'
import { type EventSearch, hitColumns } from '../../timeline/search.ts'
import { foundSelection, type Selection } from '../../timeline/selection.ts'
import type { Viewport } from '../../timeline/viewport.ts'
import { useEventSearch } from './use-search.ts'

/** To the next hit, or back; null while there is nothing that could go. */
export type Walk = ((direction: 1 | -1) => void) | null

export interface SearchHitsProps {
  readonly index: TimelineIndex
  readonly cursor: number
  readonly view: Viewport
  readonly query: string
  /** For the keys of the box. */
  readonly walk: RefObject<Walk>
  /** Goes to a hit. */
  onHit(selection: Selection): void
  /** Steps with hits in view, for the picture. */
  onHits(steps: readonly number[]): void
}

/** Hits closer than this, in pixels, are one. */
const PITCH = 5

export function SearchHits({ index, cursor, view, query, walk, onHit, onHits }: SearchHitsProps): ReactNode {
  const [gone, setGone] = useState({ query, at: -1 })
  const at = gone.query === query ? gone.at : -1
  const control = useEventSearch(index, query)
  const { search, count, done } = control
  useShown(search, count, view, onHits)

  const go = (direction: 1 | -1) => {
    const next = control.next(at, cursor, direction)
    if (next === null) return
    setGone({ query, at: next.at })
    onHit(foundSelection(index.data, next.found))
  }
  useImperativeHandle<Walk, Walk>(walk, () => go)
  return (
    <>
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
    </>
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
