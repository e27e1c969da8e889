/** The question of somebody who wants to be asked first (store/predicting.ts), and what was right. */
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { isRight, optionsOf, questionOf, type SiteMeaning } from '../../../store/predicting.ts'
import { shownSite } from '../../../store/selectors.ts'
import { listed, shortAddresses } from '../../format.ts'
import { useFacts, usePage, useView } from '../../page-context.ts'
import './predict.css'
import type { SiteView } from '../../snapshot.ts'

export function Predict(): ReactNode {
  const page = usePage()
  const prediction = useFacts((state) => state.prediction)
  const asking = useFacts((state) => questionOf(state)?.cpu ?? null)
  if (prediction === null) return null
  return (
    <section className="predict" aria-label="Prediction">
      {asking === null ? <Feedback /> : <Ask key={`${asking} ${prediction.asked}`} />}
      <p className="predict-score">
        {prediction.asked > 0 && `${prediction.right} of ${prediction.asked} right `}
        <button type="button" className="quiet" onClick={() => page.setPredicting(false)}>
          Ask no longer
        </button>
      </p>
    </section>
  )
}

function Ask(): ReactNode {
  const page = usePage()
  const view = useView()
  const selectedSite = useFacts((state) => state.selectedSite)
  const [ticked, tick] = useState<readonly SiteMeaning[]>([])
  const prediction = useFacts((state) => state.prediction)
  const question = questionOf({ prediction, view, selectedSite })
  if (question === null) return null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    page.predict(ticked)
  }
  const toggle = (meaning: SiteMeaning) => tick(ticked.includes(meaning) ? ticked.filter((each) => each !== meaning) : [...ticked, meaning])
  return (
    <form onSubmit={submit}>
      <fieldset>
        <legend>
          What may <b>CPU {question.cpu}</b> execute at {question.site.label}, if it got there now? Tick all that can be.
        </legend>
        {optionsOf(question.site).map((meaning) => (
          <label key={meaning}>
            <input type="checkbox" checked={ticked.includes(meaning)} onChange={() => toggle(meaning)} /> {wordsFor(meaning, question.site)}
          </label>
        ))}
        <button type="submit" className="primary" disabled={ticked.length === 0}>
          Show
        </button>
      </fieldset>
    </form>
  )
}

function Feedback(): ReactNode {
  const last = useFacts((state) => state.prediction?.last ?? null)
  const shown = useFacts(shownSite)
  const site = useView().snapshot.sites[shown]
  const told = useRef<HTMLParagraphElement>(null)
  // The button that was pressed is gone: the Tab key goes on from what it led to.
  useEffect(() => told.current?.focus({ preventScroll: true }), [])
  if (last === null || site === undefined) return null
  const truth = listed(last.truth.map((meaning) => wordsFor(meaning, site)))
  return (
    <p className="predict-feedback" data-right={isRight(last)} role="status" ref={told} tabIndex={-1}>
      <b>{isRight(last) ? '✓ Right.' : '✕ Not quite.'}</b> CPU {last.cpu} may execute {truth}. The next question comes when that changes.
    </p>
  )
}

function wordsFor(meaning: SiteMeaning, { oldText, newText }: SiteView): string {
  switch (meaning) {
    case 'old':
      return `the old ${shortAddresses(oldText)}`
    case 'new':
      return `the new ${shortAddresses(newText)}`
    case 'int3':
      return 'the int3'
    case 'torn':
      return 'something that is neither old nor new'
  }
}
