/** The card of the first minute (store/guide.ts). It stands before the header in the document, so that who comes by keyboard or listens meets it first. */
import type { ReactNode } from 'react'
import './guide.css'
import { later } from './later.tsx'
import { useFacts, usePage } from './page-context.ts'
import { TourButton } from './TourButton.tsx'

const GuideStages = later(() => import('./GuideStages.tsx'), 'GuideStages')

export function Guide(): ReactNode {
  const stage = useFacts((state) => state.guide?.stage ?? null)
  if (stage === null) return null
  return (
    <section className="guide" aria-label="First steps">
      {stage === 'offer' ? <Offer /> : <GuideStages />}
      <Leave />
    </section>
  )
}

function Offer(): ReactNode {
  const page = usePage()
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
        <button type="button" onClick={() => page.stepInGuide()}>
          Step it yourself <kbd>→</kbd>
        </button>
        <TourButton />
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
