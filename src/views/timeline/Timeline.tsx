/**
 * The run as a picture: a lane a CPU, phases above, the whole trace in a strip below. timeline/ decides every coordinate; here it meets the document.
 *
 * Few shapes are SVG elements, many are painted on a canvas beneath (what the drawing is made of is the same); what follows the cursor or the pointer is
 * always SVG, above both.
 */
import { scaleLinear } from 'd3-scale'
import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { describeHit, describeMoment } from '../../timeline/describe.ts'
import {
  arrowShape,
  arrowShapes,
  axisShapes,
  backgroundShapes,
  bulkLayers,
  cursorShapes,
  phaseShapes,
  violationShapes,
} from '../../timeline/drawing.ts'
import { type Scene, sceneOf } from '../../timeline/geometry.ts'
import { type Hit, hitTest } from '../../timeline/hit.ts'
import { indexTimeline, type TimelineIndex } from '../../timeline/index.ts'
import { type Layout, layOut, metricsFor } from '../../timeline/lanes.ts'
import type { TimelineData } from '../../timeline/model.ts'
import { fitAll, isFit, stepAt, type Viewport, zoomAt } from '../../timeline/viewport.ts'
import { paint, readPalette, useThemeChanges } from './canvas.ts'
import { actionOf } from './keys.ts'
import { Legend } from './Legend.tsx'
import { OverviewStrip } from './OverviewStrip.tsx'
import { Hatches, Shapes } from './Shapes.tsx'
import './timeline.css'
import { useGestures } from './use-gestures.ts'
import { useViewport } from './use-viewport.ts'

export interface TimelineProps {
  readonly data: TimelineData
  /** Steps taken. */
  readonly cursor: number
  readonly selectedCpu: number | null
  /** `done`: false while dragging. */
  onSeek(step: number, done: boolean): void
  onSelectCpu(cpu: number): void
}

/** Shapes beyond this are painted, not put into the document. */
const MOST_ELEMENTS = 600

export function Timeline({ data, cursor, selectedCpu, onSeek, onSelectCpu }: TimelineProps): ReactNode {
  const id = useId().replace(/[^A-Za-z0-9]/g, '')
  const plot = useRef<HTMLDivElement>(null)
  const width = useWidth(plot)
  const latest = useRef<TimelineIndex | null>(null)
  const index = useMemo(() => {
    latest.current = indexTimeline(data, latest.current)
    return latest.current
  }, [data])
  const layout = useMemo(() => layOut(index, metricsFor(index.lanes.length)), [index])
  const control = useViewport(width, data.steps, cursor)
  const { view, move } = control
  const { from, to } = view
  const scene = useMemo(() => sceneOf(index, layout, { from, to, width: Math.max(1, width) }), [index, layout, from, to, width])
  const [hit, setHit] = useState<Hit | null>(null)
  const [focused, setFocused] = useState(false)
  const [legend, setLegend] = useState(false)

  const dragged = useRef<number | null>(null)
  const gestures = useGestures(plot, data.steps, control, {
    at(x, y, pressed) {
      const found = hitTest(scene, layout, x, y)
      const mark = pressed && found.target?.kind === 'mark' ? found.target.mark : null
      const step = Math.min(data.steps, Math.max(0, mark === null ? Math.round(stepAt(view, x)) : mark.to))
      if (pressed) {
        setHit(found)
        if (found.cpu !== null && found.cpu !== selectedCpu) onSelectCpu(found.cpu)
      }
      if (step === dragged.current) return
      dragged.current = step
      onSeek(step, false)
    },
    released() {
      if (dragged.current !== null) onSeek(dragged.current, true)
      dragged.current = null
    },
    over: (point) => setHit(point === null ? null : hitTest(scene, layout, point.x, point.y)),
  })

  const cpu = selectedCpu ?? (cursor > 0 ? data.movers[cursor - 1] : undefined) ?? data.lanes[0]?.cpu ?? 0
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const action = actionOf(event, { index, cursor, cpu, view })
    if (action === null) return
    event.preventDefault()
    setHit(null)
    if (action.kind === 'view') move(action.change, true)
    else if (action.kind === 'select') onSelectCpu(action.cpu)
    else {
      if (action.cpu !== undefined) onSelectCpu(action.cpu)
      onSeek(action.step, true)
    }
  }

  const moment = useMemo(() => describeMoment(index, cursor), [index, cursor])
  const said = hit === null ? null : describeHit(index, hit)
  const zoom = (factor: number) => move((from) => zoomAt(from, from.width / 2, factor, data.steps), true)

  return (
    <div className="tl">
      <div className="tl-lanes">
        <div className="tl-labels" style={{ height: layout.height }}>
          {layout.lanes.map((lane) => (
            <button
              type="button"
              key={lane.cpu}
              className="tl-label"
              style={{ top: lane.top, height: lane.height }}
              aria-pressed={lane.cpu === selectedCpu}
              onClick={() => onSelectCpu(lane.cpu)}
            >
              <strong>CPU {lane.cpu}</strong> <span>{lane.role}</span>
            </button>
          ))}
        </div>
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
          onKeyDown={onKeyDown}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
          {...gestures}
        >
          {width > 0 && <Picture id={id} data={data} layout={layout} view={view} scene={scene} cursor={cursor} selected={selectedCpu} hit={hit} />}
        </div>
      </div>
      <div className="tl-below">{width > 0 && <OverviewStrip index={index} cursor={cursor} control={control} />}</div>
      <div className="tl-foot">
        <p className="tl-said" title={said ?? undefined}>
          {said ?? (focused ? moment : hint())}
        </p>
        <div className="tl-tools">
          <button type="button" className="quiet icon" aria-label="Zoom out" onClick={() => zoom(1 / 1.6)} disabled={isFit(view, data.steps)}>
            −
          </button>
          <button type="button" className="quiet icon" aria-label="Zoom in" onClick={() => zoom(1.6)}>
            +
          </button>
          <button
            type="button"
            className="quiet"
            onClick={() => move((from) => fitAll(data.steps, from.width), true)}
            disabled={isFit(view, data.steps)}
          >
            all
          </button>
          <button type="button" className="quiet" aria-expanded={legend} aria-controls={`${id}-legend`} onClick={() => setLegend(!legend)}>
            legend
          </button>
        </div>
      </div>
      {legend && <Legend id={`${id}-legend`} />}
    </div>
  )
}

