/** Two runs side by side: which they are, where they part, both on a timeline, what each CPU did in both, and how the states differ where one stands. */
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'
import { type Place, rowsOf, stepsAt } from '../../store/comparing.ts'
import type { Comparison } from '../../worker/protocol.ts'
import { Dialog } from '../dialogs/Dialog.tsx'
import { compact, grouped } from '../format.ts'
import { usePage } from '../page-context.ts'
import { Timeline } from '../timeline/Timeline.tsx'
import { Aligned } from './Aligned.tsx'
import './compare.css'
import { Differences } from './Differences.tsx'
import { Setup } from './Setup.tsx'
import { useCompared, useComparing } from './use-comparing.ts'
import { summary } from './words.ts'

export function Compare(): ReactNode {
  const comparing = useComparing()
  const page = usePage()
  const busy = useCompared((state) => state.busy)
  const progress = useCompared((state) => state.progress)
  const refused = useCompared((state) => state.refused)
  const comparison = useCompared((state) => state.comparison)
  useEffect(() => {
    const { other, own } = comparing.store.getState()
    const { view } = page.store.getState()
    const another = view?.branches.filter(({ id }) => id !== view.branch).at(-1)
    if (other !== null) comparing.compare(own, other)
    else if (view !== null && another !== undefined) comparing.compare(view.branch, { kind: 'branch', branch: another.id })
    return () => comparing.close()
  }, [comparing, page])
  return (
    <Dialog title="Compare two runs" wide>
      <div className="compare">
        <Setup />
        {busy && (
          <p className="empty" role="status">
            {progress === null ? 'Comparing …' : `Looking for its shortest race … ${compact(progress.states)} states`}{' '}
            <button type="button" className="quiet" onClick={() => comparing.cancel()}>
              Stop
            </button>
          </p>
        )}
        {refused.length > 0 && (
          <p className="refused" role="alert">
            {refused.join(' ')}
          </p>
        )}
        {comparison !== null && <Both comparison={comparison} />}
      </div>
    </Dialog>
  )
}

function Both({ comparison }: { comparison: Comparison }): ReactNode {
  const { parts, first, ends } = summary(comparison)
  const remarks = (['a', 'b'] as const).flatMap((side) => comparison[side].remarks.map((remark) => `${side.toUpperCase()}: ${remark}`))
  return (
    <>
      <div className="summary">
        <p>
          <strong>{parts}</strong>
        </p>
        {first !== null && <p>{first}</p>}
        {ends.map((end) => (
          <p className="role" key={end}>
            {end}
          </p>
        ))}
        {remarks.map((remark) => (
          <p className="role" key={remark}>
            {remark}
          </p>
        ))}
      </div>
      <Lockstep comparison={comparison} />
      <Pictures comparison={comparison} />
    </>
  )
}

/** A press in either picture goes to the row of that step. */
function Pictures({ comparison }: { comparison: Comparison }): ReactNode {
  const comparing = useComparing()
  const place = useCompared((state) => state.place)
  const at = stepsAt(comparison, place)
  const seek = (side: 'a' | 'b', step: number) => {
    const cpu = comparison[side].steps[step - 1]?.cpu
    const row = cpu === undefined ? -1 : rowsOf(comparison, cpu).findIndex((each) => each[side] === step - 1)
    comparing.go(cpu === undefined ? { ...place, row: -1 } : { cpu, row })
  }
  return (
    <details open className="pictures">
      <summary>Both on a timeline</summary>
      {(['a', 'b'] as const).map((side) => {
        const { timeline } = comparison[side]
        return (
          timeline !== null && (
            <div key={side} className="picture">
              <b className="side">{side.toUpperCase()}</b>
              <Timeline
                data={timeline}
                cursor={at[side]}
                selectedCpu={place.cpu < timeline.lanes.length ? place.cpu : null}
                onSeek={(step) => seek(side, step)}
                onSelectCpu={(cpu) => comparing.go(nearestOf(comparison, { ...place }, cpu))}
              />
            </div>
          )
        )
      })}
    </details>
  )
}

/** The same moment of A, or the last before it, as another CPU lived it. */
function nearestOf(comparison: Comparison, place: Place, cpu: number): Place {
  const { a, b } = stepsAt(comparison, place)
  const rows = rowsOf(comparison, cpu)
  const row = rows.findLastIndex((each) => (each.a !== null && each.a < a) || (each.a === null && each.b !== null && each.b < b))
  return { cpu, row }
}

/** Rows and states, and the keys that walk along them. */
function Lockstep({ comparison }: { comparison: Comparison }): ReactNode {
  const comparing = useComparing()
  const place = useCompared((state) => state.place)
  const element = useRef<HTMLDivElement>(null)
  const { a, b } = stepsAt(comparison, place)
  const cpus = comparison.runs.cpus.length
  useEffect(() => {
    element.current?.focus({ preventScroll: true })
  }, [])
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const act = {
      ArrowDown: () => comparing.walk(1, false),
      j: () => comparing.walk(1, false),
      ArrowUp: () => comparing.walk(-1, false),
      k: () => comparing.walk(-1, false),
      n: () => comparing.walk(1, true),
      N: () => comparing.walk(-1, true),
      ArrowRight: () => comparing.go(nearestOf(comparison, place, (place.cpu + 1) % cpus)),
      ArrowLeft: () => comparing.go(nearestOf(comparison, place, (place.cpu + cpus - 1) % cpus)),
      Home: () => comparing.go({ ...place, row: -1 }),
      End: () => comparing.go({ ...place, row: rowsOf(comparison, place.cpu).length - 1 }),
    }[event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  }
  return (
    <>
      <div className="walk" role="toolbar" aria-label="Walk along both runs">
        <button type="button" onClick={() => comparing.walk(-1, true)}>
          ⇤ difference
        </button>
        <button type="button" onClick={() => comparing.walk(-1, false)}>
          ← back
        </button>
        <button type="button" onClick={() => comparing.walk(1, false)}>
          on →
        </button>
        <button type="button" onClick={() => comparing.walk(1, true)}>
          difference ⇥
        </button>
        {cpus > 1 && (
          <button type="button" onClick={() => comparing.go(nearestOf(comparison, place, (place.cpu + 1) % cpus))}>
            other CPU
          </button>
        )}
        <output aria-live="polite">
          CPU {place.cpu}: step {grouped(a)} of A, step {grouped(b)} of B
        </output>
        <span className="role keys">
          <kbd>↓</kbd> <kbd>↑</kbd> walk, <kbd>N</kbd> next difference, <kbd>←</kbd> <kbd>→</kbd> other CPU
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is walked along by key must be reachable by key */}
      <section className="lockstep" ref={element} tabIndex={0} aria-label="What each CPU did in both runs" onKeyDown={onKey}>
        <Aligned comparison={comparison} />
        <Differences />
      </section>
    </>
  )
}
