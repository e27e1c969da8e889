/**
 * The one gesture hook, d3's: Ctrl+wheel and two fingers zoom at the pointer, a double click zooms in (with Shift: out), Shift-drag and the middle button pan. d3
 * computes a transform from the gesture; which part of the trace that is, and how far it may go, is the viewport's to say. A sideways wheel (or Shift+wheel) pans;
 * a plain one scrolls the page, as everywhere.
 *
 *     transform.k    how many times larger than the whole trace
 *     transform.x    pixels from the left edge to the trace's start, mostly negative
 */
import { scaleLinear } from 'd3-scale'
import { select } from 'd3-selection'
import { zoom as behaviour, ZoomTransform } from 'd3-zoom'
import { clamp, domainEnd, FEWEST_STEPS, pan, type Viewport } from '../../timeline/viewport.ts'

/** What is zoomed: the trace, and the part of it in view. */
export interface Zoomed {
  readonly steps: number
  /** As it is now, whether that has been drawn or not. */
  present(): Viewport
  move(change: (view: Viewport) => Viewport, glide: boolean): void
}

const GLIDE_MS = 140

/** Listens to an element until the answer is called. `live` is read at every gesture. */
export function attachZoom(element: HTMLElement, live: { readonly current: Zoomed }): () => void {
  const extent = (): [[number, number], [number, number]] => [
    [0, 0],
    [live.current.present().width, element.clientHeight],
  ]
  const gestures = behaviour<HTMLElement, unknown>()
    .filter(isZoom)
    .wheelDelta(wheelPower)
    .extent(extent)
    .constrain((transform) => transformOf(viewOf(transform, live.current), live.current.steps))
    .duration(matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : GLIDE_MS)
    .on('zoom', ({ transform, sourceEvent }: { transform: ZoomTransform; sourceEvent: Event | null }) => {
      if (sourceEvent != null) live.current.move(() => viewOf(transform, live.current), false)
    })
  const selection = select<HTMLElement, unknown>(element)

  /** Keys and the strip move the viewport, too: each gesture starts from where it stands. */
  const begin = () => {
    const { steps, present } = live.current
    gestures.scaleExtent([1, domainEnd(steps) / FEWEST_STEPS])
    gestures.transform(selection, transformOf(present(), steps))
  }
  const onWheel = (event: WheelEvent) => {
    // At the deepest zoom, too, it is the lanes and not the page that Ctrl+wheel is about.
    if (event.ctrlKey || event.metaKey) event.preventDefault()
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault()
      const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX
      live.current.move((view) => pan(view, sideways * unitOf(event), live.current.steps), false)
    }
  }
  // The middle button would start the browser's own scrolling.
  const onMouseDown = (event: MouseEvent) => event.button === 1 && event.preventDefault()

  for (const type of BEGINNINGS) element.addEventListener(type, begin, { capture: true, passive: true })
  element.addEventListener('wheel', onWheel, { passive: false })
  element.addEventListener('mousedown', onMouseDown)
  selection.call(gestures)
  return () => {
    selection.on('.zoom', null)
    for (const type of BEGINNINGS) element.removeEventListener(type, begin, { capture: true })
    element.removeEventListener('wheel', onWheel)
    element.removeEventListener('mousedown', onMouseDown)
  }
}

const BEGINNINGS = ['wheel', 'mousedown', 'touchstart', 'dblclick'] as const

/** A single finger and the plain left button move in time (scrub.ts). */
function isZoom(event: Event): boolean {
  if (event instanceof WheelEvent) return event.ctrlKey || event.metaKey
  if (event.type === 'dblclick') return true
  if (event instanceof MouseEvent) return event.button === 1 || (event.button === 0 && event.shiftKey)
  return 'touches' in event && (event.touches as TouchList).length > 1
}

/** Pixels in one unit of the wheel's numbers. */
function unitOf({ deltaMode }: WheelEvent): number {
  return deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : deltaMode === WheelEvent.DOM_DELTA_PAGE ? 400 : 1
}

/** By which power of two a turn of the wheel zooms. A touchpad tells of a pinch in many small turns. */
function wheelPower(event: WheelEvent): number {
  const turned = Math.max(-120, Math.min(120, event.deltaY * unitOf(event)))
  return -turned / (event.deltaMode === 0 && Math.abs(event.deltaY) < 40 ? 60 : 200)
}

function transformOf(view: Viewport, steps: number): ZoomTransform {
  const k = domainEnd(steps) / (view.to - view.from)
  return new ZoomTransform(k, (-view.from * view.width * k) / domainEnd(steps), 0)
}

function viewOf(transform: ZoomTransform, { steps, present }: Zoomed): Viewport {
  const { width } = present()
  const [from, to] = transform.rescaleX(scaleLinear([0, domainEnd(steps)], [0, width])).domain() as [number, number]
  return clamp({ from, to, width }, steps)
}