interface PictureProps {
  readonly id: string
  readonly data: TimelineData
  readonly layout: Layout
  readonly view: Viewport
  readonly scene: Scene
  readonly cursor: number
  readonly selected: number | null
  readonly hit: Hit | null
}

function Picture({ id, data, layout, view, scene, cursor, selected, hit }: PictureProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null)
  const theme = useThemeChanges()
  const { from, to, width } = view
  const bulk = useMemo(() => {
    const present = { from, to, width }
    return [backgroundShapes(layout, scene, present), ...bulkLayers(scene, layout, present)]
  }, [layout, scene, from, to, width])
  const arrows = useMemo(() => arrowShapes(scene, layout, data, { from, to, width }, cursor), [scene, layout, data, from, to, width, cursor])
  const labels = useMemo(() => {
    const present = { from, to, width }
    const ticks = scaleLinear([from, to], [0, width])
      .ticks(Math.max(2, width / 80))
      .filter((step) => Number.isInteger(step) && step <= data.steps)
    return [...violationShapes(scene, data, present), ...phaseShapes(scene, layout), ...axisShapes(layout, present, ticks)]
  }, [scene, data, layout, from, to, width])
  const painted = scene.size > MOST_ELEMENTS
  const { veil, line } = useMemo(() => cursorShapes(layout, { from, to, width }, cursor), [layout, from, to, width, cursor])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme means new colours
  useLayoutEffect(() => {
    if (canvas.current !== null && painted) paint(canvas.current, width, layout.height, [...bulk.flat(), ...arrows], readPalette(canvas.current))
  }, [painted, bulk, arrows, width, layout, theme])

  const hatch = `${id}-hatch`
  const chosen = layout.lanes.find((lane) => lane.cpu === selected)
  return (
    <>
      {painted && <canvas ref={canvas} style={{ width, height: layout.height }} />}
      <svg className="tl-picture" width={width} height={layout.height} aria-hidden="true" focusable="false">
        <Hatches prefix={hatch} />
        {!painted &&
          bulk.map((shapes, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the layers are always the same
            <Shapes key={i} shapes={shapes} hatch={hatch} />
          ))}
        {chosen !== undefined && <rect className="tl-chosen" x={0} y={chosen.top} width={2.5} height={chosen.height} />}
        {!painted && <Shapes shapes={arrows} hatch={hatch} />}
        <Shapes shapes={veil} hatch={hatch} />
        <Shapes shapes={labels} hatch={hatch} />
        <Highlight hit={hit} />
        <Shapes shapes={line} hatch={hatch} />
      </svg>
    </>
  )
}

/** What lies under the pointer, said in the line below. */
function Highlight({ hit }: { hit: Hit | null }): ReactNode {
  const target = hit?.target
  if (target == null) return null
  if (target.kind === 'mark') return <circle className="tl-highlight" cx={target.mark.x} cy={target.mark.y} r={8.5} />
  if (target.kind === 'arrow') return <Shapes shapes={arrowShape(target.arrow, false, 1.8)} hatch="" />
  const { x, y, width, height } = target.span
  return <rect className="tl-highlight" x={x - 0.5} y={y - 0.5} width={width + 0.5} height={height + 1} rx={4} />
}

function hint(): string {
  return matchMedia('(pointer: coarse)').matches
    ? 'Tap or drag to move in time; two fingers zoom and pan.'
    : 'Press or drag to move in time; Ctrl+wheel zooms, Shift+drag pans.'
}

/** The element's width in whole pixels; 0 until it is in the document. */
function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const { current } = element
    if (current === null) return
    const measure = () => setWidth(Math.floor(current.getBoundingClientRect().width))
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(current)
    return () => observer.disconnect()
  }, [element])
  return width
}
