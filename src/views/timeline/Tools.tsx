/** The buttons below the lanes. */
import type { ReactNode } from 'react'
import { fitAll, isFit, zoomAt } from '../../timeline/viewport.ts'
import { LegendButton } from './LegendButton.tsx'
import type { OtherBranches } from './use-picture.ts'
import type { ViewportControl } from './use-viewport.ts'

export interface ToolsProps {
  readonly steps: number
  readonly control: ViewportControl
  readonly branches: OtherBranches
  /** How many other branches there are, and how many of them are not drawn. */
  readonly others: number
  readonly hidden: number
  readonly searching: boolean
  onSearching(open: boolean): void
}

const ZOOM = 1.6

export function Tools({ steps, control: { view, move }, branches, others, hidden, searching, onSearching }: ToolsProps): ReactNode {
  const zoom = (factor: number) => move((before) => zoomAt(before, before.width / 2, factor, steps), true)
  const whole = isFit(view, steps)
  return (
    <div className="tl-tools">
      <button type="button" className="quiet icon" aria-label="Zoom out" onClick={() => zoom(1 / ZOOM)} disabled={whole}>
        −
      </button>
      <button type="button" className="quiet icon" aria-label="Zoom in" onClick={() => zoom(ZOOM)}>
        +
      </button>
      <button type="button" className="quiet" onClick={() => move((before) => fitAll(steps, before.width), true)} disabled={whole}>
        all
      </button>
      {others > 0 && <OthersButton branches={branches} hidden={hidden} />}
      <button type="button" className="quiet" aria-expanded={searching} title="Search the events (/)" onClick={() => onSearching(!searching)}>
        find
      </button>
      <LegendButton />
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
