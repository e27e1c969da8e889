/** A search over the events of a timeline, in slices between frames, going on as the trace grows. */
import { useEffect, useMemo, useReducer, useRef } from 'react'
import type { TimelineIndex } from '../../timeline/index.ts'
import { EventSearch, type Found } from '../../timeline/search.ts'
import { changesBetween } from '../../timeline/sheet.ts'

export interface SearchControl {
  readonly search: EventSearch
  /** Hits so far. */
  readonly count: number
  /** All of the trace has been looked at. */
  readonly done: boolean
  /** The next hit behind `after` (a hit's index, or −1 to begin at the cursor), wrapping round; null where there is none yet. */
  next(after: number, cursor: number, direction: 1 | -1): { readonly at: number; readonly found: Found } | null
}

/** Steps looked at between two looks at the clock, and milliseconds of a slice. */
const PORTION = 8192
const SLICE_MS = 6

export function useEventSearch({ data }: TimelineIndex, query: string): SearchControl {
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const kept = useRef<{ readonly search: EventSearch; data: TimelineIndex['data'] } | null>(null)
  const search = useMemo(() => {
    const before = kept.current
    if (before !== null && before.search.query === query && (before.data === data || changesBetween(before.data, data) !== null)) {
      before.search.goOn(data)
      before.data = data
      return before.search
    }
    const fresh = new EventSearch(data, query)
    kept.current = { search: fresh, data }
    return fresh
  }, [data, query])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a trace that has grown is searched on, though the search is the same
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const slice = () => {
      const end = performance.now() + SLICE_MS
      let more = true
      while (more && performance.now() < end) more = search.run(PORTION)
      redraw()
      if (more) timer = setTimeout(slice)
    }
    slice()
    return () => clearTimeout(timer)
  }, [search, data])

  return {
    search,
    count: search.count,
    done: !search.asks || search.searched >= data.steps,
    next(after, cursor, direction) {
      const { count } = search
      if (count === 0) return null
      // From the cursor: the hit that it stands behind is the first one.
      const at = after >= 0 ? after + direction : direction === 1 ? search.from(Math.max(0, cursor - 1)) : search.from(cursor) - 1
      const wrapped = (at + count) % count
      return { at: wrapped, found: search.hit(wrapped) }
    },
  }
}
