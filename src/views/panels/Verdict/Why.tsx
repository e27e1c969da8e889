/** Why this run breaks: its decisive moments, each a sentence and a place to stand at. */
import type { ReactNode } from 'react'
import { shortAddresses } from '../../format.ts'
import { usePage, useView } from '../../page-context.ts'

export function Why(): ReactNode {
  const page = usePage()
  const { moments, cursor } = useView()
  if (moments.length === 0) return null
  return (
    <section aria-label="Why this breaks">
      <h3>
        Why this breaks <span className="role">{moments.length > 1 && 'M goes from one moment to the next'}</span>
      </h3>
      <ol className="why">
        {moments.map(({ step, kind, text }) => (
          <li key={step} data-kind={kind}>
            <button type="button" aria-current={step === cursor ? 'step' : undefined} onClick={() => page.seek(step)}>
              <span className="why-step">{step}</span>
              <span>{shortAddresses(text)}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  )
}
