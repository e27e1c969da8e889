/** The page's end of the views: keeps the schedule of the run, and makes texts of it only when somebody asks for one. */
import { writeLink } from '../interchange/link-write.ts'
import { formatSchedule } from '../machine/choice.ts'
import type { SentView, View } from './protocol.ts'

export class ViewReader {
  private choices = new Int32Array(1024)
  private length = 0

  /** Views must be read in the order in which they were sent. */
  read({ choices: { kept, added }, replay, ...rest }: SentView): View {
    const length = kept + added.length
    // Earlier views keep what they have: only what lies behind all of them is written in place.
    if (kept < this.length || length > this.choices.length) {
      const wider = new Int32Array(Math.max(1024, 2 * length))
      wider.set(this.choices.subarray(0, kept))
      this.choices = wider
    }
    this.choices.set(added, kept)
    this.length = length
    const steps = this.choices.subarray(0, length)
    let schedule: string | null = null
    let fragment: string | null = null
    return {
      ...rest,
      get schedule() {
        schedule ??= formatSchedule(steps)
        return schedule
      },
      get fragment() {
        fragment ??= writeLink({ ...replay, schedule: this.schedule })
        return fragment
      },
    }
  }
}
