/** What is wrong, each at its place, and in one line how the text stands. */
import type { ReactNode } from 'react'
import { isError } from '../../store/checking.ts'
import type { OpenDraft } from '../../store/editing.ts'
import { sameParts } from '../../store/finding.ts'
import { presentKey, presentVerdict } from '../../store/selectors.ts'
import { useFacts, usePage } from '../page-context.ts'

/** Verdicts of combinations that there are no more. */
const EXPECTED = /^(?:with \S+: )?expected\b/

export function Problems({ editing }: { editing: OpenDraft }): ReactNode {
  const page = usePage()
  const { checked, undoable } = editing
  return (
    <div className="editor-problems">
      <ul>
        {(checked?.problems ?? []).map((problem) => (
          <li key={`${problem.file}:${problem.line}:${problem.column}:${problem.message}`}>
            <button type="button" className="link" data-severity={problem.severity} onClick={() => page.goToPlace(problem)}>
              <code>
                {problem.file}:{problem.line}:{problem.column}
              </code>{' '}
              {problem.message}
            </button>
          </li>
        ))}
      </ul>
      {checked?.problems.some(({ message }) => EXPECTED.test(message)) && (
        <p>
          <button type="button" onClick={() => page.dropExpected()}>
            Remove the expected verdicts
          </button>{' '}
          <span className="role">They are of the bundled text.</span>
        </p>
      )}
      <p className="editor-status role">
        <span aria-live="polite">
          <Status editing={editing} /> <Found editing={editing} />
        </span>
        {undoable !== null && (
          <span>
            {undoable.words}{' '}
            <button type="button" className="link" onClick={() => page.undoBeside()}>
              Undo
            </button>
          </span>
        )}
        <span className="editor-legend">
          beside the text: address, bytes · <kbd>F8</kbd> next problem · <kbd>F12</kbd> definition · <kbd>Esc</kbd> <kbd>Tab</kbd> leave
        </span>
      </p>
    </div>
  )
}

function Status({ editing: { checked, checking, parts, ranParts } }: { editing: OpenDraft }): ReactNode {
  if (checking || checked === null) return 'Reading …'
  const wrong = checked.problems.filter(isError).length
  if (wrong > 0) return `${count(wrong, 'mistake')}. What runs is the last text that was right.`
  if (checked.built === null) return 'It cannot be built.'
  const { files, cpus, sites, bytes } = checked.built
  const size = `${count(files, 'file')}, ${count(cpus, 'CPU')}, ${count(sites, 'site')}, ${count(bytes, 'byte')}`
  const runs = ranParts === null ? 'Not run yet.' : sameParts(parts, ranParts) ? 'This text runs.' : 'Changed since it was run.'
  return `It can be run: ${size}. ${runs}`
}

/** What the search has made of the text that runs. */
function Found({ editing: { parts, ran, ranParts } }: { editing: OpenDraft }): ReactNode {
  const page = usePage()
  const id = useFacts((state) => state.view?.scenario.id)
  const verdict = useFacts(presentVerdict)
  const searching = useFacts((state) => state.searching)
  const here = useFacts((state) => state.searching?.key === presentKey(state))
  if (ranParts === null || id !== ran || !sameParts(parts, ranParts)) return null
  if (searching !== null && here) return `Searching … ${count(searching.progress?.states ?? 0, 'state')}.`
  if (verdict === null) return null
  const [race] = verdict.violations
  if (race === undefined) {
    const words = verdict.kind === 'exhausted' ? 'Exhausted: nothing is violated in' : `Stopped by ${verdict.cut}: nothing is violated in the first`
    return <strong>{`${words} ${count(verdict.states, 'state')}.`}</strong>
  }
  return (
    <>
      <strong className="wrong">
        Violated after {count(race.steps, 'step')}: {race.title}.
      </strong>{' '}
      <button
        type="button"
        className="link"
        onClick={() => {
          page.closeEditor()
          page.loadRace(0)
        }}
      >
        Show me the race
      </button>
    </>
  )
}

function count(number: number, word: string): string {
  return `${number.toLocaleString('en')} ${word}${number === 1 ? '' : 's'}`
}
