/**
 * The part of the trace in view. Seen whole until one zooms; then it stays where it is, and goes after the cursor when that leaves it.
 * Movements by key are short glides (none where the system asks for less motion); those by hand follow the hand.
 */
import { useCallback, useEffect, useRef, useState } from 'react'
import { between, clamp, fitAll, follow, isFit, type Viewport } from '../../timeline/viewport.ts'

export interface ViewportControl {
  readonly view: Viewport
  /** As it is now, or will be when present glides have ended: it need not have been drawn. */
  present(): Viewport
  /** Applies a change to the viewport as it will be when present glides have ended. */
  move(change: (view: Viewport) => Viewport, glide: boolean): void
}

const GLIDE = 140

export function useViewport(width: number, steps: number, cursor: number): ViewportControl {
  /** null: the whole trace. */
  const [chosen, setChosen] = useState<Viewport | null>(null)
  const view = chosen === null ? fitAll(steps, width) : clamp({ ...chosen, width }, steps)
  const live = useRef({ view, steps, target: null as Viewport | null, frame: 0 })
  live.current.view = view
  live.current.steps = steps

  const move = useCallback((change: (view: Viewport) => Viewport, glide: boolean) => {
    const now = live.current
    cancelAnimationFrame(now.frame)
    const from = now.view
    const to = clamp(change(now.target ?? from), now.steps)
    const whole = isFit(to, now.steps)
    const arrive = () => {
      now.target = null
      // What comes before the next drawing starts from here.
      now.view = to
      setChosen(whole ? null : to)
    }
    if (!glide || matchMedia('(prefers-reduced-motion: reduce)').matches) {
      arrive()
      return
    }
    now.target = to
    let begun = -1
    const frame = (time: number) => {
      if (begun < 0) begun = time
      const t = Math.min(1, (time - begun) / GLIDE)
      if (t === 1) arrive()
      else {
        setChosen(between(from, to, 1 - (1 - t) ** 3))
        now.frame = requestAnimationFrame(frame)
      }
    }
    now.frame = requestAnimationFrame(frame)
  }, [])

  useEffect(() => () => cancelAnimationFrame(live.current.frame), [])

  // Only a cursor that has moved is gone after: who pans away from it may look elsewhere.
  useEffect(() => {
    const now = live.current
    const present = now.target ?? now.view
    if (follow(present, cursor, now.steps) !== present) move((from) => follow(from, cursor, now.steps), true)
  }, [cursor, move])

  // A trace that has become short enough to be seen whole grows so, too.
  const whole = chosen !== null && isFit(view, steps)
  useEffect(() => {
    if (whole && live.current.target === null) setChosen(null)
  }, [whole])

  const present = useCallback(() => live.current.target ?? live.current.view, [])
  return { view, present, move }
}
