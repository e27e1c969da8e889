/**
 * What "step" does at the end of a trace: go on with the CPU that moved last, as a processor would. It passes on to the next CPU when that one
 * only waits for others: a reader who keeps pressing "step" then sees the whole protocol, not one CPU spinning for ever.
 */
import type { TimelineData } from '../timeline/model.ts'
import type { View } from '../worker/protocol.ts'

type ChoiceView = View['snapshot']['choices'][number]

/** Kinds in the order of preference within one CPU: what is pending is taken at once, a store leaves its buffer when nothing else can be done. */
const PREFERENCE: readonly ChoiceView['kind'][] = ['nmi', 'irq', 'step', 'drain']

/** Index into the snapshot's choices; -1 where nothing can happen. */
export function defaultChoice(view: View, timeline: TimelineData | null): number {
  const { choices, cpus } = view.snapshot
  const last = lastMover(view, timeline)
  let spinning = -1
  for (let i = 0; i < cpus.length; i++) {
    const cpu = (last + i) % cpus.length
    const best = bestOf(choices, cpu)
    if (best < 0) continue
    if (!isSpinning(view, timeline, cpu) || choices[best]?.kind !== 'step') return best
    if (spinning < 0) spinning = best
  }
  // All spin. What they wait for may still be in a store buffer; only then may the environment act, and it acts last of all.
  const drain = choices.findIndex((choice) => choice.kind === 'drain')
  if (drain >= 0) return drain
  return spinning >= 0 ? spinning : choices.length > 0 ? 0 : -1
}

/** The CPU that took the last step of the trace up to the cursor; CPU 0 at the start. */
export function lastMover(view: View, timeline: TimelineData | null): number {
  return view.cursor === 0 ? 0 : (timeline?.movers[view.cursor - 1] ?? 0)
}

function bestOf(choices: readonly ChoiceView[], cpu: number): number {
  let best = -1
  let rank = PREFERENCE.length
  for (const [i, choice] of choices.entries()) {
    const own = PREFERENCE.indexOf(choice.kind)
    if (choice.cpu !== cpu || own < 0 || own >= rank) continue
    best = i
    rank = own
  }
  return best
}

/** The timeline knows spin loops. */
function isSpinning(view: View, timeline: TimelineData | null, cpu: number): boolean {
  return timeline?.spans.some((span) => span.cpu === cpu && span.kind === 'wait' && span.start < view.cursor && view.cursor <= span.end) ?? false
}
