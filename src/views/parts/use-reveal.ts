import { type RefObject, useEffect } from 'react'

/** Keeps the present item of a list in sight: when it becomes the present one, and when its panel gets less room, as a caption that comes later takes some. */
export function useReveal(item: RefObject<HTMLElement | null>, present: boolean): void {
  useEffect(() => {
    const { current: element } = item
    if (element === null || !present) return
    reveal(element)
    const room = element.closest('.panel-body')
    if (room === null) return
    const observer = new ResizeObserver(() => reveal(element))
    observer.observe(room)
    return () => observer.disconnect()
  }, [item, present])
}

/**
 * Scrolls what lies around an element, as little as it takes to see the element; the page itself stays where it is: in one column it would run away from the bytes
 * that somebody watches while the place in a list moves.
 */
function reveal(element: HTMLElement): void {
  for (let room = element.parentElement; room !== null && room !== document.body; room = room.parentElement) {
    if (room.scrollHeight <= room.clientHeight || !/auto|scroll/.test(getComputedStyle(room).overflowY)) continue
    const { top, bottom } = element.getBoundingClientRect()
    const ceiling = room.getBoundingClientRect().top + room.clientTop
    const floor = ceiling + room.clientHeight
    if (top < ceiling) room.scrollTop -= ceiling - top
    else if (bottom > floor) room.scrollTop += Math.min(bottom - floor, top - ceiling)
  }
}
