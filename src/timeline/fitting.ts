/**
 * Lanes as high as the room allows: the largest measures in which all of them can be seen at once, from LARGE over ROOMY to DENSE. Where not even those fit, the
 * lanes are DENSE, and the page scrolls them.
 */
import type { TimelineIndex } from './index.ts'
import { DENSE, LARGE, type Layout, layOut, type Metrics, metricsFor, ROOMY, type Wanted } from './lanes.ts'

/** Sizes tried between two neighbours of the three. */
const GRADES = 8

/** `room`: pixels for header, lanes and axis; null where the page is as long as its contents. */
export function fitLayout(index: TimelineIndex, room: number | null, wanted: Wanted = {}): Layout {
  if (room === null) return layOut(index, metricsFor(index.lanes.length), wanted)
  // A second row in reserve keeps lanes from growing with the trace; it is given up before lanes are.
  const reserves = index.lanes.length > 5 ? [1] : [2, 1]
  for (const leastRows of reserves) {
    for (let grade = 2 * GRADES; grade >= 0; grade--) {
      const layout = layOut(index, { ...graded(grade / GRADES), leastRows }, wanted)
      if (layout.height <= room) return layout
    }
  }
  return layOut(index, { ...DENSE, leastRows: 1 }, wanted)
}

/** 0: dense. 1: roomy. 2: large. Whole pixels, so that edges are sharp; letters in halves. */
function graded(grade: number): Metrics {
  const [low, high, part] = grade <= 1 ? [DENSE, ROOMY, grade] : [ROOMY, LARGE, grade - 1]
  const between = (key: keyof Metrics) => low[key] + (high[key] - low[key]) * part
  const whole = (key: keyof Metrics) => Math.round(between(key))
  return {
    header: whole('header'),
    axis: whole('axis'),
    padding: whole('padding'),
    rowHeight: whole('rowHeight'),
    rowGap: whole('rowGap'),
    marks: whole('marks'),
    moved: whole('moved'),
    laneGap: whole('laneGap'),
    leastRows: low.leastRows,
    fontSize: Math.round(2 * between('fontSize')) / 2,
    folded: whole('folded'),
    foldedBar: whole('foldedBar'),
  }
}
