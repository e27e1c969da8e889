/**
 * Lanes as high as the room allows: the largest measures in which all of them can be seen at once, from LARGE over ROOMY to DENSE. Where not even those fit, the
 * lanes are DENSE, and the page scrolls them.
 */
import type { TimelineIndex } from './index.ts'
import { DENSE, LARGE, type Layout, layOut, type Metrics, metricsFor, ROOMY, type Wanted } from './lanes.ts'

/** Sizes tried between two neighbours of the three. */
const GRADES = 8

/** `room`: pixels for header, lanes and axis; null where the page is as long as its contents. `letters`: how many times larger than usual the page's are. */
export function fitLayout(index: TimelineIndex, room: number | null, wanted: Wanted = {}, letters = 1): Layout {
  if (room === null) return layOut(index, scaled(metricsFor(index.lanes.length), letters), wanted)
  // A second row in reserve keeps lanes from growing with the trace; it is given up before lanes are.
  const reserves = index.lanes.length > 5 ? [1] : [2, 1]
  for (const leastRows of reserves) {
    for (let grade = 2 * GRADES; grade >= 0; grade--) {
      const layout = layOut(index, { ...scaled(graded(grade / GRADES), letters), leastRows }, wanted)
      if (layout.height <= room) return layout
    }
  }
  return layOut(index, { ...scaled(DENSE, letters), leastRows: 1 }, wanted)
}

/** 0: dense. 1: roomy. 2: large. */
function graded(grade: number): Metrics {
  const [low, high, part] = grade <= 1 ? [DENSE, ROOMY, grade] : [ROOMY, LARGE, grade - 1]
  return mapped((key) => low[key] + (high[key] - low[key]) * part)
}

function scaled(metrics: Metrics, letters: number): Metrics {
  if (letters === 1) return metrics
  return { ...mapped((key) => metrics[key] * letters), leastRows: metrics.leastRows, letters }
}

/** Whole pixels, so that edges are sharp; letters in halves. */
function mapped(of: (key: keyof Metrics) => number): Metrics {
  const whole = (key: keyof Metrics) => Math.round(of(key))
  return {
    header: whole('header'),
    axis: whole('axis'),
    padding: whole('padding'),
    rowHeight: whole('rowHeight'),
    rowGap: whole('rowGap'),
    marks: whole('marks'),
    moved: whole('moved'),
    laneGap: whole('laneGap'),
    leastRows: whole('leastRows'),
    fontSize: Math.round(2 * of('fontSize')) / 2,
    letters: of('letters'),
    folded: whole('folded'),
    foldedBar: whole('foldedBar'),
  }
}
