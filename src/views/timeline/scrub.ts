/**
 * One pointer on the lanes: press and drag seeks; a drag along the axis picks out an area; passing over explains; a long press, the right button and the menu key ask
 * what can be done here. Zooming and panning are zoom.ts's.
 */

export interface Scrubbed {
  /** A drag that begins here picks out an area. */
  isArea(y: number): boolean
  area(x0: number, x1: number): void
  /** Pressed or dragged at a point, in pixels of the plot. `pressed`: the first of a drag. */
  at(x: number, y: number, pressed: boolean): void
  /** The drag has ended. */
  released(): void
  /** Passes over without a button, or has left (null). */
  over(point: { x: number; y: number } | null): void
  /** A menu is wanted; null: at the cursor. */
  menu(point: { x: number; y: number } | null): void
}

/** `begun`: a finger that may become a long press, or one of two, has not yet moved in time. */
type Drag = { readonly mode: 'seek' | 'area'; readonly pointer: number; readonly x: number; readonly y: number; begun: boolean }

const LONG_PRESS_MS = 500
/** A finger does not lie quite still. */
const SLACK = 8

export function attachScrub(element: HTMLElement, live: { readonly current: Scrubbed }): () => void {
  let drag: Drag | null = null
  let waiting = 0
  /** The finger that asked for the menu still lies there. */
  let asked = false
  /** A second finger zooms: until all are gone, none seeks. */
  const down = new Set<number>()

  const local = (event: { clientX: number; clientY: number }) => {
    const box = element.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }
  const begin = () => {
    clearTimeout(waiting)
    if (drag === null || drag.begun) return
    drag.begun = true
    if (drag.mode === 'seek') live.current.at(drag.x, drag.y, true)
  }
  const letGo = () => {
    clearTimeout(waiting)
    if (drag?.mode === 'seek' && drag.begun) live.current.released()
    drag = null
  }
  const onDown = (event: PointerEvent) => {
    const { x, y } = local(event)
    down.add(event.pointerId)
    asked = false
    if (down.size > 1) return letGo()
    if (event.button !== 0 || event.shiftKey) return
    capture(element, event.pointerId)
    const mode = live.current.isArea(y) ? 'area' : 'seek'
    drag = { mode, pointer: event.pointerId, x, y, begun: false }
    if (event.pointerType !== 'touch') begin()
    else {
      waiting = window.setTimeout(() => {
        letGo()
        asked = true
        live.current.menu({ x, y })
      }, LONG_PRESS_MS)
    }
  }
  const onMove = (event: PointerEvent) => {
    const point = local(event)
    if (down.size === 0) {
      if (event.pointerType !== 'touch') live.current.over(point)
      return
    }
    if (drag === null || event.pointerId !== drag.pointer) return
    if (!drag.begun && Math.hypot(point.x - drag.x, point.y - drag.y) <= SLACK) return
    begin()
    if (drag.mode === 'seek') live.current.at(point.x, point.y, false)
    else if (drag.mode === 'area') live.current.area(drag.x, point.x)
  }
  const onUp = (event: PointerEvent) => {
    down.delete(event.pointerId)
    if (event.pointerId !== drag?.pointer) return
    // A tap. What the browser takes over, to scroll, was none.
    if (event.type === 'pointerup') begin()
    letGo()
  }
  // Else the browser makes a click of it, on whatever of the menu has come to lie under the finger.
  const onLifted = (event: TouchEvent) => {
    if (asked && event.cancelable) event.preventDefault()
    asked = false
  }
  const onLeave = (event: PointerEvent) => {
    if (down.size === 0 && event.pointerType !== 'touch') live.current.over(null)
  }
  const onMenu = (event: MouseEvent) => {
    event.preventDefault()
    // The menu key has no place of its own.
    if (event.button === 2) live.current.menu(local(event))
    else if ((event as PointerEvent).pointerType !== 'touch') live.current.menu(null)
  }

  const listeners = [
    ['pointerdown', onDown],
    ['pointermove', onMove],
    ['pointerup', onUp],
    ['pointercancel', onUp],
    ['pointerleave', onLeave],
    ['touchend', onLifted],
    ['contextmenu', onMenu],
  ] as const
  for (const [type, listener] of listeners) element.addEventListener(type, listener as (event: Event) => void)
  return () => {
    clearTimeout(waiting)
    for (const [type, listener] of listeners) element.removeEventListener(type, listener as (event: Event) => void)
  }
}

/** Moves go on to the element when the pointer leaves it; one that is gone already cannot be caught. */
function capture(element: HTMLElement, pointer: number): void {
  try {
    element.setPointerCapture(pointer)
  } catch {
    // It was pressed and released before the code for it had come.
  }
}
