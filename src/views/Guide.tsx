/** The card of the first minute (store/guide.ts). */
import type { ReactNode } from 'react'
import { FLAGSHIP } from '../store/guide.ts'
import { shortAddresses } from './format.ts'
import './guide.css'
import { MOMENT_WORDS } from '../store/moment-words.ts'
import { useFacts, usePage } from './page-context.ts'

export function Guide(): ReactNode {
  const guide = useFacts((state) => state.guide)
  if (guide === null) return null
  return (
    <section className="guide" aria-label="First steps">
      {guide.stage === 'offer' && <Offer />}
      {guide.stage === 'finding' && <p aria-live="polite">Searching all interleavings for the shortest race …</p>}
      {guide.stage === 'watching' && <Watching at={guide.at} />}
      {guide.stage === 'told' && <Told />}
      <Leave />
    </section>
  )
}

function Offer(): ReactNode {
  const page = usePage()
  const tour = useFacts((state) => state.tour)
  const first = tour[0]
  return (
    <>
      <p>
        <b>One CPU rewrites a call while others are running it.</b> Five bytes do not change at once, and each CPU may hold some of them already.
        Below are those bytes: as memory has them, and as each CPU has fetched them.
      </p>
      <div className="guide-actions">
        <button type="button" className="primary" onClick={() => page.watchRace()}>
          Watch it go wrong
        </button>
        <button
          type="button"
          onClick={() => {
            page.leaveGuide()
            page.step()
          }}
        >
          Step it yourself <kbd>→</kbd>
        </button>
        {first !== undefined && (
          <button
            type="button"
            onClick={() => {
              page.leaveGuide()
              page.openScenario(first.scenario, first.params)
            }}
          >
            Take the tour
          </button>
        )}
      </div>
    </>
  )
}

function Watching({ at }: { at: number }): ReactNode {
  const page = usePage()
  const moments = useFacts((state) => state.view?.moments ?? null)
  const moment = moments?.[at]
  if (moments === null || moment === undefined) return null
  return (
    <>
      <p aria-live="polite" data-kind={moment.kind}>
        <span className="role">
          Moment {at + 1} of {moments.length}. {MOMENT_WORDS[moment.kind]}:
        </span>{' '}
        <b>{shortAddresses(moment.text)}</b> {moment.meaning.says}
      </p>
      <div className="guide-actions">
        <button type="button" className="primary" onClick={() => page.nextInGuide()}>
          {at + 1 < moments.length ? 'Next moment' : 'What went wrong?'}
        </button>
      </div>
    </>
  )
}

function Told(): ReactNode {
  const page = usePage()
  return (
    <>
      <p>
        <b>The old first byte met the new tail.</b> One CPU had fetched <code>e8</code> before the breakpoint was written, and took the byte behind it
        after it had changed: it calls an address that nobody ever wrote. Sync 1, an interrupt to all CPUs that makes them forget what they have
        fetched, is switched off here.
      </p>
      <div className="guide-actions">
        <button
          type="button"
          className="primary"
          onClick={() => {
            page.leaveGuide()
            page.seek(0)
          }}
        >
          Step through it yourself
        </button>
        <button
          type="button"
          onClick={() => {
            page.leaveGuide()
            page.openScenario(FLAGSHIP.scenario, {})
            page.search()
          }}
        >
          Switch sync 1 on, and search again
        </button>
        <button
          type="button"
          onClick={() => {
            page.leaveGuide()
            page.openDialog('catalog')
          }}
        >
          The tour and all scenarios
        </button>
      </div>
    </>
  )
}

function Leave(): ReactNode {
  const page = usePage()
  return (
    <button type="button" className="quiet icon guide-leave" aria-label="Close the first steps" onClick={() => page.leaveGuide()}>
      ✕
    </button>
  )
}
