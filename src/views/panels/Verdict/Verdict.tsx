/** Is there a race? The search and what it found, what the scenario claims, and the properties of the run in view. */
import type { ReactNode } from 'react'
import { agreement, expectedVerdict, presentKey, presentVerdict } from '../../../store/selectors.ts'
import { LIMITS } from '../../../store/state.ts'
import type { SearchProgress, SearchVerdict } from '../../../worker/protocol.ts'
import { bytes, compact, count, grouped, seconds } from '../../format.ts'
import { useFacts, usePage, useView } from '../../page-context.ts'
import './verdict.css'
import { Why } from './Why.tsx'
import { AGREEMENT, claimSentence, DIFFERS_EDITED, finding, isCalmer, preemptionWords, share } from './words.ts'

export function Verdict(): ReactNode {
  const verdict = useFacts(presentVerdict)
  return (
    <div className="verdict">
      <Why />
      <SearchControls />
      {verdict !== null && <Found verdict={verdict} />}
      <Claim />
      <Coverage />
      <Properties />
      {verdict !== null && verdict.outcomes.length > 0 && <Outcomes verdict={verdict} />}
    </div>
  )
}

function SearchControls(): ReactNode {
  const page = usePage()
  const searching = useFacts((state) => state.searching)
  const stopped = useFacts((state) => state.stopped[presentKey(state) ?? ''])
  const verdict = useFacts(presentVerdict)
  const maxStates = useFacts((state) => state.maxStates)
  const here = useFacts((state) => state.searching?.key === presentKey(state))
  if (searching !== null) {
    return (
      <div className="searching">
        <p>
          <strong>
            {searching.cancelling ? 'Stopping …' : here ? 'Searching all interleavings …' : 'Searching, with the parameters of before …'}
          </strong>
          <button type="button" onClick={() => page.cancelSearch()} disabled={searching.cancelling}>
            Cancel <kbd>Esc</kbd>
          </button>
        </p>
        <progress aria-label="States visited, of the limit" max={maxStates} value={searching.progress?.states ?? 0} />
        {searching.progress === null ? <p className="role">Building the model.</p> : <Numbers progress={searching.progress} />}
      </div>
    )
  }
  return (
    <>
      <p className="search-controls">
        <button type="button" className={verdict === null ? 'primary' : undefined} onClick={() => page.search()}>
          {verdict !== null ? 'Search again' : stopped === undefined ? 'Search all interleavings' : 'Search on'} <kbd>F</kbd>
        </button>
        {verdict !== null && verdict.cut !== null && (
          <button type="button" className="primary" onClick={() => page.goOn()}>
            Go on
          </button>
        )}
        <label>
          up to{' '}
          <select value={maxStates} onChange={(event) => page.setMaxStates(Number(event.target.value))}>
            {LIMITS.map((limit) => (
              <option key={limit} value={limit}>
                {compact(limit)} states
              </option>
            ))}
          </select>
        </label>
      </p>
      {stopped !== undefined && verdict === null && (
        <div className="finding is-attention">
          <p>
            <strong>Cancelled.</strong> This proves nothing. So far:
          </p>
          <Numbers progress={stopped} />
        </div>
      )}
      {stopped === undefined && verdict === null && (
        <p className="role">Tries every order in which the CPUs can move. It finds the shortest race, or shows that none exists.</p>
      )}
    </>
  )
}

function Numbers({ progress }: { progress: SearchProgress }): ReactNode {
  const { states, transitions, frontier, depth, bytes: memory, seconds: time } = progress
  return (
    <dl className="numbers">
      <Figure name="states" value={grouped(states)} />
      <Figure name="a second" value={compact(time > 0 ? states / time : 0)} />
      <Figure name="transitions" value={grouped(transitions)} />
      <Figure name="still to visit" value={grouped(frontier)} />
      <Figure name="depth" value={grouped(depth)} />
      <Figure name="memory" value={bytes(memory)} />
      <Figure name="time" value={seconds(time)} />
    </dl>
  )
}

