/** Shapes on a canvas: for when there are more than a document likes to hold. The same shapes, colours and order as the SVG elements. */
import { useEffect, useState } from 'react'
import type { Outline, Paint, Rectangle, Shape, Writing } from '../../timeline/drawing.ts'

/** Colours by name, as the theme has them at present. */
export type Palette = (paint: Paint) => string

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element)
  const known = new Map<Paint, string>()
  return (paint) => {
    let value = known.get(paint)
    if (value === undefined) {
      value = style.getPropertyValue(`--${paint}`).trim() || '#888'
      known.set(paint, value)
    }
    return value
  }
}

/** Changes whenever the theme does, so that canvases are painted anew. */
export function useThemeChanges(): number {
  const [count, setCount] = useState(0)
  useEffect(() => {
    const observer = new MutationObserver(() => setCount((before) => before + 1))
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class', 'style'] })
    return () => observer.disconnect()
  }, [])
  return count
}

/** Fits the canvas to its size in device pixels, clears it, and paints. */
export function paint(canvas: HTMLCanvasElement, width: number, height: number, shapes: readonly Shape[], palette: Palette): void {
  const ratio = globalThis.devicePixelRatio || 1
  const across = Math.round(width * ratio)
  const down = Math.round(height * ratio)
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across
    canvas.height = down
  }
  const context = canvas.getContext('2d')
  if (context === null) return
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  context.lineJoin = 'round'
  context.lineCap = 'round'
  const family = getComputedStyle(canvas).fontFamily
  for (const shape of shapes) {
    if (shape.shape === 'rect') paintRectangle(context, shape, palette)
    else if (shape.shape === 'path') paintOutline(context, shape, palette)
    else paintText(context, shape, palette, family)
  }
}

function paintRectangle(
  context: CanvasRenderingContext2D,
  { x, y, width, height, radius, fill, stroke, dash, opacity, hatch }: Rectangle,
  palette: Palette,
): void {
  if (width <= 0) return
  if (opacity !== 1) context.globalAlpha = opacity
  if (radius === 0 && stroke === null && hatch === null) {
    if (fill !== null) {
      context.fillStyle = palette(fill)
      context.fillRect(x, y, width, height)
    }
  } else {
    context.beginPath()
    context.roundRect(x, y, width, height, radius)
    if (fill !== null) {
      context.fillStyle = palette(fill)
      context.fill()
    }
    if (hatch !== null) {
      context.fillStyle = stripes(context, palette(hatch))
      context.fill()
    }
    if (stroke !== null) {
      context.strokeStyle = palette(stroke)
      context.lineWidth = 1
      context.setLineDash(dashes(dash))
      context.stroke()
    }
  }
  if (opacity !== 1) context.globalAlpha = 1
}

const paths = new Map<string, Path2D>()

function paintOutline(context: CanvasRenderingContext2D, { x, y, d, fill, stroke, width, dash }: Outline, palette: Palette): void {
  let path = paths.get(d)
  if (path === undefined) {
    path = new Path2D(d)
    // Only the few outlines of marks come back; curves are new with every movement.
    if (paths.size < 64) paths.set(d, path)
  }
  context.translate(x, y)
  if (fill !== null) {
    context.fillStyle = palette(fill)
    context.fill(path)
  }
  if (stroke !== null) {
    context.strokeStyle = palette(stroke)
    context.lineWidth = width
    context.setLineDash(dashes(dash))
    context.stroke(path)
  }
  context.translate(-x, -y)
}

function paintText(
  context: CanvasRenderingContext2D,
  { x, y, text, size, fill, bold, anchor, halo }: Writing,
  palette: Palette,
  family: string,
): void {
  context.font = `${bold ? 600 : 400} ${size}px ${family}`
  context.textAlign = anchor === 'middle' ? 'center' : anchor
  if (halo !== null) {
    context.strokeStyle = palette(halo)
    context.lineWidth = 3
    context.setLineDash([])
    context.strokeText(text, x, y)
  }
  context.fillStyle = palette(fill)
  context.fillText(text, x, y)
}

function dashes(dash: string | null): number[] {
  return dash === null ? [] : dash.split(' ').map(Number)
}

function stripes(context: CanvasRenderingContext2D, colour: string): CanvasPattern | string {
  const tile = document.createElement('canvas')
  tile.width = 7
  tile.height = 7
  const brush = tile.getContext('2d')
  if (brush === null) return 'transparent'
  brush.globalAlpha = 0.4
  brush.strokeStyle = colour
  brush.lineWidth = 1.5
  for (const at of [-7, 0, 7]) {
    brush.moveTo(at - 1, 8)
    brush.lineTo(at + 8, -1)
  }
  brush.stroke()
  return context.createPattern(tile, 'repeat') ?? 'transparent'
}
