/**
 * The box for a search of the events. It belongs to the first view, so that it has the focus before the next letter comes, which would be a command otherwise; what finds
 * the hits (SearchHits.tsx) comes with the lanes' other hands.
 */
import { type ComponentType, type KeyboardEvent, type ReactNode, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { suggestions } from '../../timeline/suggestions.ts'
import type { SearchHitsProps, Walk } from './SearchHits.tsx'

export interface SearchBarProps extends Omit<SearchHitsProps, 'query' | 'walk'> {
  /** null until it is there. */
  readonly Hits: ComponentType<SearchHitsProps> | null
  onClose(): void
  /** What was typed is a command of the page: the list of them, as in other tools. */
  onCommands?: (() => void) | undefined
}

export function SearchBar({ Hits, onClose, onCommands, ...hits }: SearchBarProps): ReactNode {
  const [query, setQuery] = useState('')
  const walk = useRef<Walk>(null)
  const input = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => input.current?.focus(), [])
  const { data } = hits.index
  const placeholder = useMemo(() => (data.steps === 0 ? 'Nothing to find yet: no step has been taken.' : suggestions(data).join('   ')), [data])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') walk.current?.(event.shiftKey ? -1 : 1)
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
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {Hits !== null && <Hits {...hits} query={query} walk={walk} />}
      <button type="button" className="quiet icon" aria-label="Close the search" title="Close (Esc)" onClick={onClose}>
        ×
      </button>
    </search>
  )
}
