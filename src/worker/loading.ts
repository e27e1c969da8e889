/** A schedule from outside, followed in a session as far as it is possible. In portions: that of a long link takes a while. */
import { formatSchedule, type PackedChoice, parseSchedule } from '../machine/choice.ts'
import { impossible } from '../scenario/standstill.ts'
import type { Session } from './session.ts'

export class Loading {
  private readonly session: Session
  private readonly schedule: readonly PackedChoice[]
  readonly remarks: string[] = []
  /** Steps followed. */
  done = 0

  constructor(session: Session, text: string) {
    const { schedule, error } = parseSchedule(text)
    this.session = session
    this.schedule = schedule
    session.seek(0)
    if (error !== null) this.remarks.push(`The schedule: ${error}.`)
  }

  get steps(): number {
    return this.schedule.length
  }

  /** At most so many steps more; true when it is over. */
  on(most: number): boolean {
    for (const end = Math.min(this.steps, this.done + most); this.done < end; this.done++) {
      const choice = this.schedule[this.done] as PackedChoice
      if (this.session.take(choice)) continue
      const { done } = this
      const why = impossible(this.session.run.choices(), choice)
      this.remarks.push(`Step ${done + 1} of the schedule, ${formatSchedule([choice])}: ${why}; kept the ${done} steps before it.`)
      return true
    }
    return this.done === this.steps
  }
}
