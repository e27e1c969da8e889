/** The page's end of the boundary: numbers requests, matches replies, reports a worker that could not start. */
import type { TimelineData } from '../timeline/model.ts'
import { applyUpdate } from '../timeline/update.ts'
import type { Ahead, FromWorker, OnTheWay, Reply, Request, SearchProgress, ToWorker, View } from './protocol.ts'
import { ViewReader } from './view-reader.ts'

/** What the client needs of a Worker (tests hand in their own). */
export interface WorkerLike {
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
  postMessage(message: ToWorker): void
  terminate(): void
}

export class WorkerClient {
  onProgress: ((progress: SearchProgress) => void) | null = null
  onAhead: ((answers: readonly Ahead[]) => void) | null = null
  onTheWay: ((news: OnTheWay) => void) | null = null
  private readonly worker: WorkerLike
  private readonly waiting = new Map<number, (reply: Reply) => void>()
  private readonly views = new ViewReader()
  private run = 0
  private broken: string | null = null

  constructor(make: () => WorkerLike) {
    this.worker = make()
    this.worker.onmessage = (event) => this.receive(event.data)
    this.worker.onerror = (event) => {
      this.broken = `The emulator could not start or has failed: ${event.message || 'the worker script could not be loaded'}.`
      for (const resolve of this.waiting.values()) resolve({ kind: 'crashed', message: this.broken, link: null })
      this.waiting.clear()
    }
  }

  /** Resolves with the reply (progress goes to `onProgress`); never rejects. */
  request(request: Request): Promise<Reply> {
    if (this.broken !== null) return Promise.resolve({ kind: 'crashed', message: this.broken, link: null })
    const run = ++this.run
    return new Promise((resolve) => {
      this.waiting.set(run, resolve)
      this.worker.postMessage({ run, request })
    })
  }

  dispose(): void {
    this.worker.terminate()
    this.waiting.clear()
  }

  private receive({ run, reply }: FromWorker): void {
    if (reply.kind === 'progress') {
      if (this.waiting.has(run)) this.onProgress?.(reply.progress)
      return
    }
    if (reply.kind === 'ahead-progress') {
      if (this.waiting.has(run)) this.onAhead?.(reply.answers)
      return
    }
    if (reply.kind === 'passing') {
      // Views are read in the order in which they were sent, whoever waits for them.
      const view = this.views.read(reply.view)
      if (this.waiting.has(run)) this.onTheWay?.({ kind: 'passing', view })
      return
    }
    if (reply.kind === 'preparing') {
      if (this.waiting.has(run)) this.onTheWay?.(reply)
      return
    }
    this.waiting.get(run)?.(reply.kind === 'view' ? { kind: 'view', view: this.views.read(reply.view) } : reply)
    this.waiting.delete(run)
  }
}

/** The timeline that is shown after a view has come: the worker sends only what changed. Views must be taken in the order in which they come. */
export function timelineAfter(shown: TimelineData | null, { timeline }: Pick<View, 'timeline'>): TimelineData | null {
  return timeline === null ? shown : applyUpdate(timeline.whole ? null : shown, timeline.update)
}
