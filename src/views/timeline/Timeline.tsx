/**
 * The run as a picture: a lane a CPU, phases above, the whole trace in a strip below. timeline/ decides every coordinate; here it meets the document.
 *
 * Everything but the first five properties is optional: who gives none of them gets a timeline that keeps selection, arrangement and search to itself.
 */
import { type KeyboardEvent, lazy, type ReactNode, Suspense, useEffect, useId, useMemo, useRef, useState } from 'react'
import { bindingFor } from '../../store/keys.ts'
import { type Arrangement, AS_THEY_ARE } from '../../timeline/arrangement.ts'
import { type BranchShape, forksOf, stripsOf } from '../../timeline/branches.ts'
import { describeHit, describeMoment } from '../../timeline/describe.ts'
import { fitLayout } from '../../timeline/fitting.ts'
import { sceneOf } from '../../timeline/geometry.ts'
import { type Hit, hitTest } from '../../timeline/hit.ts'
import { indexTimeline, type TimelineIndex } from '../../timeline/index.ts'
import type { TimelineData } from '../../timeline/model.ts'
import type { Flag } from '../../timeline/overlays.ts'
import { areaSelection, cursorOf, hitSelection, type Selection } from '../../timeline/selection.ts'
import { fitAll, isFit, stepAt, zoomAt } from '../../timeline/viewport.ts'
import type { Basis } from './DetailsCard.tsx'
import { actionOf, actsAnywhere, type Chosen, crossingHere, type KeyAction } from './keys.ts'
import { LaneLabels } from './LaneLabels.tsx'
import { OverviewStrip } from './OverviewStrip.tsx'
import { Picture } from './Picture.tsx'
import './timeline.css'
import { useGestures } from './use-gestures.ts'
import { useLaneInSight } from './use-lane-in-sight.ts'
import { useRoom } from './use-room.ts'
import { useViewport } from './use-viewport.ts'

const DetailsCard = lazy(() => import('./DetailsCard.tsx'))
const Legend = lazy(() => import('./Legend.tsx'))
const SearchBar = lazy(() => import('./SearchBar.tsx'))

/** Other runs beside this one. */
export interface OtherBranches {
  readonly all: readonly BranchShape[]
  readonly present: number
  /** What is known of the others; those are shown below the lanes. */
  readonly pictures: ReadonlyMap<number, TimelineData>
  /** Those that are soon drawn, all, or none. */
  readonly shown: 'small' | 'all' | 'none'
  onCheckout(branch: number): void
  onShow(shown: OtherBranches['shown']): void
}

export interface TimelineProps {
  readonly data: TimelineData
  /** Steps taken. */
  readonly cursor: number
  readonly selectedCpu: number | null
  /** `done`: false while dragging. */
  onSeek(step: number, done: boolean): void
  onSelectCpu(cpu: number): void
  readonly selection?: Selection | null
  onSelect?(selection: Selection | null): void
  readonly arrangement?: Arrangement
  onArrange?(arrangement: Arrangement): void
  /** The search is open. */
  readonly searching?: boolean
  onSearching?(open: boolean): void
  /** “>” in the empty search box. */
  onCommands?: () => void
  readonly branches?: OtherBranches
  /** Steps taken when the violation had become inevitable. */
  readonly inevitable?: number | null
  /** What the step before the cursor rests on. */
  readonly basis?: Basis | null
  /** Keys that the page has no use for act while nothing has the focus. */
  readonly keysAnywhere?: boolean
  /** Lanes are as high as the panel allows, where its height is given. */
  readonly fits?: boolean
}

const NO_BRANCHES: OtherBranches = { all: [], present: 0, pictures: new Map(), shown: 'none', onCheckout: () => undefined, onShow: () => undefined }

