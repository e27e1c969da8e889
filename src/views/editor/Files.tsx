/** The parts of the scenario, with what is changed and what is wrong in each. */
import { type ReactNode, useState } from 'react'
import { isError } from '../../store/checking.ts'
import { JSON_PART, type OpenDraft } from '../../store/editing.ts'
import { newFileName, partNames } from '../../store/finding.ts'
import { usePage } from '../page-context.ts'
import { changedParts } from './changed-parts.ts'

export function Files({ editing }: { editing: OpenDraft }): ReactNode {
  const page = usePage()
  const changed = changedParts(editing)
  const problems = editing.checked?.problems ?? []
  return (
    <nav className="editor-parts" aria-label="Files of the scenario">
      {partNames(editing.parts).map((name) => {
        const wrong = problems.filter((problem) => problem.file === name && isError(problem)).length
        // What the program does not name can go; the check says so at its first place.
        const isLeftOut = problems.some(({ file, severity, line, column }) => file === name && severity === 'warning' && line === 1 && column === 1)
        return (
          <span key={name} className="editor-part">
            <button
              type="button"
              className="quiet"
              aria-pressed={name === editing.file}
              title={name === JSON_PART ? 'CPUs, sites, parameters, properties' : name}
              onClick={() => page.showPart(name)}
            >
              {name}
              {changed.includes(name) && (
                <span title="changed">
                  {' '}
                  •<span className="unseen"> changed</span>
                </span>
              )}
              {wrong > 0 && (
                <b className="wrong" title={wrong === 1 ? '1 mistake' : `${wrong} mistakes`}>
                  {' '}
                  {wrong}
                  <span className="unseen"> {wrong === 1 ? 'mistake' : 'mistakes'}</span>
                </b>
              )}
            </button>
            {name !== JSON_PART && isLeftOut && (
              <button type="button" className="quiet icon" aria-label={`Remove ${name}`} title={`Remove ${name}`} onClick={() => page.dropFile(name)}>
                ✕
              </button>
            )}
          </span>
        )
      })}
      <NewFile editing={editing} />
    </nav>
  )
}

function NewFile({ editing }: { editing: OpenDraft }): ReactNode {
  const page = usePage()
  const [name, setName] = useState<string | null>(null)
  if (name === null)
    return (
      <button type="button" className="quiet" onClick={() => setName('')}>
        + New file
      </button>
    )
  const whole = newFileName(editing.parts, name)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (whole === null) return
        page.addFile(name)
        setName(null)
      }}
    >
      <input
        // biome-ignore lint/a11y/noAutofocus: the press that opened it asked for it
        autoFocus
        aria-label="Name of the new file"
        placeholder="name.asm"
        value={name}
        aria-invalid={name !== '' && whole === null}
        title={name !== '' && whole === null ? 'There is one of this name, or it is none' : undefined}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setName(null)
        }}
        onBlur={() => name === '' && setName(null)}
      />
    </form>
  )
}
