/**
 * Gestures and keys of the lanes, whose code comes right after the first paint. What is pressed before that is held back, and happens when it has come.
 */
import { type RefObject, useEffect, useRef, useState } from 'react'
import type { Held } from './hands.ts'

export type Hands = typeof import('./hands.ts')

let come: Hands | null = null

async function load(): Promise<Hands | null> {
  try {
    come ??= await import('./hands.ts')
  } catch {
    // The network is gone: what is pressed next asks again.
  }
  return come
}

/** `lanes` holds all that keys are for, `plot` what is pressed and dragged. null until the code is there. */
export function useHands(lanes: RefObject<HTMLElement | null>, plot: RefObject<HTMLElement | null>, held: Held): Hands | null {
  const [hands, setHands] = useState(come)
  const live = useRef(held)
  live.current = held
  const early = useRef<Event[]>([])

  useEffect(() => {
    const { current: element } = lanes
    if (hands !== null || element === null) return
    let gone = false
    const ask = () => void load().then((there) => gone || setHands(there))
    const hold = (event: Event) => {
      if (event instanceof KeyboardEvent) {
        if (event.key === 'Tab' || event.ctrlKey || event.metaKey || event.altKey) return
        event.preventDefault()
      }
      event.stopPropagation()
      early.current.push(event)
      ask()
    }
    for (const type of EARLY) element.addEventListener(type, hold, true)
    ask()
    return () => {
      gone = true
      for (const type of EARLY) element.removeEventListener(type, hold, true)
    }
  }, [hands, lanes])

  useEffect(() => {
    if (hands === null || plot.current === null) return
    const detach = hands.attachHands(plot.current, live)
    for (const event of early.current.splice(0)) event.target?.dispatchEvent(again(event))
    return detach
  }, [hands, plot])

  return hands
}

const EARLY = ['pointerdown', 'pointermove', 'pointerup', 'pointercancel', 'keydown'] as const

function again(event: Event): Event {
  const Kind = event.constructor as new (type: string, from: Event) => Event
  return new Kind(event.type, event)
}
