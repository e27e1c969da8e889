/** What was changed against the bundled text: the changed lines, with some around them. */
import type { ReactNode } from 'react'
import { type DiffLine, diffLines } from '../../lib/line-diff.ts'
import type { OpenDraft } from '../../store/editing.ts'
import { partText } from '../../store/finding.ts'
import { usePage } from '../page-context.ts'
import { changedParts } from './changed-parts.ts'

const AROUND = 3
const SIGN = { same: ' ', gone: '−', new: '+' } as const
const WORDS = { same: '', gone: 'removed: ', new: 'added: ' } as const

export function Changes({ editing }: { editing: OpenDraft }): ReactNode {
  const page = usePage()
  const changed = changedParts(editing)
  if (editing.base === null)
    return <p className="editor-changes">No bundled scenario is called “{editing.origin}”: there is nothing to compare with.</p>
  if (changed.length === 0) return <p className="editor-changes">Nothing is changed: every line is that of the bundled scenario.</p>
  return (
    <div className="editor-changes">
      <p className="role">
        Against the bundled “{editing.origin}”.{' '}
        <button type="button" className="quiet" onClick={() => page.revert(null)}>
          All back to the bundled text
        </button>
      </p>
      {changed.map((name) => (
        <section key={name} aria-label={`Changes of ${name}`}>
          <h3>
            {name}
            <button
              type="button"
              className="quiet"
              disabled={partText(editing.base ?? editing.parts, name) === null}
              onClick={() => page.revert(name)}
            >
              Back to the bundled text
            </button>
          </h3>
          <pre>
            {near(diffLines(partText(editing.base ?? editing.parts, name) ?? '', partText(editing.parts, name) ?? '')).map((line, i) =>
              line === null ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: a list that is made anew with every change
                <span className="gap" key={i}>
                  ⋯{'\n'}
                </span>
              ) : (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                <span className={line.kind} key={i}>
                  <span className="number">{String(line.after ?? line.before ?? '').padStart(4)}</span> {SIGN[line.kind]}{' '}
                  <span className="unseen">{WORDS[line.kind]}</span>
                  {line.text}
                  {'\n'}
                </span>
              ),
            )}
          </pre>
        </section>
      ))}
    </div>
  )
}

/** Lines that changed and those around them; null where some are left out. */
function near(lines: readonly DiffLine[]): readonly (DiffLine | null)[] {
  const shown = lines.map((_, i) => lines.slice(Math.max(0, i - AROUND), i + AROUND + 1).some(({ kind }) => kind !== 'same'))
  return lines.flatMap((line, i) => (shown[i] === true ? [line] : shown[i - 1] === true || i === 0 ? [null] : []))
}