export function Timeline(props: TimelineProps): ReactNode {
  const {
    data,
    cursor,
    selectedCpu,
    onSeek,
    onSelectCpu,
    branches = NO_BRANCHES,
    inevitable = null,
    basis = null,
    keysAnywhere = false,
    fits = false,
  } = props
  const id = useId().replace(/[^A-Za-z0-9]/g, '')
  const whole = useRef<HTMLDivElement>(null)
  const lanes = useRef<HTMLDivElement>(null)
  const plot = useRef<HTMLDivElement>(null)
  const under = useRef<HTMLDivElement>(null)
  const latest = useRef<TimelineIndex | null>(null)
  const index = useMemo(() => {
    latest.current = indexTimeline(data, latest.current)
    return latest.current
  }, [data])
  const [selection, select] = useOwn(props.selection, props.onSelect, null)
  const [arrangement, arrange] = useOwn(props.arrangement, props.onArrange, AS_THEY_ARE)
  const [searching, setSearching] = useOwn(props.searching, props.onSearching, false)
  const { width, height } = useRoom({ whole, plot, under }, selection === null)

  const forks = useMemo(() => forksOf(branches.all, branches.present), [branches.all, branches.present])
  const pictures = useMemo(() => new Map([...branches.pictures].map(([branch, picture]) => [branch, indexOnce(picture)])), [branches.pictures])
  const layout = useMemo(
    () =>
      fitLayout(index, height, {
        arrangement,
        branches: forks.filter(({ branch }) => pictures.has(branch)).map(({ branch }) => branch),
      }),
    [index, height, arrangement, forks, pictures],
  )
  useLaneInSight(lanes, layout, selection?.cpu ?? selectedCpu)
  const steps = shownSteps(
    data.steps,
    forks.filter(({ branch }) => pictures.has(branch)).map(({ length }) => length),
  )
  const control = useViewport(width, steps, cursor)
  const { view, move } = control
  const { from, to } = view
  const scene = useMemo(() => sceneOf(index, layout, { from, to, width: Math.max(1, width) }), [index, layout, from, to, width])
  const strips = useMemo(() => stripsOf(forks, pictures, layout, { from, to, width: Math.max(1, width) }), [forks, pictures, layout, from, to, width])
  const [hit, setHit] = useState<Hit | null>(null)
  const [focused, setFocused] = useState(false)
  const [legend, setLegend] = useState(false)
  const [found, setFound] = useState<readonly number[]>([])
  const [flags, setFlags] = useState<readonly Flag[]>([])
  const [chosen, setChosen] = useState<Chosen>(FIRST)
  const cpu = selectedCpu ?? (cursor > 0 ? data.movers[cursor - 1] : undefined) ?? data.lanes[0]?.cpu ?? 0

  const go = (to: Selection, choice: Chosen = FIRST) => {
    setChosen(choice)
    select(to)
    if (to.cpu !== null) onSelectCpu(to.cpu)
    const step = cursorOf(to)
    if (step !== null && step !== cursor) onSeek(step, true)
  }

  const dragged = useRef<number | null>(null)
  const sought = useRef(false)
  const gestures = useGestures(plot, steps, control, {
    isArea: (y) => y > layout.bottom,
    at(x, y, pressed) {
      const there = hitTest(scene, layout, x, y)
      const mark = pressed && there.target?.kind === 'mark' ? there.target.mark : null
      const step = Math.min(data.steps, Math.max(0, mark === null ? Math.round(stepAt(view, x)) : mark.to))
      if (pressed) {
        setHit(there)
        setChosen(FIRST)
        const pressedOn = hitSelection(data, there)
        if (pressedOn !== null || selection?.kind !== 'bytes') select(pressedOn)
        if (there.cpu !== null && there.cpu !== selectedCpu) onSelectCpu(there.cpu)
        // An arrow is no moment: it is selected, and who drags goes on to move in time.
        if (pressedOn?.kind === 'arrow') {
          dragged.current = step
          return
        }
      }
      if (step === dragged.current) return
      dragged.current = step
      sought.current = true
      onSeek(step, false)
    },
    area(x0, x1) {
      const [a, b] = [Math.round(stepAt(view, x0)), Math.round(stepAt(view, x1))]
      if (a !== b) select(areaSelection(Math.max(0, Math.min(a, b)), Math.min(data.steps, Math.max(a, b))))
    },
    released() {
      if (dragged.current !== null && sought.current) onSeek(dragged.current, true)
      sought.current = false
      dragged.current = null
    },
    over: (point) => setHit(point === null ? null : hitTest(scene, layout, point.x, point.y)),
  })

  const act = (action: KeyAction) => {
    setHit(null)
    switch (action.kind) {
      case 'view':
        return move(action.change, true)
      case 'seek':
        return onSeek(action.step, true)
      case 'cpu':
        return onSelectCpu(action.cpu)
      case 'select':
        return go(action.selection)
      case 'follow': {
        // Back along the same arrow, should the next key ask for it.
        const { leaving, arriving } = crossingHere({ index, cursor, cpu, selection: action.selection })
        const at = Math.max(0, (action.forwards ? arriving : leaving).indexOf(action.arrow))
        return go(action.selection, action.forwards ? { leaving: 0, arriving: at } : { leaving: at, arriving: 0 })
      }
      case 'choose':
        return setChosen(action.chosen)
      case 'area':
        return select(action.selection)
      case 'arrange':
        return arrange(action.arrangement)
      case 'flag':
        return setFlags(flagged(flags, selection, cursor, action.kept))
      case 'search':
        return setSearching(true)
      case 'clear':
        return select(null)
    }
  }
  const onKey = (event: KeyboardEvent | globalThis.KeyboardEvent, own: number) => {
    const action = actionOf(event, { index, cursor, cpu: own, view, selection, chosen, arrangement })
    if (action === null) return
    event.preventDefault()
    act(action)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement
    if (target.tagName === 'BUTTON' && (event.key === 'Enter' || event.key === ' ')) return
    onKey(event, Number(target.closest<HTMLElement>('[data-cpu]')?.dataset.cpu ?? cpu))
  }
  useKeysAnywhere(keysAnywhere, (event) => onKey(event, cpu))

  const moment = useMemo(() => describeMoment(index, cursor), [index, cursor])
  const said = hit === null ? null : describeHit(index, hit)
  const zoom = (factor: number) => move((before) => zoomAt(before, before.width / 2, factor, steps), true)
  const crossing = crossingHere({ index, cursor, cpu, selection })
  const followable = selection === null && !focused ? [] : [crossing.leaving[chosen.leaving], crossing.arriving[chosen.arriving]]
  const close = () => {
    setSearching(false)
    plot.current?.focus()
  }

  return (
    <div className="tl" data-fits={fits} data-dense={layout.metrics.rowHeight < DENSE_BELOW}>
      <div ref={whole} className="tl-whole">
        {searching && (
          <Suspense>
            <SearchBar index={index} cursor={cursor} view={view} onHit={go} onHits={setFound} onClose={close} onCommands={props.onCommands} />
          </Suspense>
        )}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of what lies in it, the slider and the labels */}
        <div ref={lanes} className="tl-lanes" onKeyDown={onKeyDown}>
          <LaneLabels
            layout={layout}
            selectedCpu={selectedCpu}
            arrangement={arrangement}
            forks={forks}
            onSelectCpu={onSelectCpu}
            onArrange={arrange}
            onCheckout={branches.onCheckout}
          />
          <div
            ref={plot}
            className="tl-plot"
            style={{ height: layout.height }}
            role="slider"
            tabIndex={0}
            aria-label="Steps"
            aria-valuemin={0}
            aria-valuemax={data.steps}
            aria-valuenow={cursor}
            aria-valuetext={moment}
            onFocus={() => setFocused(true)}
            onBlur={() => setFocused(false)}
            {...gestures}
          >
            {data.steps === 0 && (
              <p className="tl-empty" style={{ top: layout.standing[0]?.top }}>
                Each step that a CPU takes appears in its lane.{keysAnywhere && ' → takes the first.'}
              </p>
            )}
            {width > 0 && (
              <Picture
                id={id}
                index={index}
                layout={layout}
                view={view}
                scene={scene}
                cursor={cursor}
                selectedCpu={selectedCpu}
                hit={hit}
                selection={selection}
                arrows={followable.filter((arrow) => arrow !== undefined)}
                flags={flags}
                found={found}
                forks={forks}
                strips={strips}
                inevitable={inevitable}
              />
            )}
          </div>
        </div>
        <div ref={under} className="tl-under">
          <div className="tl-below">
            {width > 0 && <OverviewStrip index={index} steps={steps} order={layout.standing} cursor={cursor} control={control} />}
          </div>
          <div className="tl-foot" data-selected={selection !== null}>
            {selection === null ? (
              <p className="tl-said" title={said ?? undefined}>
                {said ?? (focused ? moment : hint())}
              </p>
            ) : (
              <Suspense fallback={<p className="tl-said" />}>
                <DetailsCard
                  index={index}
                  selection={selection}
                  cursor={cursor}
                  basis={basis}
                  said={said}
                  onSelect={select}
                  onGo={go}
                  onShow={() => {
                    const action = actionOf(FOCUS, { index, cursor, cpu, view, selection, chosen, arrangement })
                    if (action !== null) act(action)
                  }}
                />
              </Suspense>
            )}
            <div className="tl-tools">
              <button type="button" className="quiet icon" aria-label="Zoom out" onClick={() => zoom(1 / 1.6)} disabled={isFit(view, steps)}>
                −
              </button>
              <button type="button" className="quiet icon" aria-label="Zoom in" onClick={() => zoom(1.6)}>
                +
              </button>
              <button
                type="button"
                className="quiet"
                onClick={() => move((before) => fitAll(steps, before.width), true)}
                disabled={isFit(view, steps)}
              >
                all
              </button>
              {forks.length > 0 && <OthersButton branches={branches} hidden={forks.length - pictures.size} />}
              <button
                type="button"
                className="quiet"
                aria-expanded={searching}
                title="Search the events (/)"
                onClick={() => setSearching(!searching)}
              >
                find
              </button>
              <button type="button" className="quiet" aria-expanded={legend} aria-controls={`${id}-legend`} onClick={() => setLegend(!legend)}>
                legend
              </button>
            </div>
          </div>
        </div>
      </div>
      <Suspense>{legend && <Legend id={`${id}-legend`} />}</Suspense>
    </div>
  )
}

