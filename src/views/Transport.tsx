/** Always there: the way through the run, where we stand, and whether anything moves by itself. */
import { type ChangeEvent, type ReactNode, useRef, useState } from 'react'
import type { Page } from '../store/page.ts'
import { type Standing, standing } from '../store/selectors.ts'
import type { Preparation } from '../worker/protocol.ts'
import { grouped } from './format.ts'
import { later } from './later.tsx'
import { PlayOptions } from './PlayOptions.tsx'
import { useFacts, usePage } from './page-context.ts'
import './transport.css'

const MomentCaption = later(() => import('./MomentCaption.tsx'), 'MomentCaption')

const WORDS: Readonly<Record<Standing, string>> = {
  loading: 'loading',
  playing: 'playing',
  running: 'running',
  searching: 'searching',
  violated: 'broken',
  ended: 'all done',
  paused: 'paused',
}

export function Transport(): ReactNode {
  const page = usePage()
  const ready = useFacts((state) => state.view !== null)
  const atStart = useFacts((state) => (state.view?.cursor ?? 0) === 0)
  const atEnd = useFacts((state) => state.view === null || (state.view.cursor === state.view.length && state.view.snapshot.choices.length === 0))
  const playing = useFacts((state) => state.playing)
  const running = useFacts((state) => state.running || state.preparing !== null)
  const isRace = useFacts((state) => (state.view?.moments.length ?? 0) > 0)
  return (
    <section className="transport" aria-label="Transport">
      {isRace && <MomentCaption />}
      <Caption />
      <div className="transport-row">
        <div className="buttons">
          <button type="button" onClick={() => page.seek(0)} disabled={atStart} aria-keyshortcuts="Home" title="To the start (Home)">
            Start
          </button>
          <button type="button" onClick={() => page.stepBack()} disabled={atStart} aria-keyshortcuts="ArrowLeft" title="Step back (←)">
            <span aria-hidden="true">◀ </span>Back
          </button>
          <button type="button" className="primary" onClick={() => page.step()} disabled={atEnd} aria-keyshortcuts="ArrowRight" title="Step (→)">
            Step<span aria-hidden="true"> ▶</span>
          </button>
          {running ? (
            <button type="button" className="play" onClick={() => page.stopRun()} aria-keyshortcuts="Escape" title="Stop here (Esc)">
              Stop
            </button>
          ) : (
            <button
              type="button"
              className="play"
              onClick={() => page.togglePlay()}
              disabled={!ready || (atEnd && !playing)}
              aria-keyshortcuts="Space"
              title="Play or pause (Space)"
            >
              {playing ? 'Pause' : 'Play'}
            </button>
          )}
          <RunTo disabled={atEnd} />
          <PlayOptions />
        </div>
        <StandingWord />
        <Position />
        <button
          type="button"
          className="quiet present"
          disabled={!ready}
          onClick={() => page.setPresenting(true)}
          title="Call site, timeline and caption, large (Z)"
        >
          Present
        </button>
      </div>
    </section>
  )
}

const PREPARING: Readonly<Record<Preparation, string>> = { link: 'Following the schedule:', trace: 'Reading this run:' }

/** What the last step did; a screen reader hears it. */
function Caption(): ReactNode {
  const said = useFacts((state) => state.view?.snapshot.said ?? null)
  const cursor = useFacts((state) => state.view?.cursor ?? null)
  // Why a walk has stopped; other remarks stand above the panels.
  const remarks = useFacts(({ view, notes }) => (notes.some(({ key }) => key === 'remarks') ? '' : (view?.remarks.join(' ') ?? '')))
  const preparing = useFacts((state) => state.preparing)
  // Nobody can listen to ten sentences a second.
  const moves = useFacts((state) => state.playing || state.running || state.preparing !== null)
  return (
    <p className="caption" aria-live={moves ? 'off' : 'polite'} aria-atomic="true">
      {preparing !== null && (
        <b>
          {PREPARING[preparing.what]} {grouped(preparing.done)} of {grouped(preparing.of)} steps; Esc stops.{' '}
        </b>
      )}
      {remarks !== '' && <b>{remarks} </b>}
      {cursor === null ? (preparing === null ? 'Starting the emulator …' : '') : said === null ? 'At the start. Nothing has happened yet.' : said}
    </p>
  )
}

function StandingWord(): ReactNode {
  const word = useFacts(standing)
  const busy = useFacts((state) => state.busy)
  return (
    <span className="standing" data-standing={word} data-busy={busy && word !== 'playing'} role="status">
      {WORDS[word]}
    </span>
  )
}

const TARGETS: readonly { readonly words: string; readonly go: (page: Page) => void }[] = [
  { words: 'shortest race (R)', go: (page) => page.findRace() },
  { words: 'next choice (N)', go: (page) => page.run('next-choice') },
  { words: 'next step that others can see', go: (page) => page.run('visible') },
  { words: 'next line of the program (L)', go: (page) => page.walk('line') },
  { words: 'end of the call or handler (X)', go: (page) => page.walk('out') },
  { words: 'breakpoint or watchpoint (G)', go: (page) => page.walk('point') },
  { words: 'selected code or bytes (H)', go: (page) => page.runHere() },
  { words: 'next int3 (I)', go: (page) => page.walk('int3') },
  { words: 'something breaks (Shift R)', go: (page) => page.walk('violation') },
  { words: 'all is done (E)', go: (page) => page.run('end') },
]

/** A list that acts when something is picked, and shows its own name again. */
function RunTo({ disabled }: { disabled: boolean }): ReactNode {
  const page = usePage()
  const pick = (event: ChangeEvent<HTMLSelectElement>) => {
    const chosen = TARGETS[Number(event.target.value)]
    event.target.value = ''
    // Keys are the page's again.
    event.target.blur()
    chosen?.go(page)
  }
  return (
    <select className="run-to" aria-label="Run to" value="" disabled={disabled} onChange={pick}>
      <option value="" disabled hidden>
        Run to …
      </option>
      {TARGETS.map(({ words }, i) => (
        <option key={words} value={i}>
          {words}
        </option>
      ))}
    </select>
  )
}

function Position(): ReactNode {
  const page = usePage()
  const cursor = useFacts((state) => state.view?.cursor ?? 0)
  const length = useFacts((state) => state.view?.length ?? 0)
  const ready = useFacts((state) => state.view !== null)
  // A pointer drags; keys jump step by step. Only the release of a drag ends the jump. Until then the thumb is where the pointer is, whatever the run does.
  const dragging = useRef(false)
  const [dragged, setDragged] = useState<number | null>(null)
  return (
    <div className="position">
      <input
        type="range"
        aria-label="Step"
        aria-valuetext={`step ${grouped(cursor)} of ${grouped(length)}`}
        min={0}
        max={Math.max(length, 1)}
        value={dragged ?? cursor}
        disabled={length === 0}
        onPointerDown={() => {
          dragging.current = true
        }}
        onPointerUp={(event) => {
          dragging.current = false
          setDragged(null)
          page.seek(dragged ?? Number(event.currentTarget.value), true)
        }}
        onPointerCancel={() => {
          dragging.current = false
          setDragged(null)
        }}
        onChange={(event) => {
          const step = Number(event.target.value)
          if (dragging.current) setDragged(step)
          page.seek(step, !dragging.current)
        }}
      />
      <output>
        {ready && (
          <>
            step {grouped(cursor)}
            <span className="of"> of {grouped(length)}</span>
          </>
        )}
      </output>
    </div>
  )
}
