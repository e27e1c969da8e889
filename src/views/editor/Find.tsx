/** Finds text in all parts of the scenario; where a name is defined comes first. */
import { type ReactNode, useEffect, useRef } from 'react'
import type { OpenDraft } from '../../store/editing.ts'
import { findIn, MOST_FOUND } from '../../store/finding.ts'
import { usePage } from '../page-context.ts'

export function Find({ editing: { parts, query } }: { editing: OpenDraft }): ReactNode {
  const page = usePage()
  const input = useRef<HTMLInputElement>(null)
  const found = findIn(parts, query)
  useEffect(() => {
    input.current?.focus()
    input.current?.select()
  }, [])
  return (
    <section className="editor-pane" aria-label="Find in all files">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (found[0] !== undefined) page.goToPlace(found[0])
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') page.showPane('text')
        }}
      >
        <input
          ref={input}
          type="search"
          aria-label="Find in all files"
          placeholder="Label, or any text"
          value={query}
          onChange={(event) => page.find(event.target.value)}
        />{' '}
        <span className="role" aria-live="polite">
          {query === '' ? 'Enter goes to the first, Esc back to the text.' : `${found.length === MOST_FOUND ? 'first ' : ''}${found.length} found`}
        </span>
      </form>
      <ul>
        {found.map(({ file, line, column, text, defines }) => (
          <li key={`${file}:${line}`}>
            <button type="button" className="link" onClick={() => page.goToPlace({ file, line, column })}>
              <code>
                {file}:{line}
              </code>{' '}
              <span className="editor-found">{text.trim()}</span>
              {defines && <span className="role"> defined here</span>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
