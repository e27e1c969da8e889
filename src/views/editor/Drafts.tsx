/** The drafts that this browser keeps, and those that were deleted since the page was opened. */
import type { ReactNode } from 'react'
import type { OpenDraft } from '../../store/editing.ts'
import { useFacts, usePage } from '../page-context.ts'

export function Drafts({ editing }: { editing: OpenDraft }): ReactNode {
  const page = usePage()
  const drafts = useFacts((state) => state.drafts)
  const deleted = useFacts((state) => state.deleted)
  return (
    <section className="editor-pane" aria-label="Drafts">
      <p className="role">
        {drafts.length === 0
          ? 'No draft yet: the first change makes one.'
          : 'Kept in this browser only; a link or a saved file takes them elsewhere.'}{' '}
        {editing.base !== null && (
          <button type="button" className="link" onClick={() => page.newCopy()}>
            Another copy of “{editing.origin}”
          </button>
        )}
      </p>
      <ul className="editor-drafts">
        {drafts.map(({ id, name, origin }) => (
          <li key={id}>
            <button type="button" className="link" aria-current={id === editing.id} onClick={() => page.openDraft(id)}>
              {name === '' ? 'Without a name' : name}
            </button>{' '}
            <span className="role">
              from {origin}
              {id === editing.id && ', open'}
            </span>
            <button type="button" className="quiet" aria-label={`Delete ${name}`} onClick={() => page.deleteDraft(id)}>
              Delete
            </button>
          </li>
        ))}
        {deleted.map(({ id, name }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a draft may be deleted twice
          <li key={`${id} ${i}`} data-deleted>
            <s>{name}</s> <span className="role">deleted</span>
            <button type="button" className="quiet" aria-label={`Undo deleting ${name}`} onClick={() => page.restoreDraft(id)}>
              Undo
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
