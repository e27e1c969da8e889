/**
 * The legend, and the button that shows it: a popover, so that it stands over the page wherever the button is, and a press elsewhere
 * closes it. What stands in it is fetched when it is first wanted.
 */
import { lazy, type ReactNode, Suspense, useId, useLayoutEffect, useRef, useState } from 'react'

const Legend = lazy(() => import('./Legend.tsx'))

const EDGE = 8

export function LegendButton(): ReactNode {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const box = useRef<HTMLElement>(null)
  const [open, setOpen] = useState(false)
  useLayoutEffect(() => {
    if (!open) return
    const place = () => button.current !== null && box.current !== null && beside(box.current, button.current.getBoundingClientRect())
    place()
    // Escape is the page's, too, which would keep the browser from acting on it.
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.preventDefault()
      event.stopPropagation()
      box.current?.hidePopover()
    }
    // The page may be scrolled under it.
    addEventListener('resize', place)
    addEventListener('keydown', onKey, true)
    document.addEventListener('scroll', place, true)
    return () => {
      removeEventListener('resize', place)
      removeEventListener('keydown', onKey, true)
      document.removeEventListener('scroll', place, true)
    }
  }, [open])
  return (
    <>
      <button ref={button} type="button" className="quiet" popoverTarget={id} aria-expanded={open}>
        legend
      </button>
      <section ref={box} id={id} className="tl-legend" popover="auto" aria-label="Legend" onToggle={(event) => setOpen(event.newState === 'open')}>
        <Suspense>{open && <Legend />}</Suspense>
      </section>
    </>
  )
}

/** Above what it belongs to, or below where there is more room: from that edge it grows with what comes into it. */
function beside({ style }: HTMLElement, { top, bottom, right }: DOMRect): void {
  const above = top >= innerHeight - bottom
  const room = above ? top : innerHeight - bottom
  style.inset = 'auto'
  style.right = `${Math.max(EDGE, document.documentElement.clientWidth - right)}px`
  style[above ? 'bottom' : 'top'] = `${innerHeight - room + EDGE}px`
  style.maxHeight = `${Math.max(0, room - 2 * EDGE)}px`
}
