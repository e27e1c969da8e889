/** Where not all lanes fit: how many lie above and below what is in sight. */
import { type RefObject, useEffect, useState } from 'react'
import { type Beyond, lanesBeyond } from '../../timeline/beyond.ts'
import type { Layout } from '../../timeline/lanes.ts'

const NONE: Beyond = { above: 0, below: 0 }

export function useLanesBeyond(scroller: RefObject<HTMLElement | null>, layout: Layout): Beyond {
  const [beyond, setBeyond] = useState(NONE)
  useEffect(() => {
    const { current: element } = scroller
    if (element === null) return
    const count = () => {
      const found = lanesBeyond(layout, element.scrollTop, element.clientHeight)
      setBeyond((before) => (before.above === found.above && before.below === found.below ? before : found))
    }
    count()
    const observer = new ResizeObserver(count)
    observer.observe(element)
    element.addEventListener('scroll', count, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', count)
    }
  }, [scroller, layout])
  return beyond
}
