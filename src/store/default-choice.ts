/** What "step" does at the end of a trace (timeline/patient.ts). */
import type { TimelineData } from '../timeline/model.ts'
import { patientChoice } from '../timeline/patient.ts'
import type { View } from '../worker/protocol.ts'

/** Index into the snapshot's choices; -1 where nothing can happen. */
export function defaultChoice(view: View, timeline: TimelineData | null): number {
  const { choices, cpus } = view.snapshot
  return patientChoice(choices, cpus.length, lastMover(view, timeline), (cpu) => isSpinning(view, timeline, cpu))
}

/** The CPU that took the last step of the trace up to the cursor; CPU 0 at the start. */
export function lastMover(view: View, timeline: TimelineData | null): number {
  return view.cursor === 0 ? 0 : (timeline?.movers[view.cursor - 1] ?? 0)
}

/** The timeline knows spin loops. */
function isSpinning(view: View, timeline: TimelineData | null, cpu: number): boolean {
  return timeline?.spans.some((span) => span.cpu === cpu && span.kind === 'wait' && span.start < view.cursor && view.cursor <= span.end) ?? false
}
