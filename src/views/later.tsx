/**
 * Parts of the page that nobody sees at first: loaded when they are first wanted, so that the first view stays small. Once the page is idle they are fetched ahead, so
 * that nobody waits for them, and they are there when the network is gone.
 */
import { type ComponentType, type LazyExoticComponent, lazy } from 'react'

const waiting: (() => Promise<unknown>)[] = []

/** `part` names one export of the module. A part has no properties: what it shows comes from the store. */
export function later<K extends string>(load: () => Promise<Record<K, ComponentType>>, part: K): LazyExoticComponent<ComponentType> {
  waiting.push(load)
  return lazy(async () => ({ default: (await load())[part] }))
}

/** Fetches all parts, one after another. A part that fails is tried again where it is wanted. */
export async function fetchAhead(): Promise<void> {
  for (const load of waiting.splice(0)) await load().catch(() => {})
}
