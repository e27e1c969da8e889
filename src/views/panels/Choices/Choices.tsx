/** Everything that can happen next, by CPU, each with what it would change. */
import type { ReactNode } from 'react'
import { defaultChoice } from '../../../store/default-choice.ts'
import { count, listed } from '../../format.ts'
import { useFacts, usePage, useView } from '../../page-context.ts'
import './choices.css'
import { aheadWords, byCpu, type NumberedChoice } from './words.ts'

export function Choices(): ReactNode {
  const view = useView()
  const timeline = useFacts((state) => state.timeline)
  const { choices } = view.snapshot
  if (choices.length === 0) {
    return (
      <p className="empty">{view.snapshot.final ? 'Nothing: every CPU is done.' : 'Nothing: no CPU can move any more.'} Step back, or start again.</p>
    )
  }
  const preferred = view.cursor < view.length ? -1 : defaultChoice(view, timeline)
  return (
    <div className="choices">
      <LookAhead />
      {byCpu(choices).map(({ cpu, choices: own }) => (
        <ul key={cpu} aria-label={`CPU ${cpu}`}>
          {own.map((choice) => (
            <li key={choice.choice}>
              <ChoiceButton choice={choice} preferred={choice.index === preferred} />
            </li>
          ))}
        </ul>
      ))}
    </div>
  )
}

function LookAhead(): ReactNode {
  const page = usePage()
  const looking = useFacts((state) => state.looking)
  const done = useFacts((state) => state.ahead?.done ?? true)
  return (
    <label className="look-ahead">
      <input type="checkbox" checked={looking} onChange={(event) => page.setLooking(event.target.checked)} />
      Look ahead: is a race still to come?{looking && !done && ' …'}
    </label>
  )
}

export function ChoicesHint(): ReactNode {
  const view = useView()
  const { length } = view.snapshot.choices
  if (length === 0) return null
  return view.cursor < view.length ? 'another choice makes a branch' : count(length, 'choice')
}

function ChoiceButton({ choice, preferred }: { choice: NumberedChoice; preferred: boolean }): ReactNode {
  const page = usePage()
  const titles = useView().scenario.properties
  const ahead = useFacts((state) => state.ahead?.answers[choice.index] ?? null)
  const breaks = choice.violates.map((id) => titles.find((property) => property.id === id)?.title ?? id)
  return (
    <button type="button" className="choice" data-preferred={preferred} data-visible={choice.visible} onClick={() => page.take(choice.index)}>
      {choice.index < 9 ? <kbd>{choice.index + 1}</kbd> : <span />}
      <span className="cpu-label">CPU {choice.cpu}</span>
      <span className={`what is-${choice.meaning ?? 'plain'}`}>{choice.title}</span>
      {preferred ? <kbd title="Step takes this one">→</kbd> : <span />}
      <span className="more">
        {ahead !== null && breaks.length === 0 && <span className={`ahead is-${ahead.kind}`}>{aheadWords(ahead)}</span>}
        {breaks.length > 0 && <strong className="is-torn">✕ breaks “{listed(breaks)}”</strong>}
        {breaks.length === 0 && choice.effect !== '' && <span className="effect">{choice.effect}</span>}
        {choice.detail !== null && <span className="detail">{choice.detail}</span>}
      </span>
    </button>
  )
}
