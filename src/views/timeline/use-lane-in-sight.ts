/** Where lanes are scrolled, the one that has been chosen comes into sight, clear of what stays above and below. */
import { type RefObject, useEffect, useRef } from 'react'
import type { Layout } from '../../timeline/lanes.ts'

export function useLaneInSight(scroller: RefObject<HTMLElement | null>, layout: Layout, cpu: number | null): void {
  const live = useRef(layout)
  live.current = layout
  useEffect(() => {
    const { current: element } = scroller
    const { lanes, metrics } = live.current
    const box = lanes.find((lane) => lane.cpu === cpu)
    if (element === null || box === undefined || element.scrollHeight <= element.clientHeight) return
    const highest = box.top - metrics.header
    const lowest = box.top + box.height + metrics.axis - element.clientHeight
    if (element.scrollTop > highest) element.scrollTop = highest
    else if (element.scrollTop < lowest) element.scrollTop = lowest
  }, [scroller, cpu])
}