/** Shows other branches below the lanes, or puts them away. */
function OthersButton({ branches: { shown, pictures, onShow }, hidden }: { branches: OtherBranches; hidden: number }): ReactNode {
  const visible = shown !== 'none' && pictures.size > 0
  return (
    <button
      type="button"
      className="quiet"
      aria-pressed={visible}
      title={visible ? 'Put the other branches away' : 'Show what other branches did, below the lanes'}
      onClick={() => onShow(visible && (hidden === 0 || shown === 'all') ? 'none' : 'all')}
    >
      branches
    </button>
  )
}

/** Smaller rows: names beside them are smaller, too. */
const DENSE_BELOW = 18

const FIRST: Chosen = { leaving: 0, arriving: 0 }
const FOCUS = { code: 'KeyF', key: 'f', shiftKey: false, ctrlKey: false, metaKey: false, altKey: false }

const INDEXED = new WeakMap<TimelineData, TimelineIndex>()

function indexOnce(picture: TimelineData): TimelineIndex {
  const index = INDEXED.get(picture) ?? indexTimeline(picture)
  INDEXED.set(picture, index)
  return index
}

/** The value from outside, or one of one's own where nobody outside keeps it. */
function useOwn<T>(value: T | undefined, onChange: ((value: T) => void) | undefined, initial: T): [T, (value: T) => void] {
  const [own, setOwn] = useState(initial)
  return [value === undefined ? own : value, onChange ?? setOwn]
}

