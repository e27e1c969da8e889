/**
 * Runs in a Web Worker: answers the page's requests with a session or a search. Long work goes in slices, so that "cancel" is heard within milliseconds.
 */
import { assemblyWords } from '../assembler/words.ts'
import { atlas, bundledParts, libraryText } from '../atlas/index.ts'
import { TOUR } from '../atlas/tour.ts'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { loadIcedBrowser } from '../decoder/iced-browser.ts'
import { parseJson } from '../lib/json-text.ts'
import { checkParts } from '../scenario/check-parts.ts'
import { partsOf, type ScenarioParts } from '../scenario/scenario-text.ts'
import { goAlong } from './along.ts'
import { branchLink, changeBranch, dropBranch, graft, schedulesOf } from './branching.ts'
import { scenarioInfo } from './catalog.ts'
import { Comparing } from './comparing.ts'
import { loadAlong, runAlong, type Way, walkAlong } from './long-ways.ts'
import { moveBlock, previewMove } from './moving.ts'
import type { FromWorker, Request, ToWorker } from './protocol.ts'
import { Recordings } from './recordings.ts'
import { type Office, Searches } from './searches.ts'
import { Session } from './session.ts'
import { BUNDLED, originOf, scenarioFor } from './sources.ts'
import { answerIn, viewPoints } from './walking.ts'