function Figure({ name, value }: { name: string; value: string }): ReactNode {
  return (
    <div>
      <dd>{value}</dd>
      <dt>{name}</dt>
    </div>
  )
}

function Found({ verdict }: { verdict: SearchVerdict }): ReactNode {
  const page = usePage()
  const { tone, word, sentence } = finding(verdict)
  return (
    <>
      <div className={`finding is-${tone}`}>
        <p>
          <strong>
            {tone === 'proved' ? '✓ ' : tone === 'violation' ? '✕ ' : ''}
            {word}.
          </strong>{' '}
          {sentence}
        </p>
        <p className="role">
          {count(verdict.transitions, 'transition')} in {seconds(verdict.seconds)}, {bytes(verdict.bytes)}
        </p>
      </div>
      {verdict.violations.length > 0 && (
        <ul className="violations">
          {verdict.violations.map((violation, i) => (
            <li key={violation.property}>
              <span>
                <strong className="is-torn">{violation.title}</strong>
                <span className="role">
                  {' '}
                  {count(violation.steps, 'step')}, {count(violation.switches, 'switch', 'switches')}
                  {violation.cycle !== null && ', then for ever'}
                </span>
              </span>
              <button type="button" className={i === 0 ? 'primary' : undefined} onClick={() => page.loadRace(i)}>
                Show me the race
              </button>
              {isCalmer(violation) && (
                <button type="button" className="link" onClick={() => page.loadRace(i, true)}>
                  {preemptionWords(violation.preemptions)}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function Claim(): ReactNode {
  const { scenario, params } = useView()
  const verdict = useFacts(presentVerdict)
  const claim = expectedVerdict(scenario, params)
  if (claim === null) return <p className="role">The scenario makes no claim about these parameters.</p>
  const agrees = verdict === null ? null : agreement(claim, verdict)
  return (
    <p className="role claim" data-agrees={agrees}>
      {claimSentence(claim, (id) => scenario.properties.find((property) => property.id === id)?.title ?? id)}{' '}
      {agrees !== null && <strong>{agrees === 'differs' && scenario.editedFrom !== undefined ? DIFFERS_EDITED : AGREEMENT[agrees]}</strong>}
    </p>
  )
}

function Coverage(): ReactNode {
  const coverage = useFacts((state) => (state.coverage !== null && state.coverage.key === presentKey(state) ? state.coverage.of : null))
  if (coverage === null) return null
  const { seen, states, outcomesSeen, outcomes } = coverage
  return (
    <p className="role">
      You have seen {grouped(seen)} of {grouped(states)} states ({share(seen, states)}) and {outcomesSeen.length} of {count(outcomes, 'outcome')}.
    </p>
  )
}

function Properties(): ReactNode {
  const page = usePage()
  const { snapshot, cursor } = useView()
  return (
    <section aria-label="Properties of this run">
      <h3>In this run, up to step {grouped(cursor)}</h3>
      <ul className="properties">
        {snapshot.properties.map(({ id, title, violatedAt, detail }) => (
          <li key={id} data-violated={violatedAt !== null}>
            <span className="sign" aria-hidden="true">
              {violatedAt === null ? '·' : '✕'}
            </span>
            <span>
              {title}
              {detail !== null && <span className="role"> {detail}</span>}
            </span>
            {violatedAt === null ? (
              <span className="role">kept</span>
            ) : (
              <button type="button" className="link" onClick={() => page.seek(violatedAt)}>
                broken at step {grouped(violatedAt)}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Outcomes({ verdict }: { verdict: SearchVerdict }): ReactNode {
  const page = usePage()
  return (
    <section aria-label="Outcomes">
      <h3>How it can end</h3>
      <ul className="outcomes">
        {verdict.outcomes.map(({ key, states }, i) => (
          <li key={key}>
            <span>{key}</span>
            <span className="role">{count(states, 'state')}</span>
            <button type="button" className="link" onClick={() => page.loadOutcome(i)}>
              one such run
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
