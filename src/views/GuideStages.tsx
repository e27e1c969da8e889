/** What the card of the first minute says after its first sentence, and what to press next. */
import type { ReactNode } from 'react'
import { FLAGSHIP } from '../store/guide.ts'
import { plainWords, siteWords } from '../store/guide-words.ts'
import { questionOf } from '../store/predicting.ts'
import { paramValue, presentKey, presentVerdict } from '../store/selectors.ts'
import type { SearchVerdict } from '../worker/protocol.ts'
import { count, grouped, listed, shortAddresses } from './format.ts'
import { useFacts, usePage, useView } from './page-context.ts'
import { TourButton } from './TourButton.tsx'

export function GuideStages(): ReactNode {
  const guide = useFacts((state) => state.guide)
  switch (guide?.stage) {
    case 'finding':
      return <Finding words="Searching all interleavings for the shortest race …" />
    case 'watching':
      return <Watching at={guide.at} />
    case 'told':
      return <Told />
    case 'checking':
      return <Checking />
    case 'stepping':
      return <Stepping />
    default:
      return null
  }
}

/** Its number of states is not said aloud: it changes all the time. */
function Finding({ words }: { words: string }): ReactNode {
  const states = useFacts((state) => state.searching?.progress?.states ?? null)
  return (
    <p>
      <span aria-live="polite">{words}</span>
      {states !== null && <span className="role"> {count(states, 'state')} so far</span>}
    </p>
  )
}

function Watching({ at }: { at: number }): ReactNode {
  const page = usePage()
  const view = useView()
  const asked = useFacts((state) => questionOf(state) !== null)
  const { moments } = view
  const moment = moments[at]
  if (moment === undefined) return null
  const plain = plainWords(moment, moments.at(-1)?.cpu ?? moment.cpu, view, asked)
  return (
    <>
      <p aria-live="polite" data-kind={moment.kind}>
        <span className="role">
          Moment {at + 1} of {moments.length}.
        </span>{' '}
        {plain === null ? (
          <>
            <b>{shortAddresses(moment.text)}</b> {moment.meaning.says}
          </>
        ) : (
          <Sentences text={shortAddresses(plain)} />
        )}
      </p>
      <div className="guide-actions">
        <button type="button" className="primary" onClick={() => page.nextInGuide()}>
          {at + 1 < moments.length ? 'Next moment' : 'What went wrong?'}
        </button>
      </div>
    </>
  )
}

/** The first one says what happens. */
function Sentences({ text }: { text: string }): ReactNode {
  const end = text.indexOf('. ') + 1
  if (end === 0) return <b>{text}</b>
  return (
    <>
      <b>{text.slice(0, end)}</b>
      {text.slice(end)}
    </>
  )
}

function Told(): ReactNode {
  const page = usePage()
  return (
    <>
      <p aria-live="polite">
        <b>The old first byte met the new tail.</b> One CPU had fetched <code>e8</code> before the breakpoint was written, and took the byte behind it
        after it had changed: it calls an address that nobody ever wrote. Sync 1, an interrupt to all CPUs that makes them forget what they have
        fetched, is switched off here.
      </p>
      <div className="guide-actions">
        <button type="button" className="primary" onClick={() => page.checkInGuide({})}>
          Switch sync 1 on, and search again
        </button>
        <button
          type="button"
          onClick={() => {
            page.leaveGuide()
            page.seek(0)
          }}
        >
          Step through it yourself
        </button>
        <Elsewhere />
      </div>
    </>
  )
}

/** The flagship with other parameters: is there still a race? */
function Checking(): ReactNode {
  const page = usePage()
  const { scenario, params } = useView()
  const verdict = useFacts(presentVerdict)
  const searching = useFacts((state) => state.searching !== null && state.searching.key === presentKey(state))
  const switches = scenario.params.filter(({ alone, values }) => alone !== true && values.length === 2 && values.includes('off'))
  const off = switches.filter(({ name }) => paramValue(scenario, params, name) === 'off')
  const others = switches.filter((each) => !off.includes(each) && !(each.name in FLAGSHIP.params))
  if (searching) return <Finding words="Searching all interleavings again …" />
  return (
    <>
      <p aria-live="polite" data-kind={verdict?.kind === 'violated' ? 'violation' : undefined}>
        {verdict === null ? (
          <>
            <b>The search was stopped.</b> That proves nothing.
          </>
        ) : (
          <>
            <b>{answer(verdict)}</b>{' '}
            {off.length === 0
              ? 'With every sync on, all CPUs forget what they have fetched before the next byte changes.'
              : `That is without ${listed(off.map(({ title }) => title))}.`}
          </>
        )}
      </p>
      <div className="guide-actions">
        {verdict === null && (
          <button type="button" className="primary" onClick={() => page.search()}>
            Search on
          </button>
        )}
        {verdict !== null && verdict.violations.length > 0 && (
          <button
            type="button"
            className="primary"
            onClick={() => {
              page.leaveGuide()
              page.loadRace(0)
            }}
          >
            Show me the race
          </button>
        )}
        {others.slice(0, 2).map(({ name, title }) => (
          <button type="button" key={name} onClick={() => page.checkInGuide({ [name]: 'off' })}>
            And without {title}?
          </button>
        ))}
        <button type="button" onClick={() => page.stepInGuide()}>
          Step it yourself <kbd>→</kbd>
        </button>
        <Elsewhere />
      </div>
    </>
  )
}

function answer({ kind, states, violations }: SearchVerdict): string {
  if (kind === 'exhausted') return `No race: all ${grouped(states)} states were visited.`
  const [first] = violations
  if (first !== undefined) return `There is a race: ${count(first.steps, 'step')} lead to it.`
  return `The search stopped at a bound, after ${count(states, 'state')}: that proves nothing.`
}

/** Who steps by hand is told how far the call site is, and how to get on faster. */
function Stepping(): ReactNode {
  const page = usePage()
  const view = useView()
  const running = useFacts((state) => state.running)
  const asked = useFacts((state) => questionOf(state) !== null)
  const words = siteWords(view, asked)
  return (
    <>
      <p aria-live="off">{words !== null && <Sentences text={shortAddresses(words)} />}</p>
      <div className="guide-actions">
        <button type="button" className="primary" disabled={running} onClick={() => page.runToChange()}>
          Run until a byte changes
        </button>
        <button type="button" disabled={running} onClick={() => page.run('next-choice')}>
          To the next choice <kbd>N</kbd>
        </button>
        <button type="button" disabled={running} onClick={() => page.walk('int3')}>
          To the next int3 <kbd>I</kbd>
        </button>
      </div>
    </>
  )
}

function Elsewhere(): ReactNode {
  const page = usePage()
  return (
    <>
      <TourButton />
      <button
        type="button"
        onClick={() => {
          page.leaveGuide()
          page.openDialog('catalog')
        }}
      >
        All scenarios
      </button>
    </>
  )
}
