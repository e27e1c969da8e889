/**
 * Where lanes lie, in pixels from the top:
 *
 *     header     phases, and the cursor's step
 *     lane       padding · rows of spans · a strip of marks · a hairline where the CPU moved
 *     gap
 *     lane …
 *     axis       numbers of steps
 */
import type { TimelineIndex } from './index.ts'

export interface Metrics {
  readonly header: number
  readonly axis: number
  readonly padding: number
  readonly rowHeight: number
  readonly rowGap: number
  readonly marks: number
  readonly moved: number
  readonly laneGap: number
  /** So that lanes do not grow while a trace does. */
  readonly leastRows: number
  readonly fontSize: number
}

export const ROOMY: Metrics = {
  header: 26,
  axis: 18,
  padding: 5,
  rowHeight: 20,
  rowGap: 3,
  marks: 17,
  moved: 4,
  laneGap: 7,
  leastRows: 2,
  fontSize: 11.5,
}
/** For many CPUs. */
export const COMPACT: Metrics = {
  header: 24,
  axis: 16,
  padding: 4,
  rowHeight: 15,
  rowGap: 2,
  marks: 15,
  moved: 3,
  laneGap: 6,
  leastRows: 1,
  fontSize: 10,
}

export interface LaneBox {
  readonly cpu: number
  readonly role: string
  readonly top: number
  readonly height: number
  /** Top of each row. */
  readonly rows: readonly number[]
  readonly rowHeight: number
  /** Centre of the strip of marks. */
  readonly marks: number
  /** Top of the hairline. */
  readonly moved: number
}

export interface Layout {
  readonly metrics: Metrics
  readonly lanes: readonly LaneBox[]
  /** Bottom of the last lane. */
  readonly bottom: number
  readonly height: number
}

export function metricsFor(lanes: number): Metrics {
  return lanes > 5 ? COMPACT : ROOMY
}

export function layOut(index: TimelineIndex, metrics: Metrics): Layout {
  const lanes: LaneBox[] = []
  let top = metrics.header
  for (const { cpu, role, rows } of index.lanes) {
    const count = Math.max(rows, role === 'patcher' ? 1 : metrics.leastRows)
    const pitch = metrics.rowHeight + metrics.rowGap
    const rowTops = Array.from({ length: count }, (_, row) => top + metrics.padding + row * pitch)
    const below = top + metrics.padding + count * pitch
    const height = below + metrics.marks + metrics.moved - top
    lanes.push({
      cpu,
      role,
      top,
      height,
      rows: rowTops,
      rowHeight: metrics.rowHeight,
      marks: below + metrics.marks / 2 - 1,
      moved: below + metrics.marks,
    })
    top += height + metrics.laneGap
  }
  const bottom = Math.max(metrics.header, top - metrics.laneGap)
  return { metrics, lanes, bottom, height: bottom + metrics.axis }
}
