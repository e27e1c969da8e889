/** Opening the same machine once more: along the branch that leads where the schedule does, so that no second one like it is made. */
import { parseSchedule } from '../machine/choice.ts'
import type { Branch } from '../scenario/run.ts'
import type { Session } from './session.ts'

/** Stands on a branch that the schedule follows as far as one of both goes; the present one, else the longest. Without one, nothing moves. */
export function goAlong(session: Session, text: string): void {
  const { schedule } = parseSchedule(text)
  const { branch: present, branches } = session.run
  const leads = (branch: Branch) => {
    const end = Math.min(branch.schedule.length, schedule.length)
    for (let step = 0; step < end; step++) if (branch.schedule[step] !== schedule[step]) return -1
    return end
  }
  let best = { branch: present, steps: leads(present) }
  for (const branch of branches) {
    const steps = leads(branch)
    if (steps > best.steps) best = { branch, steps }
  }
  if (best.branch !== present) session.checkout(best.branch.id)
}
