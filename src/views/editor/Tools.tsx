/** What can be done with the draft as a whole. */
import type { ReactNode } from 'react'
import { isError } from '../../store/checking.ts'
import { runAndSearch, saveDraft } from '../../store/desk-commands.ts'
import type { OpenDraft, Pane } from '../../store/editing.ts'
import { useFacts, usePage } from '../page-context.ts'
import { changedParts } from './changed-parts.ts'

interface Given {
  readonly editing: OpenDraft
  /** The call site stands above the editor. */
  readonly site: boolean
  readonly setSite: (site: boolean) => void
}

export function Tools({ editing, site, setSite }: Given): ReactNode {
  const page = usePage()
  const drafts = useFacts((state) => state.drafts)
  const broken = editing.checked?.problems.some(isError) === true
  const changed = changedParts(editing).length
  const pane = (which: Pane, words: ReactNode, title?: string) => (
    <button type="button" aria-pressed={editing.pane === which} title={title} onClick={() => page.showPane(editing.pane === which ? 'text' : which)}>
      {words}
    </button>
  )
  return (
    <div className="editor-tools">
      <input aria-label="Name of the draft" value={editing.name} onChange={(event) => page.renameDraft(event.target.value)} />
      <button type="button" className="primary" disabled={broken} onClick={() => page.runDraft()} title="Ctrl+Enter">
        Run
      </button>
      <button type="button" disabled={broken} onClick={() => runAndSearch(page)} title="Run it, and search all interleavings. Ctrl+Shift+Enter">
        Run and search
      </button>
      {pane('changes', `Changes${changed > 0 ? ` (${changed})` : ''}`)}
      {pane('find', 'Find', 'In all files; labels first. Ctrl+Shift+F')}
      {pane('drafts', `Drafts${drafts.length > 0 ? ` (${drafts.length})` : ''}`)}
      <button type="button" onClick={() => page.openFile()} title="Ctrl+O, or drop a file on the page">
        Open …
      </button>
      <button
        type="button"
        disabled={editing.checked?.source == null}
        onClick={() => saveDraft(page)}
        title="As one file, which the command line takes too. Ctrl+S"
      >
        Save
      </button>
      <span className="editor-tools-end">
        <button type="button" className="quiet" aria-pressed={site} onClick={() => setSite(!site)}>
          {site ? 'Hide' : 'Show'} call site
        </button>
        <button type="button" className="quiet" onClick={() => page.closeEditor()}>
          Close editor
        </button>
      </span>
    </div>
  )
}
