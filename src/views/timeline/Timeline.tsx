/**
 * The run as a picture: a lane a CPU, phases above, the whole trace in a strip below. timeline/ decides every coordinate; here it meets the document.
 *
 * Everything but the first five properties is optional: who gives none of them gets a timeline that keeps selection, arrangement and search to itself.
 */
import { lazy, type ReactNode, Suspense, useId, useMemo, useRef, useState } from 'react'
import { type Arrangement, AS_THEY_ARE } from '../../timeline/arrangement.ts'
import type { Hit } from '../../timeline/hit.ts'
import type { TimelineData } from '../../timeline/model.ts'
import { describeMoment } from '../../timeline/moment.ts'
import type { Flag } from '../../timeline/overlays.ts'
import type { Selection } from '../../timeline/selection.ts'
import type { SiteNow } from '../../timeline/site-now.ts'
import type { Basis } from './DetailsCard.tsx'
import { LaneLabels } from './LaneLabels.tsx'
import { OverviewStrip } from './OverviewStrip.tsx'
import { Picture } from './Picture.tsx'
import { SearchBar } from './SearchBar.tsx'
import { Tools } from './Tools.tsx'
import './timeline.css'
import './room.css'
import { useActing } from './use-acting.tsx'
import { useLaneInSight } from './use-lane-in-sight.ts'
import { useLanesBeyond } from './use-lanes-beyond.ts'
import { useOwn } from './use-own.ts'
import { NO_BRANCHES, type OtherBranches, usePicture } from './use-picture.ts'
import { useRoom } from './use-room.ts'

export type { OtherBranches } from './use-picture.ts'

const DetailsCard = lazy(() => import('./DetailsCard.tsx'))

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
  /** Runs on, or back, to what is selected. */
  onRunTo?(selection: Selection, back: boolean): void
  /** Goes to a step and copies a link to it; answers whether that was allowed. */
  onCopyLink?(step: number): Promise<boolean>
  readonly branches?: OtherBranches
  /** Steps taken when the violation had become inevitable. */
  readonly inevitable?: number | null
  /** What the step before the cursor rests on. */
  readonly basis?: Basis | null
  /** What call sites are at the cursor, for who selects a byte of one. */
  readonly sites?: readonly SiteNow[]
  /** Keys that the page has no use for act while nothing has the focus. */
  readonly keysAnywhere?: boolean
  /** Lanes are as high as the panel allows, where its height is given. */
  readonly fits?: boolean
}

/** Smaller rows: names beside them are smaller, too. */
const DENSE_BELOW = 18
const NO_SITES: readonly SiteNow[] = []

export function Timeline(props: TimelineProps): ReactNode {
  const {
    data,
    cursor,
    selectedCpu,
    onSelectCpu,
    branches = NO_BRANCHES,
    inevitable = null,
    basis = null,
    sites = NO_SITES,
    keysAnywhere = false,
    fits = false,
  } = props
  const id = useId().replace(/[^A-Za-z0-9]/g, '')
  const whole = useRef<HTMLDivElement>(null)
  const lanes = useRef<HTMLDivElement>(null)
  const plot = useRef<HTMLDivElement>(null)
  const under = useRef<HTMLDivElement>(null)
  const [selection, select] = useOwn(props.selection, props.onSelect, null)
  const [arrangement, arrange] = useOwn(props.arrangement, props.onArrange, AS_THEY_ARE)
  const [searching, setSearching] = useOwn(props.searching, props.onSearching, false)
  const [hit, setHit] = useState<Hit | null>(null)
  const [focused, setFocused] = useState(false)
  const [found, setFound] = useState<readonly number[]>([])
  const [flags, setFlags] = useState<readonly Flag[]>([])
  const room = useRoom({ whole, plot, under }, selection === null)
  const { width } = room
  const picture = usePicture(data, cursor, branches, arrangement, room)
  const { index, forks, layout, steps, control, scene, strips } = picture
  useLaneInSight(lanes, layout, selection?.cpu ?? selectedCpu)
  const beyond = useLanesBeyond(lanes, layout)
  const acting = useActing({
    ...props,
    lanes,
    plot,
    picture,
    selection,
    select,
    arrangement,
    arrange,
    setSearching,
    flags,
    setFlags,
    hit,
    setHit,
    focused,
    keysAnywhere,
  })

  const moment = useMemo(() => describeMoment(index, cursor), [index, cursor])
  const close = () => {
    setSearching(false)
    plot.current?.focus()
  }

  return (
    <div className="tl" data-fits={fits} data-dense={layout.metrics.rowHeight < DENSE_BELOW * room.letters}>
      <div ref={whole} className="tl-whole">
        {searching && (
          <SearchBar
            Hits={acting.Hits}
            index={index}
            cursor={cursor}
            view={control.view}
            onHit={acting.go}
            onHits={setFound}
            onClose={close}
            onCommands={props.onCommands}
          />
        )}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of what lies in it, the slider and the labels */}
        <div ref={lanes} className="tl-lanes" data-above={beyond.above > 0} data-below={beyond.below > 0} onKeyDown={acting.onKeyDown}>
          <LaneLabels
            layout={layout}
            beyond={beyond}
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
                view={control.view}
                scene={scene}
                cursor={cursor}
                selectedCpu={selectedCpu}
                hit={hit}
                selection={selection}
                arrows={acting.followable}
                flags={flags}
                found={found}
                forks={forks}
                strips={strips}
                inevitable={inevitable}
              />
            )}
          </div>
        </div>
        {acting.menu}
        <output className="unseen">{acting.told}</output>
        <div ref={under} className="tl-under">
          <div className="tl-below">
            {width > 0 && <OverviewStrip index={index} steps={steps} order={layout.standing} cursor={cursor} control={control} />}
          </div>
          <div className="tl-foot" data-selected={selection !== null}>
            {selection === null ? (
              <p className="tl-said" title={acting.said ?? undefined}>
                {acting.said ?? (focused ? moment : hint())}
              </p>
            ) : (
              <Suspense fallback={<p className="tl-said" />}>
                <DetailsCard
                  index={index}
                  selection={selection}
                  cursor={cursor}
                  basis={basis}
                  sites={sites}
                  said={acting.said}
                  onSelect={select}
                  onGo={acting.go}
                  onShow={acting.show}
                />
              </Suspense>
            )}
            <Tools
              steps={steps}
              control={control}
              branches={branches}
              others={forks.length}
              hidden={picture.hidden}
              searching={searching}
              onSearching={setSearching}
            />
          </div>
        </div>
      </div>
    </div>
  )
}

function hint(): string {
  return matchMedia('(pointer: coarse)').matches
    ? 'Tap or drag to move in time; two fingers zoom and pan; hold for more.'
    : 'Press or drag to move in time; Ctrl+wheel zooms, Shift+drag pans, / searches.'
}
