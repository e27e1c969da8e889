/** How much room the lanes have: their width, and their height where the panel's height is given (timeline.css says where). */
import { type RefObject, useLayoutEffect, useRef, useState } from 'react'

export interface Room {
  /** Whole pixels; 0 until it is in the document. */
  readonly width: number
  /** Pixels for header, lanes and axis; null where the page is as long as its contents. */
  readonly height: number | null
  /** How many times larger than usual the page's letters are. */
  readonly letters: number
}

/** Pixels of the letters for which lanes were drawn; and the most that is made of larger ones. */
const USUAL = 16
const MOST = 1.75

export interface Measured {
  readonly whole: RefObject<HTMLElement | null>
  readonly plot: RefObject<HTMLElement | null>
  readonly under: RefObject<HTMLElement | null>
}

/** `calm`: what stands below the lanes has its usual height. What is selected may take more of the room, and lanes do not change their size for it. */
export function useRoom({ whole, plot, under }: Measured, calm: boolean): Room {
  const [room, setRoom] = useState<Room>({ width: 0, height: null, letters: 1 })
  const usual = useRef<number | null>(null)
  const live = useRef(calm)
  live.current = calm
  useLayoutEffect(() => {
    const [all, lanes, below] = [whole.current, plot.current, under.current]
    if (all === null || lanes === null || below === null) return
    const measure = () => {
      const width = Math.floor(lanes.getBoundingClientRect().width)
      if (live.current || usual.current === null) usual.current = below.offsetHeight
      const bounded = getComputedStyle(all).getPropertyValue('--tl-bounded').trim() === '1'
      const height = bounded ? all.clientHeight - usual.current - aboveLanes(lanes) : null
      const size = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
      const letters = Math.min(MOST, Math.max(1, size / USUAL))
      setRoom((before) => (before.width === width && before.height === height && before.letters === letters ? before : { width, height, letters }))
    }
    measure()
    const observer = new ResizeObserver(measure)
    // What scrolls the lanes becomes smaller where a search opens above it.
    for (const each of [all, lanes, lanes.parentElement as HTMLElement, below]) observer.observe(each)
    return () => observer.disconnect()
  }, [whole, plot, under])
  return room
}

/** What stands above the lanes: the search. */
function aboveLanes(plot: HTMLElement): number {
  return (plot.parentElement as HTMLElement).offsetTop
}
