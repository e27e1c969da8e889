import { type RefObject, useEffect, useState } from 'react'

/** Pixels that nobody misses: heights are rounded. */
const SLACK = 4

/** Does something that is scrolled go on below what is in sight? `content`: names what stands in it; another name, other elements. */
export function useMoreBelow(scroller: RefObject<HTMLElement | null>, content: string): boolean {
  const [more, setMore] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: other elements are observed anew
  useEffect(() => {
    const { current: element } = scroller
    if (element === null) return
    const look = () => setMore(element.scrollHeight - element.clientHeight - element.scrollTop > SLACK)
    look()
    const observer = new ResizeObserver(look)
    for (const each of [element, ...element.children]) observer.observe(each)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [scroller, content])
  return more
}
