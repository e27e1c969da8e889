/** The editor: a copy of a scenario, its parts, what is wrong with them, and the call site of what runs above it. */
import { type ReactNode, useEffect, useState } from 'react'
import { isError, JSON_PART, type OpenDraft } from '../../store/editing.ts'
import { download } from '../dialogs/save.ts'
import { PanelFrame } from '../PanelFrame.tsx'
import { useFacts, usePage } from '../page-context.ts'
import { PANELS } from '../panels/index.ts'
import { Changes, changedParts } from './Changes.tsx'
import { CodeView, type Target } from './CodeView.tsx'
import './editor.css'
import type { Schema } from './schema.ts'

export function Editor(): ReactNode {
  const editing = useFacts((state) => state.editing)
  const ready = useFacts((state) => state.view !== null)
  const [changes, setChanges] = useState(false)
  const [target, setTarget] = useState<Target | null>(null)
  const schema = useSchema()
  const page = usePage()
  if (editing === null) return null
  const site = PANELS.find(({ id }) => id === 'site')
  const goTo = ({ file, line, column }: Problem) => {
    setChanges(false)
    page.showPart(file)
    setTarget({ file, line, column, time: performance.now() })
  }
  return (
    <div className="editing">
      {ready && site !== undefined && <PanelFrame panel={site} />}
      <section className="editor" aria-label="Editor">
        <Tools editing={editing} changes={changes} setChanges={setChanges} />
        <Parts editing={editing} changes={changes} setChanges={setChanges} />
        <div className="editor-body" data-changes={changes}>
          <CodeView editing={editing} schema={schema} target={target} />
          {changes && <Changes editing={editing} />}
        </div>
        <Problems editing={editing} goTo={goTo} />
      </section>
    </div>
  )
}

type Problem = NonNullable<OpenDraft['checked']>['problems'][number]

interface Shown {
  readonly editing: OpenDraft
  readonly changes: boolean
  readonly setChanges: (changes: boolean) => void
}

function Tools({ editing, changes, setChanges }: Shown): ReactNode {
  const page = usePage()
  const drafts = useFacts((state) => state.drafts)
  const broken = editing.checked?.problems.some(isError) === true
  const changed = changedParts(editing).length
  const isKept = drafts.some(({ id }) => id === editing.id)
  return (
    <div className="editor-tools">
      <input aria-label="Name of the draft" value={editing.name} onChange={(event) => page.renameDraft(event.target.value)} />
      <button type="button" className="primary" disabled={broken} onClick={() => page.runDraft()} title="Ctrl+Enter">
        Run
      </button>
      <button type="button" aria-pressed={changes} onClick={() => setChanges(!changes)}>
        Changes{changed > 0 ? ` (${changed})` : ''}
      </button>
      <button type="button" onClick={() => page.openFile()} title="Ctrl+O, or drop a file on the page">
        Open …
      </button>
      <button
        type="button"
        disabled={editing.checked?.source == null}
        onClick={() =>
          void page.draftFile().then((file) => {
            if (file !== null) download(file.name, new Blob([file.text], { type: file.type }))
          })
        }
      >
        Save
      </button>
      {drafts.some(({ id }) => id !== editing.id) && (
        <select aria-label="Other drafts" value="" onChange={(event) => page.openDraft(event.target.value)}>
          <option value="">Drafts …</option>
          {drafts
            .filter(({ id }) => id !== editing.id)
            .map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
        </select>
      )}
      {isKept && <Delete id={editing.id} />}
      <button type="button" className="quiet" onClick={() => page.closeEditor()}>
        Close editor
      </button>
    </div>
  )
}

/** Asks once more: a deleted draft is gone. */
function Delete({ id }: { id: string }): ReactNode {
  const page = usePage()
  const [asking, setAsking] = useState(false)
  return asking ? (
    <button type="button" onBlur={() => setAsking(false)} onClick={() => page.deleteDraft(id)}>
      Really delete?
    </button>
  ) : (
    <button type="button" className="quiet" onClick={() => setAsking(true)}>
      Delete draft
    </button>
  )
}

function Parts({ editing, changes, setChanges }: Shown): ReactNode {
  const page = usePage()
  const changed = changedParts(editing)
  return (
    <nav className="editor-parts" aria-label="Files of the scenario">
      {[...editing.parts.files.map(({ name }) => name), JSON_PART].map((name) => {
        const wrong = editing.checked?.problems.filter((problem) => problem.file === name && isError(problem)).length ?? 0
        return (
          <button
            type="button"
            key={name}
            className="quiet"
            aria-pressed={!changes && name === editing.file}
            onClick={() => {
              setChanges(false)
              page.showPart(name)
            }}
          >
            {name}
            {changed.includes(name) && <span title="changed"> •</span>}
            {wrong > 0 && <b className="wrong"> {wrong}</b>}
          </button>
        )
      })}
    </nav>
  )
}

function Problems({ editing: { checked, checking }, goTo }: { editing: OpenDraft; goTo: (problem: Problem) => void }): ReactNode {
  const problems = checked?.problems ?? []
  const words = checked === null ? 'Reading …' : problems.length === 0 ? 'It can be run.' : 'What runs is the last text that was right.'
  return (
    <div className="editor-problems" aria-live="polite">
      <p className="role">{checking ? 'Reading …' : words}</p>
      <ul>
        {problems.map((problem) => (
          <li key={`${problem.file}:${problem.line}:${problem.column}:${problem.message}`}>
            <button type="button" className="link" data-severity={problem.severity} onClick={() => goTo(problem)}>
              <code>
                {problem.file}:{problem.line}:{problem.column}
              </code>{' '}
              {problem.message}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

function useSchema(): Schema | null {
  const [schema, setSchema] = useState<Schema | null>(null)
  useEffect(() => {
    let wanted = true
    fetch('scenario.schema.json')
      .then((response) => response.json())
      .then((found: Schema) => wanted && setSchema(found))
      // Without it nothing is completed in the JSON; its mistakes are found all the same.
      .catch(() => undefined)
    return () => {
      wanted = false
    }
  }, [])
  return schema
}
