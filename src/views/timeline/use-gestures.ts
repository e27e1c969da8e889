/**
 * Hands on the lanes: press and drag seeks, along the axis it picks out an area, Shift-drag (or the middle button) pans, two fingers zoom and pan, Ctrl+wheel zooms at the pointer, a sideways wheel
 * (or Shift+wheel) pans. A plain wheel scrolls the page, as everywhere.
 */
import { type PointerEvent, type RefObject, useEffect, useRef } from 'react'
import { pan, type Viewport, zoomAt } from '../../timeline/viewport.ts'
import type { ViewportControl } from './use-viewport.ts'

export interface Hands {
  /** A drag that begins here picks out an area. */
  isArea(y: number): boolean
  area(x0: number, x1: number): void
  /** Pressed or dragged at a point, in pixels of the plot. `pressed`: the first of a drag. */
  at(x: number, y: number, pressed: boolean): void
  /** The drag has ended. */
  released(): void
  /** Passes over without a button, or has left (null). */
  over(point: { x: number; y: number } | null): void
}

type Mode = 'seek' | 'pan' | 'pinch' | 'area' | null

export function useGestures(plot: RefObject<HTMLElement | null>, steps: number, { move }: ViewportControl, hands: Hands) {
  const state = useRef({ mode: null as Mode, points: new Map<number, { x: number; y: number }>(), begun: 0 })
  const { current } = state
  const local = (event: { clientX: number; clientY: number }) => {
    const box = plot.current?.getBoundingClientRect()
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) }
  }

  useWheel(plot, steps, move)

  const end = (event: PointerEvent) => {
    if (!current.points.delete(event.pointerId)) return
    if (current.points.size > 0) return
    if (current.mode === 'seek') hands.released()
    current.mode = null
  }

  return {
    onPointerDown(event: PointerEvent) {
      if (event.button > 1) return
      const point = local(event)
      current.points.set(event.pointerId, point)
      event.currentTarget.setPointerCapture(event.pointerId)
      if (current.points.size > 1) {
        if (current.mode === 'seek') hands.released()
        current.mode = 'pinch'
      } else if (event.shiftKey || event.button === 1) current.mode = 'pan'
      else if (hands.isArea(point.y)) {
        current.mode = 'area'
        current.begun = point.x
      } else {
        current.mode = 'seek'
        hands.at(point.x, point.y, true)
      }
      if (event.button === 1) event.preventDefault()
    },
    onPointerMove(event: PointerEvent) {
      const point = local(event)
      const before = current.points.get(event.pointerId)
      if (before === undefined) {
        if (event.pointerType !== 'touch') hands.over(point)
        return
      }
      if (current.mode === 'seek') hands.at(point.x, point.y, false)
      else if (current.mode === 'area') hands.area(current.begun, point.x)
      else if (current.mode === 'pan') move((view) => pan(view, before.x - point.x, steps), false)
      else if (current.mode === 'pinch') {
        const other = [...current.points].find(([id]) => id !== event.pointerId)?.[1]
        if (other !== undefined) move((view) => pinch(view, other, before, point, steps), false)
      }
      current.points.set(event.pointerId, point)
    },
    onPointerUp: end,
    onPointerCancel: end,
    onPointerLeave(event: PointerEvent) {
      if (current.points.size === 0 && event.pointerType !== 'touch') hands.over(null)
    },
  }
}

/** One finger of two has moved: what lay under each stays under it, as far as a zoom can do that. */
function pinch(view: Viewport, still: { x: number }, before: { x: number }, after: { x: number }, steps: number): Viewport {
  const apart = Math.max(24, Math.abs(before.x - still.x))
  const now = Math.max(24, Math.abs(after.x - still.x))
  const middle = (before.x + still.x) / 2
  return pan(zoomAt(view, middle, now / apart, steps), (before.x - after.x) / 2, steps)
}

/** React listens to wheels passively, and could not keep the browser from zooming the page. */
function useWheel(plot: RefObject<HTMLElement | null>, steps: number, move: ViewportControl['move']): void {
  const live = useRef(steps)
  live.current = steps
  useEffect(() => {
    const element = plot.current
    if (element === null) return
    const onWheel = (event: WheelEvent) => {
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? 400 : 1
      const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault()
        const x = event.clientX - element.getBoundingClientRect().left
        const factor = 2 ** (-Math.max(-120, Math.min(120, event.deltaY * unit)) / (event.deltaMode === 0 && Math.abs(event.deltaY) < 40 ? 60 : 200))
        move((view) => zoomAt(view, x, factor, live.current), false)
      } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault()
        move((view) => pan(view, sideways * unit, live.current), false)
      }
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  }, [plot, move])
}
