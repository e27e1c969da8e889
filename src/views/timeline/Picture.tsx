/**
 * The lanes themselves. Few shapes are SVG elements, many are painted on a canvas beneath (what the drawing is made of is the same); what follows the cursor
 * or the pointer is always SVG, above both.
 */
import { type ReactNode, useLayoutEffect, useMemo, useRef } from 'react'
import type { DrawnArrow } from '../../timeline/arrows.ts'
import type { DrawnStrip, Fork } from '../../timeline/branches.ts'
import { arrowShape, arrowShapes, axisShapes, backgroundShapes, bulkLayers, violationShapes } from '../../timeline/drawing.ts'
import type { Scene } from '../../timeline/geometry.ts'
import { cursorShapes, phaseShapes } from '../../timeline/header.ts'
import { type Highlight, highlightOf } from '../../timeline/highlight.ts'
import type { Hit } from '../../timeline/hit.ts'
import type { TimelineIndex } from '../../timeline/index.ts'
import type { Layout } from '../../timeline/lanes.ts'
import { areaShapes, type Flag, flagShapes, forkShapes, foundShapes, inevitableShapes, stripShapes } from '../../timeline/overlays.ts'
import type { Selection } from '../../timeline/selection.ts'
import { TICK_GAP, ticks, type Viewport } from '../../timeline/viewport.ts'
import { paint, readPalette, useThemeChanges } from './canvas.ts'
import { Hatches, Shapes } from './Shapes.tsx'

export interface PictureProps {
  readonly id: string
  readonly index: TimelineIndex
  readonly layout: Layout
  readonly view: Viewport
  readonly scene: Scene
  readonly cursor: number
  readonly selectedCpu: number | null
  readonly hit: Hit | null
  readonly selection: Selection | null
  /** The arrow that a key would follow: index into the data's arrows. */
  readonly arrows: readonly number[]
  readonly flags: readonly Flag[]
  /** Steps with hits of a search. */
  readonly found: readonly number[]
  readonly forks: readonly Fork[]
  readonly strips: readonly DrawnStrip[]
  /** Steps taken when the violation had become inevitable; null where that is not known, or not so. */
  readonly inevitable: number | null
}

/** Shapes beyond this are painted, not put into the document. */
const MOST_ELEMENTS = 600

