/** Shapes as SVG elements. Colours are the theme's properties, so that a change of theme needs no drawing. */
import { memo, type ReactNode } from 'react'
import type { Paint, Shape } from '../../timeline/drawing.ts'

const HATCHED: readonly Paint[] = ['old', 'new', 'violation']

/** One pattern a tone; ids carry a prefix of their own, since a page can hold several timelines. */
export function Hatches({ prefix }: { prefix: string }): ReactNode {
  return (
    <defs>
      {HATCHED.map((paint) => (
        <pattern key={paint} id={`${prefix}-${paint}`} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="1.5" height="5" fill={`var(--${paint})`} fillOpacity="0.4" />
        </pattern>
      ))}
    </defs>
  )
}

/** The position is a shape's identity: what it stands for changes with every movement anyway, and reusing elements is what makes that quick. */
export const Shapes = memo(function Shapes({ shapes, hatch }: { shapes: readonly Shape[]; hatch: string }): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: see above
  return shapes.map((shape, i) => <ShapeView key={`${i}${shape.shape}`} shape={shape} hatch={hatch} />)
})

function ShapeView({ shape, hatch }: { shape: Shape; hatch: string }): ReactNode {
  switch (shape.shape) {
    case 'rect': {
      const { x, y, width, height, radius, fill, stroke, dash, opacity, hatch: stripes } = shape
      const box = { x: round(x), y: round(y), width: round(Math.max(0, width)), height: round(height), rx: radius }
      const base = <rect {...box} fill={colour(fill)} stroke={colour(stroke)} strokeDasharray={dash ?? undefined} opacity={opacity} />
      if (stripes === null) return base
      return (
        <>
          {base}
          <rect {...box} fill={`url(#${hatch}-${stripes})`} />
        </>
      )
    }
    case 'path': {
      const { x, y, d, fill, stroke, width, dash } = shape
      const place = x === 0 && y === 0 ? undefined : `translate(${round(x)} ${round(y)})`
      return <path transform={place} d={d} fill={colour(fill)} stroke={colour(stroke)} strokeWidth={width} strokeDasharray={dash ?? undefined} />
    }
    case 'text': {
      const { x, y, text, size, fill, bold, anchor, halo } = shape
      const rim = halo === null ? undefined : { stroke: colour(halo), strokeWidth: 3 }
      return (
        <text x={round(x)} y={round(y)} fontSize={size} fill={colour(fill)} fontWeight={bold ? 600 : undefined} textAnchor={anchor} {...rim}>
          {text}
        </text>
      )
    }
  }
}

function colour(paint: Paint | null): string {
  return paint === null ? 'none' : `var(--${paint})`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
