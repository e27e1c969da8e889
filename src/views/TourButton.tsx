/** Leaves the card of the first minute for the first stop of the tour. */
import type { ReactNode } from 'react'
import { useFacts, usePage } from './page-context.ts'

export function TourButton(): ReactNode {
  const page = usePage()
  const first = useFacts((state) => state.tour[0])
  if (first === undefined) return null
  return (
    <button
      type="button"
      onClick={() => {
        page.leaveGuide()
        page.openScenario(first.scenario, first.params)
      }}
    >
      Take the tour
    </button>
  )
}