export function Picture(props: PictureProps): ReactNode {
  const { id, index, layout, view, scene, cursor, selectedCpu, hit, selection, arrows: chosen, flags, found, forks, strips, inevitable } = props
  const { data } = index
  const canvas = useRef<HTMLCanvasElement>(null)
  const theme = useThemeChanges()
  const { from, to, width } = view
  const bulk = useMemo(() => {
    const present = { from, to, width }
    return [backgroundShapes(layout, scene, present), ...bulkLayers(scene, layout, present)]
  }, [layout, scene, from, to, width])
  const arrows = useMemo(() => arrowShapes(scene, layout, data, { from, to, width }, cursor), [scene, layout, data, from, to, width, cursor])
  const labels = useMemo(() => violationShapes(scene, layout, data, { from, to, width }), [scene, layout, data, from, to, width])
  const phases = useMemo(() => phaseShapes(scene, layout, data, { from, to, width }, cursor), [scene, layout, data, from, to, width, cursor])
  const axis = useMemo(() => {
    const present = { from, to, width }
    return axisShapes(layout, present, ticks(present, TICK_GAP, data.steps))
  }, [data, layout, from, to, width])
  const others = useMemo(() => {
    const present = { from, to, width }
    return stripShapes(strips, layout, present)
  }, [strips, layout, from, to, width])
  const over = useMemo(() => {
    const present = { from, to, width }
    return [
      ...forkShapes(forks, layout, present),
      ...(inevitable === null || data.violation === null ? [] : inevitableShapes(inevitable, data.violation.step, layout, present)),
      ...(selection?.kind === 'area' ? areaShapes(selection.from as number, selection.to as number, layout, present) : []),
      ...flagShapes(flags, layout, present),
      ...foundShapes(found, layout, present),
    ]
  }, [forks, inevitable, data, selection, flags, found, layout, from, to, width])
  const painted = scene.size > MOST_ELEMENTS
  const { veil, line, pill } = useMemo(() => cursorShapes(layout, { from, to, width }, cursor), [layout, from, to, width, cursor])
  const highlight = selection === null ? null : highlightOf(index, selection, scene, layout, view)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme means new colours
  useLayoutEffect(() => {
    if (canvas.current !== null && painted) paint(canvas.current, width, layout.height, [...bulk.flat(), ...arrows], readPalette(canvas.current))
  }, [painted, bulk, arrows, width, layout, theme])

  const hatch = `${id}-hatch`
  const { header } = layout.metrics
  const lane = layout.lanes.find(({ cpu }) => cpu === selectedCpu)
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
        {lane !== undefined && <rect className="tl-chosen" x={0} y={lane.top} width={2.5} height={lane.height} />}
        {!painted && <Shapes shapes={arrows} hatch={hatch} />}
        <Shapes shapes={veil} hatch={hatch} />
        <Shapes shapes={others} hatch={hatch} />
        <Shapes shapes={labels} hatch={hatch} />
        <Shapes shapes={over} hatch={hatch} />
        {scene.arrows.map((arrow) => chosen.includes(arrow.item) && <Along key={arrow.item} arrow={arrow} />)}
        <Outlined highlight={highlight} className="tl-selected" />
        <Hovered hit={hit} />
        <Shapes shapes={line} hatch={hatch} />
      </svg>
      {/* Where not all lanes fit, these two stay in sight, above and below what is scrolled; what reaches into them from the lanes is drawn in them, too. */}
      <svg className="tl-head" width={width} height={header} aria-hidden="true" focusable="false">
        <Shapes shapes={phases} hatch={hatch} />
        <Shapes shapes={over} hatch={hatch} />
        <Shapes shapes={pill} hatch={hatch} />
      </svg>
      <svg
        className="tl-axis"
        width={width}
        height={layout.height - layout.bottom}
        viewBox={`0 ${layout.bottom} ${width} ${layout.height - layout.bottom}`}
        aria-hidden="true"
        focusable="false"
      >
        <Shapes shapes={axis} hatch={hatch} />
        <Shapes shapes={over} hatch={hatch} />
      </svg>
    </>
  )
}

/** What lies under the pointer, said in the line below. */
function Hovered({ hit }: { hit: Hit | null }): ReactNode {
  const target = hit?.target
  if (target == null) return null
  if (target.kind === 'mark') return <Outlined highlight={{ shape: 'circle', ...target.mark, radius: 8.5 }} className="tl-highlight" />
  if (target.kind === 'arrow') return <Outlined highlight={{ shape: 'arrow', arrow: target.arrow }} className="tl-highlight" />
  const { x, y, width, height } = target.span
  return <Outlined highlight={{ shape: 'box', x, y, width, height }} className="tl-highlight" />
}

/** A broad pale line along an arrow, through which its label can be read. */
function Along({ arrow }: { arrow: DrawnArrow }): ReactNode {
  return (
    <g className="tl-along">
      <Shapes shapes={arrowShape(arrow, false, 5)} hatch="" />
    </g>
  )
}

function Outlined({ highlight, className }: { highlight: Highlight | null; className: string }): ReactNode {
  if (highlight === null) return null
  switch (highlight.shape) {
    case 'circle':
      return <circle className={className} cx={highlight.x} cy={highlight.y} r={highlight.radius} />
    case 'arrow':
      return <Along arrow={highlight.arrow} />
    case 'box': {
      const { x, y, width, height } = highlight
      return <rect className={className} x={x - 0.5} y={y - 0.5} width={width + 0.5} height={height + 1} rx={4} />
    }
  }
}
