/** The whole trace in a strip, and the window in view: drag it, or its edges, or press elsewhere. The keyboard has W A S D and F for the same. */
import { type PointerEvent, type ReactNode, useLayoutEffect, useMemo, useRef } from 'react'
import type { Shape } from '../../timeline/drawing.ts'
import type { TimelineIndex } from '../../timeline/index.ts'
import { SPAN_LOOKS, type SpanLook } from '../../timeline/looks.ts'
import { overviewOf, viewFromOverview, windowOf } from '../../timeline/overview.ts'
import { clamp, domainEnd, isFit, type Viewport } from '../../timeline/viewport.ts'
import { paint, readPalette, useThemeChanges } from './canvas.ts'
import type { ViewportControl } from './use-viewport.ts'

const EDGE = 8

type Grip = { readonly part: 'window' | 'left' | 'right'; readonly x: number; readonly view: Viewport }

export interface OverviewStripProps {
  readonly index: TimelineIndex
  /** Of the whole strip: more than the trace has where another branch goes on longer. */
  readonly steps: number
  /** The lanes from top to bottom. */
  readonly order: readonly { readonly cpu: number }[]
  readonly cursor: number
  readonly control: ViewportControl
}

export function OverviewStrip({ index, steps, order, cursor, control }: OverviewStripProps): ReactNode {
  const { view, move } = control
  const { width } = view
  const canvas = useRef<HTMLCanvasElement>(null)
  const grip = useRef<Grip | null>(null)
  const theme = useThemeChanges()
  const overview = useMemo(() => overviewOf(index, width, steps, order), [index, width, steps, order])
  const shown = windowOf(view, steps, width)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme means new colours
  useLayoutEffect(() => {
    if (canvas.current === null) return
    const shapes = overview.bars.map(({ x, y, width, rank }): Shape => {
      const { name, tone } = SPAN_LOOKS[rank] as SpanLook
      const opacity = name === 'code' || name === 'halted' || name === 'wait' ? 0.35 : 0.8
      return { shape: 'rect', x, y, width, height: overview.barHeight, radius: 0, fill: tone, stroke: null, dash: null, opacity, hatch: null }
    })
    paint(canvas.current, width, overview.height, shapes, readPalette(canvas.current))
  }, [overview, width, theme])

  const at = (event: PointerEvent) => event.clientX - event.currentTarget.getBoundingClientRect().left
  const onPointerDown = (event: PointerEvent) => {
    const x = at(event)
    event.currentTarget.setPointerCapture(event.pointerId)
    const inside = x >= shown.x - EDGE && x <= shown.x + shown.width + EDGE
    const near = (edge: number) => Math.abs(x - edge) <= EDGE && shown.width > 3 * EDGE
    const part = near(shown.x) ? 'left' : near(shown.x + shown.width) ? 'right' : 'window'
    const start = inside ? view : viewFromOverview(view, x, steps, width)
    if (!inside) move(() => start, true)
    grip.current = { part, x, view: start }
  }
  const onPointerMove = (event: PointerEvent) => {
    if (grip.current === null) return
    const { part, x, view: start } = grip.current
    const by = ((at(event) - x) / width) * domainEnd(steps)
    const from = part === 'right' ? start.from : start.from + by
    const to = part === 'left' ? start.to : start.to + by
    const least = (domainEnd(steps) * 2 * EDGE) / width
    if (part === 'window') move(() => clamp({ from, to, width }, steps), false)
    else if (to - from >= least) move(() => clamp({ from: Math.max(0, from), to, width }, steps), false)
  }
  const onPointerUp = () => {
    grip.current = null
  }

  return (
    // Pointers only: the slider above does all of this by key, and says so.
    <div
      className="tl-overview"
      aria-hidden="true"
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={onPointerUp}
    >
      <canvas ref={canvas} style={{ width, height: overview.height }} />
      <svg width={width} height={overview.height} aria-hidden="true" focusable="false">
        <line
          className="tl-overview-cursor"
          x1={(cursor / domainEnd(steps)) * width}
          x2={(cursor / domainEnd(steps)) * width}
          y1={0}
          y2={overview.height}
        />
        {overview.violation !== null && <circle className="tl-overview-violation" cx={overview.violation.x} cy={overview.violation.y} r={3.5} />}
        <rect
          className={isFit(view, steps) ? 'tl-window is-all' : 'tl-window'}
          x={shown.x + 0.75}
          y={0.75}
          width={Math.max(0, shown.width - 1.5)}
          height={overview.height - 1.5}
          rx={4}
        />
      </svg>
    </div>
  )
}
