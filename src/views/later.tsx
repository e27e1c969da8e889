/**
 * Parts of the page that nobody sees at first: loaded when they are first wanted, so that the first view stays small. Once the page is idle they are fetched ahead, so
 * that nobody waits for them, and they are there when the network is gone.
 *
 * Not React.lazy: it suspends even where the module is there, and React shows what was suspended 300 ms after the last thing it showed. Here a part
 * that has been fetched is drawn at once, and nothing stands in its place until then.
 */
import { type ComponentType, createElement, type ReactNode, useEffect, useState } from 'react'

const waiting: (() => Promise<unknown>)[] = []

/** `part` names one export of the module. A part has no properties: what it shows comes from the store. Where it cannot be loaded, the boundary around it says so. */
export function later<K extends string>(load: () => Promise<Record<K, ComponentType>>, part: K): ComponentType {
  let loaded: ComponentType | null = null
  const fetched = async () => (loaded = (await load())[part])
  waiting.push(fetched)
  return function Later(): ReactNode {
    const [shown, setShown] = useState({ part: loaded, error: null as unknown })
    useEffect(() => {
      if (shown.part !== null) return
      let wanted = true
      fetched().then(
        (found) => wanted && setShown({ part: found, error: null }),
        (error: unknown) => wanted && setShown({ part: null, error: error ?? new Error('it could not be loaded') }),
      )
      return () => {
        wanted = false
      }
    }, [shown.part])
    if (shown.error !== null) throw shown.error
    return shown.part === null ? null : createElement(shown.part)
  }
}

/** Fetches all parts, one after another. A part that fails is tried again where it is wanted. */
export async function fetchAhead(): Promise<void> {
  for (const load of waiting.splice(0)) await load().catch(() => {})
}
