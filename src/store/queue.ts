/**
 * Orders requests to the stepping worker: one at a time, in order, and never a backlog of what nobody waits for any more. A job decides what to
 * ask only when its turn comes, so that "one step forward" means one step from wherever the jobs before it have led.
 *
 *     drag the position: seek 3, seek 9, seek 14, seek 20 …   sent: seek 3, then, when it has answered, seek 20
 *     run to the end (long), step                             sent: run, cancel; when the run has answered with where it is, step
 */
import type { OnTheWay, Reply, Request } from '../worker/protocol.ts'
import type { Client } from './ports.ts'

export interface Job {
  /** A job replaces one with the same name that still waits; null: never. */
  readonly replaces: string | null
  /** null: nothing to do after all. */
  readonly request: () => Request | null
  readonly answered: (reply: Reply) => void
  /** Told of where a long way has come to. */
  readonly onTheWay?: (news: OnTheWay) => void
  /** It may take long; once that is seen, whatever is asked for next ends it. */
  readonly yields?: boolean
}

export interface Queue {
  add(job: Job): void
  /** Forgets what has not been sent. */
  clear(): void
  /** Ends what is under way, where it is. */
  stop(): void
  /** What the worker says before it answers. */
  news(news: OnTheWay): void
  readonly busy: boolean
}

export function createQueue(client: Client, onBusy: (busy: boolean) => void, onLost: (error: unknown) => void): Queue {
  const waiting: Job[] = []
  let running = false
  let current: Job | null = null
  /** Of the current one: it has been under way long enough to tell where it is. */
  let isLong = false

  /** Past the queue, which waits for the very job. The answer to this is of no interest; the job itself answers with where it is. */
  function stop(): void {
    if (current !== null) void client.request({ kind: 'cancel' })
  }

  async function drain(): Promise<void> {
    running = true
    onBusy(true)
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const request = job.request()
      if (request === null) continue
      current = job
      isLong = false
      try {
        job.answered(await client.request(request))
      } catch (error) {
        waiting.length = 0
        onLost(error)
      }
      current = null
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
      else if (isLong && current?.yields === true) stop()
    },
    clear() {
      waiting.length = 0
    },
    stop,
    news(news) {
      if (current === null) return
      // Who has pressed another key meanwhile waits for that, not for this.
      if (!isLong && waiting.length > 0 && current.yields === true) stop()
      isLong = true
      current.onTheWay?.(news)
    },
    get busy() {
      return running
    },
  }
}