export function serve(scope: { onmessage: ((event: MessageEvent<ToWorker>) => void) | null; postMessage(message: FromWorker): void }): void {
  let session: Session | null = null
  /** The run whose long work may go on; another request or a cancel ends it. */
  let current = 0
  const ready = loadIcedBrowser().then(() => ({ decode: createDecode(), disassemble: createDisassemble() }))
  const searches = new Searches((wanted) => {
    const found = scenarioFor(wanted)
    return found.ok ? found.value : undefined
  })
  const recordings = new Recordings((wanted) => {
    const found = scenarioFor(wanted)
    return found.ok ? found.value : null
  })
  const comparing = new Comparing()

  scope.onmessage = (event) => {
    const { run, request } = event.data
    if (!ASIDE.includes(request.kind)) current = run
    const reply = (answer: FromWorker['reply']) => scope.postMessage({ run, reply: answer })
    answer(request, run, reply).catch((error: unknown) => {
      const link = session === null ? null : safely(() => (session as Session).link())
      reply({ kind: 'crashed', message: error instanceof Error ? error.message : String(error), link })
    })
  }

  async function answer(request: Request, run: number, reply: (answer: FromWorker['reply']) => void): Promise<void> {
    if (request.kind === 'cancel') return reply({ kind: 'cancelled' })
    if (request.kind === 'catalog') return reply({ kind: 'catalog', scenarios: [...atlas.values()].map(scenarioInfo), tour: TOUR })
    if (request.kind === 'coverage') return searches.coverage(request, reply)
    if (request.kind === 'ablation-plan') return searches.plan(request, reply)
    const { decode, disassemble } = await ready
    const view = (remarks: readonly string[] = [], verified: boolean | null = null) =>
      reply({ kind: 'view', view: (session as Session).view(remarks, verified) })
    const way: Way = {
      now: () => performance.now(),
      goesOn: () => office.goesOn(),
      passing: () => reply({ kind: 'passing', view: (session as Session).view([], null) }),
      preparing: (what, done, of) => reply({ kind: 'preparing', what, done, of }),
    }
    const reopened = async (open: Session, { schedule, cursor, digest }: Extract<Request, { kind: 'open' }>) => {
      const { whole, remarks } = await loadAlong(open, schedule, cursor, way)
      const verified = digest === null || !whole ? null : digest === open.run.digest
      if (verified === false)
        remarks.push('The state differs from the one that was shared: this link was made with another version of the scenario or of the machine.')
      return view(remarks, verified)
    }
    const office: Office = {
      decode,
      reply,
      async goesOn() {
        await pause()
        return current === run
      },
    }
    if (request.kind === 'check') {
      return reply({ kind: 'checked', checked: checkParts(request.parts, request.params, decode, BUNDLED) })
    }
    if (request.kind === 'parts') {
      const parts = partsFor(request.scenario, request.source)
      return reply(
        parts === null ? { kind: 'refused', message: 'There is nothing to edit.', detail: [] } : { kind: 'parts', parts, words: assemblyWords() },
      )
    }
    if (request.kind === 'beside') return reply(recordings.beside(request, decode))
    if (request.kind === 'record') return reply(recordings.record(request, decode))
    if (request.kind === 'moment') return reply(recordings.moment(request))
    if (request.kind === 'recorded-schedule') return reply(recordings.schedule(request))
    if (request.kind === 'compare-run') return reply(comparing.open(request, decode, disassemble))
    if (request.kind === 'compare') return reply(comparing.compare(disassemble))
    if (request.kind === 'compare-at') return reply(comparing.at(request))
    if (request.kind === 'search') return searches.search(request, office)
    if (request.kind === 'cell') return searches.cell(request, office)
    if (request.kind === 'look-ahead') return searches.lookAhead(request, office)
    if (request.kind === 'inevitable') return searches.inevitable(request, office)
    if (request.kind === 'open') {
      const found = scenarioFor(request)
      if (!found.ok) return reply({ kind: 'refused', ...found.error })
      const scenario = found.value
      // The same machine again: what was done in it stays, as branches.
      if (session?.opens(scenario, request.params) === true) {
        goAlong(session, request.schedule)
        return reopened(session, request)
      }
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
      case 'snapshots':
        return reply({ kind: 'snapshots', snapshots: session.snapshots(request.steps) })
      case 'picture': {
        const { branch } = request
        const picture = session.picture(branch)
        if (picture === null) return reply({ kind: 'cancelled' })
        while (picture.next()) await pause()
        return reply({ kind: 'picture', branch, timeline: picture.update() })
      }
      case 'link': {
        const spelling = session.spellLink()
        for (;;) {
          const more = spelling.next()
          if (more === null) return reply({ kind: 'cancelled' })
          if (!more) return reply({ kind: 'link', fragment: spelling.text() })
          await pause()
        }
      }
      case 'checkout':
        return session.checkout(request.branch) ? view() : view(['There is no such branch.'])
      case 'schedules':
        return reply(schedulesOf(session, request.most))
      case 'graft':
        return reply(graft(session, request))
      case 'change-branch':
        return reply(changeBranch(session, request))
      case 'drop-branch':
        return reply(dropBranch(session, request.branch))
      case 'preview-move':
        return reply({ kind: 'preview-move', outcome: previewMove(session, request) })
      case 'move': {
        const remarks = moveBlock(session, request)
        return view(remarks ?? ['That block cannot be moved.'])
      }
      case 'branch-link':
        return reply(branchLink(session, request.branch))
      case 'points':
        return reply({ kind: 'points', points: viewPoints(session, request.points, request.near) })
      case 'question': {
        const answered = answerIn(session, request.cpu, request.text)
        return reply(answered.ok ? { kind: 'question', lines: answered.value, error: null } : { kind: 'question', lines: [], error: answered.error })
      }
      case 'walk':
        return view(await walkAlong(session, request, way))
      case 'run':
        return view(await runAlong(session, request, way))
    }
  }
}

/** A text from outside may be no JSON: then it is edited as it is. */
function partsFor(name: string, source: string | undefined): ScenarioParts | null {
  if (source === undefined) return bundledParts(originOf(name))
  const data = parseJson(source)
  return data.ok ? partsOf(data.value, libraryText) : { json: source, files: [] }
}

/** Questions that are answered at once, or in pieces beside other work, and end nothing. */
const ASIDE: readonly Request['kind'][] = [
  'coverage',
  'ablation-plan',
  'link',
  'snapshots',
  'picture',
  'points',
  'question',
  'schedules',
  'graft',
  'change-branch',
  'drop-branch',
  'branch-link',
  'preview-move',
]

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
