/** A run as a hand-out: its decisive moments where it breaks, else what stood at the end of each phase of the patch. */
import type { Frame } from '../interchange/storyboard.ts'
import type { TimelineData } from '../timeline/model.ts'
import type { View } from '../worker/protocol.ts'
import type { ExportFile } from './exporting.ts'
import { MOMENT_WORDS } from './moment-words.ts'
import type { Client } from './ports.ts'

/** A hand-out of more pages is not read. */
const MOST_FRAMES = 16

interface Wanted {
  readonly step: number
  readonly heading: string
  readonly says: string
  /** Whose stack may be of interest. */
  readonly cpu: number | null
}

export interface StoryboardWishes {
  readonly title: string
  readonly name: string
  /** The whole address. */
  readonly link: string
  readonly site: number
}

export async function storyboard(
  stepper: Client,
  view: View,
  timeline: TimelineData,
  { title, name, link, site }: StoryboardWishes,
): Promise<ExportFile> {
  const all = framesOf(view, timeline)
  const wanted = all.slice(0, MOST_FRAMES)
  const reply = await stepper.request({ kind: 'snapshots', steps: wanted.map(({ step }) => step) })
  if (reply.kind !== 'snapshots') throw new Error('the moments could not be had')
  const frames = wanted.flatMap(({ heading, says, cpu }, i): Frame[] => {
    const snapshot = reply.snapshots[i]
    if (snapshot === undefined) return []
    // A stack tells something while a handler is on it.
    const handled = cpu !== null && (snapshot.cpus[cpu]?.nesting.length ?? 0) > 0
    return [{ heading, says: says === '' ? (snapshot.said ?? '') : says, snapshot, cpu: handled ? cpu : null }]
  })
  const left = all.length - wanted.length
  const { storyboardHtml } = await import('../interchange/storyboard.ts')
  const summary = `${view.scenario.summary}${left > 0 ? ` (The first ${wanted.length} of ${all.length} moments.)` : ''}`
  return { name, type: 'text/html', text: storyboardHtml({ title, summary, link, site, frames }) }
}

export function framesOf({ moments, cursor }: View, { phases }: TimelineData): readonly Wanted[] {
  const start: Wanted = { step: 0, heading: 'At the start', says: 'Nothing has happened yet.', cpu: null }
  if (moments.length > 0) {
    return [
      start,
      ...moments.map(({ step, cpu, kind, text, meaning }) => ({
        step,
        heading: `Step ${step}: ${MOMENT_WORDS[kind]}`,
        says: `${text}${text.endsWith('.') ? '' : '.'}${meaning.says === null ? '' : ` ${meaning.says}`}`,
        cpu,
      })),
    ]
  }
  const ends = phases
    .filter(({ start, end }) => end > start)
    .map(({ end, label }) => ({ step: end, heading: `Step ${end}: ${label}`, says: '', cpu: null }))
  const here: Wanted = { step: cursor, heading: `Step ${cursor}`, says: '', cpu: null }
  return [start, ...(ends.length > 0 ? ends : cursor > 0 ? [here] : [])]
}
