/** Why this run breaks: its decisive moments, each a sentence and a place to stand at. */
import { type ReactNode, useRef } from 'react'
import type { Meaning, View } from '../../../worker/protocol.ts'
import { grouped, shortAddresses } from '../../format.ts'
import { usePage, useView } from '../../page-context.ts'
import { useReveal } from '../../parts/use-reveal.ts'

type Moment = View['moments'][number]

const BASIS_WORDS: Readonly<Record<Meaning['basis'], string>> = {
  architecture: 'architecture',
  vendor: 'vendor-documented',
  folklore: 'folklore',
  protocol: 'rule of the protocol',
}

/** The note of the program at that place, and what the step rests on. */
function Rests({ meaning }: { meaning: Meaning }): ReactNode {
  return (
    <span className="rests">
      {meaning.says !== null && <span className="note-says">{meaning.says} </span>}
      <span className="basis" data-basis={meaning.basis} title={meaning.source ?? undefined}>
        {BASIS_WORDS[meaning.basis]}
      </span>
    </span>
  )
}

export function Why(): ReactNode {
  const { moments, cursor } = useView()
  if (moments.length === 0) return null
  return (
    <section aria-label="Why this breaks">
      <h3>
        Why this breaks <span className="role">{moments.length > 1 && 'M goes from one moment to the next'}</span>
      </h3>
      <ol className="why">
        {moments.map((moment) => (
          <WhyMoment key={moment.step} moment={moment} present={moment.step === cursor} />
        ))}
      </ol>
    </section>
  )
}

function WhyMoment({ moment: { step, kind, text, meaning }, present }: { moment: Moment; present: boolean }): ReactNode {
  const page = usePage()
  const element = useRef<HTMLLIElement>(null)
  useReveal(element, present)
  return (
    <li ref={element} data-kind={kind}>
      <button type="button" aria-current={present ? 'step' : undefined} onClick={() => page.seek(step)}>
        <span className="why-step">{grouped(step)}</span>
        <span>
          {shortAddresses(text)}
          <Rests meaning={meaning} />
        </span>
      </button>
    </li>
  )
}
