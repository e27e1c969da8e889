/** What this scenario is about, and the one thing to do next. */
import type { ReactNode } from 'react'
import { expectedVerdict, presentVerdict } from '../../../store/selectors.ts'
import { stopIndex } from '../../../store/touring.ts'
import { count } from '../../format.ts'
import { useFacts, usePage, useView } from '../../page-context.ts'
import { InlineMarkdown, Markdown } from '../../parts/Markdown.tsx'
import './story.css'

export function Story(): ReactNode {
  const { scenario } = useView()
  return (
    <div className="story">
      <p className="summary">
        <InlineMarkdown source={scenario.summary} />
      </p>
      <NextThing />
      <TourStop />
      <div className="text">
        <Markdown source={scenario.story} />
      </div>
      <Challenge />
      <AskFirst />
      {scenario.sources.length > 0 && (
        <>
          <h3>Sources</h3>
          <ul className="sources">
            {scenario.sources.map(({ kind, title, ref }) => (
              <li key={`${kind}${ref}`}>
                <span className="source-kind">{kind}</span> {/^https?:/.test(ref) ? <Out to={ref}>{title}</Out> : title}
                {!/^https?:/.test(ref) && ref !== '' && <span className="source-ref"> {ref}</span>}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

function NextThing(): ReactNode {
  const page = usePage()
  const { scenario, params, cursor, snapshot } = useView()
  const searching = useFacts((state) => state.searching !== null)
  const claim = expectedVerdict(scenario, params)
  // Where nobody claims that there is none, it is worth looking.
  const hasRace = claim?.verdict !== 'exhausted'
  const ended = snapshot.choices.length === 0
  return (
    <div className="next-thing">
      {ended ? (
        <button type="button" className="primary" onClick={() => page.seek(0)}>
          Start again
        </button>
      ) : (
        <button type="button" className="primary" onClick={() => page.step()}>
          {cursor === 0 ? 'Take the first step' : 'Step'} <kbd>→</kbd>
        </button>
      )}
      <button type="button" disabled={searching} onClick={() => (hasRace ? page.findRace() : page.search())}>
        {claim === null ? 'Look for a race' : hasRace ? 'Find the race' : 'Search all interleavings'} <kbd>{hasRace ? 'R' : 'F'}</kbd>
      </button>
    </div>
  )
}

/** What the search knows to be possible with these parameters, as something to do by hand. The machine is the judge: nothing here knows a scenario. */
function Challenge(): ReactNode {
  const { scenario, params, snapshot } = useView()
  const verdict = useFacts(presentVerdict)
  const byHand = useFacts((state) => state.byHand[state.view?.branch ?? 0] ?? 0)
  const violates = expectedVerdict(scenario, params)?.violates ?? []
  // A livelock has no last step to stand at.
  const goals = snapshot.properties.filter(({ id }) => violates.includes(id) && id !== 'no-deadlock')
  if (goals.length === 0) return null
  return (
    <section className="challenge" aria-label="Challenge">
      <p>
        <b>Challenge:</b> choose who moves until {goals.length === 1 ? 'this' : 'one of these'} breaks.
      </p>
      <ul>
        {goals.map(({ id, title, violatedAt }) => {
          const shortest = verdict?.violations.find((race) => race.property === id)?.steps
          return (
            <li key={id} data-done={violatedAt !== null && violatedAt <= byHand}>
              {title}
              {violatedAt !== null && violatedAt <= byHand && <b> ✓ broken after {count(violatedAt, 'step')}</b>}
              {violatedAt !== null && violatedAt > byHand && <i> shown, not found by you</i>}
              {shortest !== undefined && <span className="role"> ({shortest} are enough)</span>}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

/** For whoever wants to know whether they have understood. */
function AskFirst(): ReactNode {
  const page = usePage()
  const asking = useFacts((state) => state.prediction !== null)
  const { sites } = useView().snapshot
  if (sites.length === 0) return null
  return (
    <section className="challenge" aria-label="Predict">
      <p>
        <b>Predict:</b> what may each CPU execute at the call site, before the page shows it?{' '}
        <button type="button" aria-pressed={asking} onClick={() => page.setPredicting(!asking)}>
          {asking ? 'Ask me no longer' : 'Ask me first'} <kbd>Shift P</kbd>
        </button>
      </p>
    </section>
  )
}

/** Where this moment stands on the tour, and what comes next. */
function TourStop(): ReactNode {
  const page = usePage()
  const { scenario, params } = useView()
  const tour = useFacts((state) => state.tour)
  const here = stopIndex(tour, scenario, params)
  const stop = tour[here]
  const next = tour[here + 1]
  const previous = tour[here - 1]
  if (stop === undefined) return null
  return (
    <div className="tour-stop">
      <p>
        <b>
          Stop {here + 1} of {tour.length}: {stop.question}
        </b>{' '}
        {stop.text}
      </p>
      <p className="tour-ways">
        {previous !== undefined && (
          <button type="button" title={previous.question} onClick={() => page.openScenario(previous.scenario, previous.params)}>
            ◂<span className="unseen"> Previous stop: {previous.question}</span>
          </button>
        )}
        {next !== undefined && (
          <button type="button" onClick={() => page.openScenario(next.scenario, next.params)}>
            Next stop: {next.question}
          </button>
        )}
      </p>
    </div>
  )
}

function Out({ to, children }: { to: string; children: ReactNode }): ReactNode {
  return (
    <a href={to} target="_blank" rel="noreferrer">
      {children}
    </a>
  )
}
