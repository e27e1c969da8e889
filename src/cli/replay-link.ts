/** Links to the end of a schedule, for whatever a verb has found. */
import { encodeLink } from '../interchange/link.ts'
import { parseSchedule } from '../machine/choice.ts'
import type { Instance } from '../scenario/build.ts'
import { Checker } from '../scenario/properties.ts'
import { Run } from '../scenario/run.ts'

/** The fragment that opens the page at the end of this schedule. */
export function linkTo(instance: Instance, schedule: string): string {
  const checker = Checker.create(instance)
  const params = Object.fromEntries(
    instance.scenario.file.params
      .filter((param) => instance.params[param.name] !== param.default)
      .map((param) => [param.name, instance.params[param.name] as string]),
  )
  if (!checker.ok) return encodeLink({ version: 1, scenario: instance.scenario.file.id, params, schedule })
  const replay = new Run(instance, checker.value)
  for (const choice of parseSchedule(schedule).schedule) replay.take(choice)
  return encodeLink({ version: 1, scenario: instance.scenario.file.id, params, schedule, cursor: replay.cursor, digest: replay.digest })
}
