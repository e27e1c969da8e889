/**
 * Several searches at once: a pool of worker threads that load the very file that is running. That file is the bundle which scripts/cli.mjs has made;
 * where the sources themselves run (unit tests) there is nothing that a thread could load, and tasks run one after another on this one.
 *
 * A thread costs what loading the bundle costs, about 0.3 s, so the caller says from how many on it is worth it.
 */
import { availableParallelism } from 'node:os'
import { parentPort, Worker } from 'node:worker_threads'

export interface Task {
  /** A job in jobs.ts. */
  readonly job: string
  readonly input: unknown
}

/** What a thread answers to every message. */
export type Answer = { readonly output: unknown } | { readonly error: string }

const SELF = import.meta.url
/** Threads have an entry of their own in main.ts. */
const BOOT = `const { workerData } = require('node:worker_threads'); import(workerData).then((bundle) => bundle.thread())`

export function canUseThreads(): boolean {
  return SELF.endsWith('.mjs')
}

/** As many as are useful for so many tasks. */
export function threadsFor(tasks: number, wanted: number | null): number {
  return canUseThreads() ? Math.max(1, Math.min(tasks, wanted ?? availableParallelism())) : 1
}

/** Starts a thread that waits for messages; `entry` is what main.ts does in it. */
export function startThread(entry: 'jobs' | 'owner', maxMb: number): Worker {
  return new Worker(BOOT.replace('thread()', `thread('${entry}')`), {
    eval: true,
    workerData: SELF,
    resourceLimits: { maxOldGenerationSizeMb: Math.max(512, Math.ceil(maxMb)) },
  })
}

/** Runs all tasks and hands each result over as soon as it is there. `here` does a task on this thread. */
export async function runTasks(
  tasks: readonly Task[],
  threads: number,
  here: (task: Task) => Promise<unknown>,
  done: (index: number, output: unknown) => void,
): Promise<void> {
  if (threads <= 1) {
    for (const [i, task] of tasks.entries()) done(i, await here(task))
    return
  }
  let next = 0
  await Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = startThread('jobs', 1024)
      try {
        for (let i = next++; i < tasks.length; i = next++) done(i, await ask(worker, tasks[i] as Task))
      } finally {
        await worker.terminate()
      }
    }),
  )
}

/** Sends a message and resolves with the answer to it: one question after the other. Buffers in `transfer` are handed over, not copied. */
export function ask(worker: Worker, message: unknown, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const answered = (answer: Answer) => {
      release()
      if ('error' in answer) reject(new Error(answer.error))
      else resolve(answer.output)
    }
    const failed = (error: Error) => {
      release()
      reject(error)
    }
    const ended = () => failed(new Error('a worker thread ended before its task'))
    const release = () => worker.off('message', answered).off('error', failed).off('exit', ended)
    worker.on('message', answered).on('error', failed).on('exit', ended)
    worker.postMessage(message, transfer)
  })
}

/** In a thread: answers tasks until the pool ends it. */
export function serveTasks(run: (task: Task) => Promise<unknown>): void {
  const port = parentPort
  const answer = (answer: Answer) => port?.postMessage(answer)
  port?.on('message', (task: Task) => {
    run(task).then(
      (output) => answer({ output }),
      (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) }),
    )
  })
}
