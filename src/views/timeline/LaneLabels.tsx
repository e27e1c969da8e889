/** Who each lane is. A label is pressed to look at that CPU, dragged to another place, and holds a pin and a fold; by key: Alt ↑ ↓, Shift P, Shift C. */
import { type PointerEvent, type ReactNode, useRef, useState } from 'react'
import { type Arrangement, moved, toggleCollapsed, togglePinned } from '../../timeline/arrangement.ts'
import type { Beyond } from '../../timeline/beyond.ts'
import type { Fork } from '../../timeline/branches.ts'
import type { LaneBox, Layout } from '../../timeline/lanes.ts'

export interface LaneLabelsProps {
  readonly layout: Layout
  /** Lanes that are out of sight. */
  readonly beyond: Beyond
  readonly selectedCpu: number | null
  readonly arrangement: Arrangement
  readonly forks: readonly Fork[]
  onSelectCpu(cpu: number): void
  onArrange(arrangement: Arrangement): void
  onCheckout(branch: number): void
}

/** How far a label is dragged before that is meant. */
const SLACK = 6

export function LaneLabels({ layout, beyond, selectedCpu, arrangement, forks, onSelectCpu, onArrange, onCheckout }: LaneLabelsProps): ReactNode {
  const column = useRef<HTMLDivElement>(null)
  const drag = useRef<{ cpu: number; y: number; begun: boolean } | null>(null)
  const [dragged, setDragged] = useState<number | null>(null)
  const cpus = layout.lanes.map(({ cpu }) => cpu)

  const onPointerDown = (event: PointerEvent, cpu: number) => {
    if (event.button === 0) drag.current = { cpu, y: event.clientY, begun: false }
  }
  const onPointerMove = (event: PointerEvent) => {
    const { current } = drag
    if (current === null || (!current.begun && Math.abs(event.clientY - current.y) < SLACK)) return
    if (!current.begun) {
      current.begun = true
      event.currentTarget.setPointerCapture(event.pointerId)
      setDragged(current.cpu)
    }
    const y = event.clientY - (column.current?.getBoundingClientRect().top ?? 0)
    const to = layout.standing.findIndex((box) => y < box.top + box.height + layout.metrics.laneGap)
    const at = layout.standing.findIndex((box) => box.cpu === current.cpu)
    if (to >= 0 && to !== at) onArrange(moved(cpus, arrangement, current.cpu, to))
  }
  const onPointerUp = () => {
    // The click that follows a drag is none.
    if (drag.current?.begun === true) addEventListener('click', (event) => event.stopPropagation(), { capture: true, once: true })
    drag.current = null
    setDragged(null)
  }

  return (
    <div ref={column} className="tl-labels" style={{ height: layout.height }}>
      {layout.standing.map((lane, at) => (
        <div
          key={lane.cpu}
          className="tl-label"
          data-cpu={lane.cpu}
          data-collapsed={lane.collapsed}
          data-pinned={lane.pinned}
          data-dragged={lane.cpu === dragged}
          data-beyond={at < beyond.above || at >= layout.standing.length + layout.strips.length - beyond.below}
          style={{ top: lane.top, height: lane.height }}
        >
          <button
            type="button"
            className="tl-name"
            aria-pressed={lane.cpu === selectedCpu}
            title="Look at this CPU; drag to another place"
            onClick={() => onSelectCpu(lane.cpu)}
            onPointerDown={(event) => onPointerDown(event, lane.cpu)}
            onPointerMove={onPointerMove}
            onPointerUp={onPointerUp}
            onPointerCancel={onPointerUp}
          >
            <strong>CPU {lane.cpu}</strong> <span>{lane.role}</span>
          </button>
          <LaneTools lane={lane} arrangement={arrangement} onArrange={onArrange} />
        </div>
      ))}
      <MoreLanes count={beyond.above} way="above" height={layout.metrics.header} />
      {layout.strips.map(({ branch, top, height }) => {
        const name = forks.find((fork) => fork.branch === branch)?.name ?? ''
        return (
          <button
            type="button"
            key={branch}
            className="tl-strip-name"
            style={{ top, height }}
            title={`Go over to ${name}`}
            onClick={() => onCheckout(branch)}
          >
            {name}
          </button>
        )
      })}
      <MoreLanes count={beyond.below} way="below" height={layout.height - layout.bottom} />
    </div>
  )
}

/** In the corner beside header or axis: how many lanes lie beyond, and the way to them. */
function MoreLanes({ count, way, height }: { count: number; way: keyof Beyond; height: number }): ReactNode {
  const corner = useRef<HTMLDivElement>(null)
  const go = () => {
    const scroller = corner.current?.closest('.tl-lanes')
    scroller?.scrollBy({ top: (way === 'below' ? 1 : -1) * (scroller.clientHeight - 2 * height) })
  }
  return (
    <div ref={corner} className={`tl-more is-${way}`} style={{ height }}>
      {count > 0 && (
        <button type="button" tabIndex={-1} className="link" aria-label={`${count} more ${way}: scroll to them`} onClick={go}>
          {count} more {way === 'below' ? '↓' : '↑'}
        </button>
      )}
    </div>
  )
}

/** With a pointer; the keyboard has Shift P and Shift C, on the label or on the lanes. */
function LaneTools({
  lane: { cpu, collapsed, pinned },
  arrangement,
  onArrange,
}: { lane: LaneBox } & Pick<LaneLabelsProps, 'arrangement' | 'onArrange'>): ReactNode {
  return (
    <span className="tl-lane-tools">
      <button
        type="button"
        tabIndex={-1}
        className="quiet icon"
        aria-label={`Pin CPU ${cpu} to the top`}
        aria-pressed={pinned}
        title={pinned ? 'Unpin (Shift+P)' : 'Pin to the top (Shift+P)'}
        onClick={() => onArrange(togglePinned(arrangement, cpu))}
      >
        <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
          <path d="M4 1.5h4l-.6 3.5L9 7H3l1.6-2zM6 7v4" fill={pinned ? 'currentColor' : 'none'} stroke="currentColor" strokeLinejoin="round" />
        </svg>
      </button>
      <button
        type="button"
        tabIndex={-1}
        className="quiet icon"
        aria-label={`Fold CPU ${cpu}`}
        aria-pressed={collapsed}
        title={collapsed ? 'Unfold (Shift+C)' : 'Fold to a line (Shift+C)'}
        onClick={() => onArrange(toggleCollapsed(arrangement, cpu))}
      >
        <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
          <path d={collapsed ? 'M4 2.5L8 6L4 9.5' : 'M2.5 4L6 8L9.5 4'} fill="none" stroke="currentColor" strokeWidth="1.4" />
        </svg>
      </button>
    </span>
  )
}
