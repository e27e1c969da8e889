/**
 * Runs in a Web Worker: answers the page's requests with a session or a search. Long work goes in slices, so that "cancel" is heard within milliseconds.
 */
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { loadIcedBrowser } from '../decoder/iced-browser.ts'
import { build } from '../scenario/build.ts'
import { Exploration } from '../scenario/explore.ts'
import { scenarioInfo } from './catalog.ts'
import type { FromWorker, Reply, Request, SearchVerdict, ToWorker, View } from './protocol.ts'
import { Session } from './session.ts'

/** Transitions between two looks at the clock, and milliseconds between two looks at the mailbox. */
const SLICE = 4000
const PAUSE_MS = 25
const PROGRESS_MS = 100

export function serve(scope: { onmessage: ((event: MessageEvent<ToWorker>) => void) | null; postMessage(message: FromWorker): void }): void {
  let session: Session | null = null
  /** The run whose long work may go on; another request or a cancel ends it. */
  let current = 0
  const ready = loadIcedBrowser().then(() => ({ decode: createDecode(), disassemble: createDisassemble() }))
  const tools = { decode: null as ReturnType<typeof createDecode> | null }

  scope.onmessage = (event) => {
    const { run, request } = event.data
    current = run
    const reply = (answer: Reply) => scope.postMessage({ run, reply: answer })
    answer(request, run, reply).catch((error: unknown) => {
      const link = session === null ? null : safely(() => (session as Session).view([], null).fragment)
      reply({ kind: 'crashed', message: error instanceof Error ? error.message : String(error), link })
    })
  }

  async function answer(request: Request, run: number, reply: (answer: Reply) => void): Promise<void> {
    if (request.kind === 'cancel') return reply({ kind: 'cancelled' })
    if (request.kind === 'catalog') return reply({ kind: 'catalog', scenarios: [...atlas.values()].map(scenarioInfo) })
    const { decode, disassemble } = await ready
    tools.decode = decode
    const view = (remarks: readonly string[] = [], verified: boolean | null = null) =>
      reply({ kind: 'view', view: (session as Session).view(remarks, verified) satisfies View })
    const reopened = (open: Session, { schedule, cursor, digest }: Extract<Request, { kind: 'open' }>) => {
      const remarks = open.load(schedule, cursor)
      const verified = digest === null ? null : digest === open.run.digest
      if (verified === false)
        remarks.push('The state differs from the one that was shared: this link was made with another version of the scenario or of the machine.')
      return view(remarks, verified)
    }
    if (request.kind === 'search') return search(request, run, reply)
    if (request.kind === 'open') {
      const scenario = atlas.get(request.scenario)
      if (scenario === undefined) {
        return reply({ kind: 'refused', message: `There is no scenario "${request.scenario}".`, detail: [...atlas.keys()] })
      }
      // The same machine again: what was done in it stays, as branches.
      if (session?.opens(scenario, request.params) === true) return reopened(session, request)
      const opened = Session.open(scenario, request.params, decode, disassemble)
      if (!opened.ok) return reply({ kind: 'refused', message: `${scenario.file.id} cannot be built with these parameters.`, detail: opened.error })
      session = opened.value
      return reopened(session, request)
    }
    if (session === null) return reply({ kind: 'refused', message: 'No scenario is open.', detail: [] })
    switch (request.kind) {
      case 'take':
        return session.take(request.choice) ? view() : view(['That cannot happen here.'])
      case 'seek':
        session.seek(request.step)
        return view()
      case 'checkout':
        return session.checkout(request.branch) ? view() : view(['There is no such branch.'])
      case 'run': {
        const { target, cpu, scheduler, maxSteps } = request
        // In portions, so that a cancel is heard while a long run goes on.
        for (let left = maxSteps; ; left -= RUN_PORTION) {
          const { arrived, remark } = session.go(target, cpu, scheduler, Math.min(left, RUN_PORTION))
          if (arrived) return view(remark === null ? [] : [remark])
          // Playing asks for a few steps at a time: not to have reached the end is no news then.
          if (left <= RUN_PORTION) return view(target === 'end' ? [] : [`Not reached within ${maxSteps} steps.`])
          await pause()
          if (current !== run) return view(['Stopped.'])
        }
      }
    }
  }

  async function search(request: Extract<Request, { kind: 'search' }>, run: number, reply: (answer: Reply) => void): Promise<void> {
    const scenario = atlas.get(request.scenario)
    if (scenario === undefined || tools.decode === null)
      return reply({ kind: 'refused', message: `There is no scenario "${request.scenario}".`, detail: [...atlas.keys()] })
    const built = build(scenario, request.params, tools.decode)
    if (!built.ok) return reply({ kind: 'refused', message: `${scenario.file.id} cannot be built with these parameters.`, detail: built.error })
    const created = Exploration.create(built.value, { maxStates: request.maxStates, maxBytes: request.maxMb * 1e6 })
    if (!created.ok) return reply({ kind: 'refused', message: 'The properties cannot be checked.', detail: created.error })
    const exploration = created.value
    const start = performance.now()
    const seconds = () => (performance.now() - start) / 1000
    let told = start
    let paused = start
    while (exploration.run(SLICE)) {
      const now = performance.now()
      if (now - told > PROGRESS_MS) {
        const { states, transitions, frontier, depth, bytes } = exploration.progress()
        reply({ kind: 'progress', progress: { states, transitions, frontier, depth, bytes, seconds: seconds() } })
        told = now
      }
      if (now - paused > PAUSE_MS) {
        await pause()
        paused = performance.now()
        if (current !== run) exploration.cancel()
      }
    }
    const result = exploration.result()
    const verdict: SearchVerdict = { ...result, seconds: seconds(), params: built.value.params }
    reply({ kind: 'verdict', verdict })
  }
}

const RUN_PORTION = 2000

/** Lets messages in. A message channel, since timers are throttled to 4 ms and more. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel()
    channel.port1.onmessage = () => {
      channel.port1.close()
      resolve()
    }
    channel.port2.postMessage(null)
  })
}

function safely<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}