/** Room for other branches that go on longer, but not so much that this one becomes small. */
function shownSteps(own: number, others: readonly number[]): number {
  return Math.max(own, Math.min(Math.max(0, ...others), 3 * own + 60))
}

/** A new flag takes the place of the one that was not kept; keeping it again lets go of it. */
function flagged(flags: readonly Flag[], selection: Selection | null, cursor: number, kept: boolean): readonly Flag[] {
  const from = selection?.from ?? Math.max(0, cursor - 1)
  const to = selection?.to ?? Math.max(1, cursor)
  const same = flags.find((flag) => flag.from === from && flag.to === to)
  const others = flags.filter((flag) => flag !== same && flag.kept)
  return same !== undefined && same.kept === kept ? others : [...others, { from, to, kept }]
}

function useKeysAnywhere(wanted: boolean, onKey: (event: globalThis.KeyboardEvent) => void): void {
  const live = useRef(onKey)
  live.current = onKey
  useEffect(() => {
    if (!wanted) return
    const listen = (event: globalThis.KeyboardEvent) => {
      if (event.target === document.body && !event.defaultPrevented && actsAnywhere(event) && bindingFor(event) === null) live.current(event)
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [wanted])
}

function hint(): string {
  return matchMedia('(pointer: coarse)').matches
    ? 'Tap or drag to move in time; two fingers zoom and pan.'
    : 'Press or drag to move in time; Ctrl+wheel zooms, Shift+drag pans, / searches.'
}
