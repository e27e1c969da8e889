/** Links to the end of a schedule, for whatever a verb has found. */
import { encodeLink } from '../interchange/link.ts'
import type { Replay } from '../interchange/replay.ts'
import { formatSchedule, parseSchedule } from '../machine/choice.ts'
import type { Instance } from '../scenario/build.ts'
import { Checker } from '../scenario/properties.ts'
import { Run } from '../scenario/run.ts'

/** The fragment that opens the page at the end of this schedule. */
export function linkTo(instance: Instance, schedule: string): string {
  const checker = Checker.create(instance)
  if (!checker.ok) return encodeLink({ version: 1, ...named(instance), params: chosenOf(instance), schedule })
  const run = new Run(instance, checker.value)
  for (const choice of parseSchedule(schedule).schedule) run.take(choice)
  return encodeLink(replayOf(run))
}

/** The run as far as its cursor. */
export function replayOf(run: Run): Replay {
  const { instance, branch, cursor, digest } = run
  const schedule = formatSchedule(branch.schedule.slice(0, cursor))
  return { version: 1, ...named(instance), params: chosenOf(instance), schedule, cursor, digest }
}

/** What was not bundled goes along. */
function named({ scenario: { file, edited } }: Instance): { readonly scenario: string; readonly source?: string } {
  return edited === undefined ? { scenario: file.id } : { scenario: edited.origin, source: edited.source }
}

/** Longer links would hide what else a verb prints. */
const MOST_TOLD = 2000

/** A link as a verb tells it in its text: one that carries a whole scenario is told by its length. */
export function toldLink(link: string): string {
  if (link.length <= MOST_TOLD) return `#${link}`
  return `(the link has ${link.length} characters: --json holds it, and run with --schedule prints it)`
}

/** Parameters that differ from their default. */
function chosenOf({ scenario, params }: Instance): Record<string, string> {
  const changed = scenario.file.params.filter((param) => params[param.name] !== param.default)
  return Object.fromEntries(changed.map((param) => [param.name, params[param.name] as string]))
}
