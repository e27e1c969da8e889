/**
 * Orders requests to the stepping worker: one at a time, in order, and never a backlog of what nobody waits for any more. A job decides what to
 * ask only when its turn comes, so that "one step forward" means one step from wherever the jobs before it have led.
 *
 *     drag the position: seek 3, seek 9, seek 14, seek 20 …   sent: seek 3, then, when it has answered, seek 20
 */
import type { Reply, Request } from '../worker/protocol.ts'
import type { Client } from './ports.ts'

export interface Job {
  /** A job replaces one with the same name that still waits; null: never. */
  readonly replaces: string | null
  /** null: nothing to do after all. */
  readonly request: () => Request | null
  readonly answered: (reply: Reply) => void
}

export interface Queue {
  add(job: Job): void
  /** Forgets what has not been sent. */
  clear(): void
  readonly busy: boolean
}

export function createQueue(client: Client, onBusy: (busy: boolean) => void, onLost: (error: unknown) => void): Queue {
  const waiting: Job[] = []
  let running = false

  async function drain(): Promise<void> {
    running = true
    onBusy(true)
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const request = job.request()
      if (request === null) continue
      try {
        job.answered(await client.request(request))
      } catch (error) {
        waiting.length = 0
        onLost(error)
      }
    }
    running = false
    onBusy(false)
  }

  return {
    add(job) {
      const same = job.replaces === null ? -1 : waiting.findIndex((each) => each.replaces === job.replaces)
      if (same >= 0) waiting.splice(same, 1)
      waiting.push(job)
      if (!running) void drain()
    },
    clear() {
      waiting.length = 0
    },
    get busy() {
      return running
    },
  }
}
