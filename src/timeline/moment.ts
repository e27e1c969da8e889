/** A moment of the run in sentences, for who hears it. */
import type { LaneIndex, Stretches, TimelineIndex } from './index.ts'
import { markLook } from './looks.ts'
import type { Span } from './model.ts'
import { upperBound } from './pyramid.ts'
import { firstMark } from './selection.ts'

/** Where everybody stands: "Step 41 of 67, CPU 1 moved: stale bytes executed: e8 1b … at site. CPU 0 waits for acks. …" */
export function describeMoment(index: TimelineIndex, cursor: number): string {
  const { data } = index
  if (cursor === 0) return `At the start of ${data.steps} steps.`
  const step = cursor - 1
  const mover = data.movers[step] ?? 0
  const marks = data.marks.slice(firstMark(data.marks, step), firstMark(data.marks, step + 1))
  const told = marks.map((mark) => `${mark.cpu === mover ? '' : `CPU ${mark.cpu} `}${markLook(mark.kind).title}: ${mark.label}`).join('; ')
  const phase = data.phases.find((each) => each.start <= step && step < each.end)
  const standing = index.lanes.map((lane) => {
    const path = pathAt(index, lane, step)
    return path.length === 0 ? null : `CPU ${lane.cpu}: ${path.join(', ')}`
  })
  const where = standing.filter((each) => each !== null).join('. ')
  return `Step ${cursor} of ${data.steps}${phase === undefined ? '' : `, ${phase.label}`}. CPU ${mover} moved${told === '' ? '' : `: ${told}`}. ${where}.`
}

/** What a lane is in at a step, the innermost first. */
function pathAt(index: TimelineIndex, lane: LaneIndex, step: number): string[] {
  const path: string[] = []
  for (let depth = lane.depths.length - 1; depth >= 0; depth--) {
    const list = lane.depths[depth] as Stretches
    const i = upperBound(list.end, step)
    if (i === list.end.length || (list.start[i] as number) > step) continue
    const { label, kind } = index.data.spans[list.item[i] as number] as Span
    if (path.length === 0) path.push(label)
    else if (kind !== 'code' && kind !== 'wait') path.push(`in ${label}`)
  }
  return path
}
