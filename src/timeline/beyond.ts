/** Lanes that are scrolled out of sight. */
import type { Layout } from './lanes.ts'

export interface Beyond {
  readonly above: number
  readonly below: number
}

/** `from`: how far the lanes are scrolled; `height`: of what shows them, header and axis included, which stay. A lane that is seen by half is in sight. */
export function lanesBeyond({ standing, strips, metrics, height: whole }: Layout, from: number, height: number): Beyond {
  const found = { above: 0, below: 0 }
  if (height >= whole) return found
  for (const box of [...standing, ...strips]) {
    const middle = box.top + box.height / 2
    if (middle < from + metrics.header) found.above++
    else if (middle > from + height - metrics.axis) found.below++
  }
  return found
}
