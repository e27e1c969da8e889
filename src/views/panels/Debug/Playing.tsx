/** Who moves when the run plays by itself, and a schedule to follow, with what is wrong in it at its place. */
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react'
import { type Mistake, mistakeIn } from '../../../store/following.ts'
import { PlayOptions } from '../../PlayOptions.tsx'
import { usePage } from '../../page-context.ts'

export function Playing(): ReactNode {
  return (
    <section aria-label="Playing">
      <h3>Playing</h3>
      <PlayOptions />
      <Schedule />
    </section>
  )
}

function Schedule(): ReactNode {
  const page = usePage()
  const box = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState('')
  const [mistake, setMistake] = useState<Mistake | null>(null)
  const follow = () => {
    const { view } = page.store.getState()
    if (view === null || text.trim() === '') return
    page.open({ scenario: view.scenario.id, params: view.params, schedule: text, cursor: 0, digest: null }, 'jump', ({ remarks }) => {
      const found = mistakeIn(text, remarks)
      setMistake(found)
      if (found === null) page.play()
      else {
        box.current?.focus()
        box.current?.setSelectionRange(found.from, found.to)
      }
    })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    follow()
  }
  return (
    <>
      <textarea
        ref={box}
        rows={2}
        aria-label="A schedule to follow"
        aria-invalid={mistake !== null}
        aria-describedby="schedule-mistake"
        placeholder="0s*12 1s 1s.2 …"
        spellCheck={false}
        value={text}
        onKeyDown={onKeyDown}
        onChange={({ target }) => {
          setText(target.value)
          setMistake(null)
        }}
      />
      <p id="schedule-mistake" className="is-violation" aria-live="polite">
        {mistake?.words}
      </p>
      <div className="playing">
        <button type="button" disabled={text.trim() === ''} title="Ctrl Enter" onClick={follow}>
          Follow this schedule
        </button>
        <button type="button" className="quiet" onClick={() => setText(page.store.getState().view?.schedule ?? '')}>
          Take this run’s
        </button>
      </div>
    </>
  )
}
