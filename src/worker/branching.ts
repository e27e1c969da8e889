/** What is asked about the branches of a session: all of them, as they can be kept and compared. */
import { formatSchedule } from '../machine/choice.ts'
import type { Answer } from './protocol.ts'
import type { Session } from './session.ts'

/** Every branch with its schedule; null where it is longer than `most` steps. */
export function schedulesOf({ run }: Session, most: number): Answer {
  return {
    kind: 'schedules',
    branches: run.branches.map(({ id, schedule }) => ({ id, schedule: schedule.length > most ? null : formatSchedule(schedule) })),
  }
}
