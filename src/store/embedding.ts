/**
 * An embedded page is driven by messages of the page that holds it. Every message that speaks to Pokescope is answered: with the state that it led to, or with the
 * reason why it was refused. Whoever wants to be obeyed says PING first; from then on only that origin is. The protocol is described in docs/embedding.md.
 */
import { type DecodedLink, decodeLink } from '../interchange/link.ts'
import type { EmbedOptions } from './embed-options.ts'
import { embedState } from './embed-state.ts'
import type { Page } from './page.ts'
import { presentVerdict } from './selectors.ts'
import { SPEEDS } from './state.ts'

export const PROTOCOL = 1
/** A host that does not wait for answers is told so. */
const MOST_WAITING = 256

/** A message of the host, and the way back to it. */
export interface Heard {
  readonly data: unknown
  readonly origin: string
  answer(message: object): void
}

/** Hears only the page around this one. */
export interface Frame {
  listen(hear: (heard: Heard) => void): void
}

type Asked = Readonly<Record<string, unknown>>
/** What is answered beside the state, or why not. */
type Answer = { readonly more?: object } | { readonly reason: string; readonly detail?: readonly string[] }
/** `turn`: waits for the messages before it. */
type Command = { readonly turn: boolean; readonly run: (asked: Asked, answer: Heard['answer']) => Answer | Promise<Answer> }

const DONE: Answer = {}
const COMPLAINTS: ReadonlySet<string> = new Set(['refused', 'crashed', 'worker', 'search'])
const refuse = (reason: string, detail: readonly string[] = []): Answer => ({ reason, detail })

export function createEmbedding(page: Page, options: EmbedOptions, frame: Frame): void {
  const { store } = page
  let host: string | null = null
  let waiting = 0
  let queue: Promise<unknown> = Promise.resolve()
  let tell: ((message: object) => void) | null = null
  const commands = new Map(commandsOf(page))
  const subscribe = (way: typeof tell): Answer => {
    tell = way
    return DONE
  }
  commands.set('subscribe', { turn: true, run: (_, answer) => subscribe(answer) })
  commands.set('unsubscribe', { turn: true, run: () => subscribe(null) })

  /** Why this host is not obeyed; null where it is. Saying PING first makes it the host. */
  function objection(asked: Asked, origin: string): string | null {
    if (options.origins !== null && !options.origins.includes(origin)) return `the address of this page does not allow ${origin} (origin=…)`
    if (asked.pokescope !== PROTOCOL) return `this page speaks version ${PROTOCOL} of the protocol`
    if (asked.type === 'PING') host ??= origin
    if (host === null) return 'say PING first'
    return host === origin ? null : `this page obeys ${host}`
  }

  function hear({ data, origin, answer }: Heard): void {
    const asked = asMessage(data)
    if (asked === null) return
    const id = typeof asked.id === 'string' || typeof asked.id === 'number' ? asked.id : null
    const say = (ok: boolean, more: object) => answer({ pokescope: PROTOCOL, type: 'answer', id, ok, ...more })
    const no = (reason: string, detail: readonly string[] = []) => say(false, { reason, ...(detail.length === 0 ? {} : { detail }) })
    const type = String(asked.type).slice(0, 40)
    const command = commands.get(type)

    const reason = objection(asked, origin)
    if (reason !== null) no(reason)
    else if (type === 'PING') answer({ pokescope: PROTOCOL, type: 'PONG', id, panels: options.panels, ready: store.getState().view !== null })
    else if (command === undefined) no(`there is no message “${type}”; there are PING, ${[...commands.keys()].join(', ')}`)
    else if (waiting >= MOST_WAITING) no(`${MOST_WAITING} messages wait already`)
    else {
      waiting++
      const act = async () => {
        const result = await obey(command, asked, answer)
        waiting--
        if ('reason' in result) no(result.reason, result.detail)
        else say(true, { state: embedState(store.getState()), ...result.more })
      }
      if (command.turn) queue = queue.then(act)
      else void act()
    }
  }

  async function obey(command: Command, asked: Asked, answer: Heard['answer']): Promise<Answer> {
    await until(page, ({ view, notes, busy }) => (view !== null && !busy) || notes.some(({ key }) => key === 'worker'))
    return store.getState().view === null ? refuse('the emulator did not start') : command.run(asked, answer)
  }

  frame.listen(hear)
  store.subscribe((state, before) => {
    if (tell === null || state.view === null) return
    const changed =
      state.view !== before.view || state.playing !== before.playing || state.verdicts !== before.verdicts || state.searching !== before.searching
    if (changed) tell({ pokescope: PROTOCOL, type: 'change', state: embedState(state) })
  })
}

function commandsOf(page: Page): ReadonlyMap<string, Command> {
  const { store } = page
  const moves = async (act: () => void): Promise<Answer> => {
    const complaint = complaints(page)
    act()
    await atRest(page)
    return complaint() ?? DONE
  }

  const known: Readonly<Record<string, Command>> = {
    load: { turn: true, run: ({ link }) => load(page, link) },
    step: {
      turn: true,
      run({ choice }) {
        const { view } = store.getState()
        const choices = view?.snapshot.choices ?? []
        if (choice === undefined) {
          if (view?.cursor === view?.length && choices.length === 0) return refuse('nothing can happen any more')
          return moves(() => page.step())
        }
        const index = choices.findIndex(({ token }) => token === choice)
        if (index >= 0) return moves(() => page.take(index))
        return refuse(`“${String(choice).slice(0, 20)}” cannot happen here; what can is ${choices.map(({ token }) => token).join(', ') || 'nothing'}`)
      },
    },
    back: { turn: true, run: () => (store.getState().view?.cursor === 0 ? refuse('this is the start') : moves(() => page.stepBack())) },
    seek: {
      turn: true,
      run({ step }) {
        const length = store.getState().view?.length ?? 0
        if (typeof step !== 'number' || !Number.isInteger(step) || step < 0 || step > length)
          return refuse(`"step" must be a whole number from 0 to ${length}`)
        return moves(() => page.seek(step))
      },
    },
    play: {
      turn: true,
      run({ speed }) {
        const { view } = store.getState()
        if (speed !== undefined && !SPEEDS.some((each) => each === speed))
          return refuse(`"speed" must be one of ${SPEEDS.join(', ')}, in steps a second`)
        if (view?.cursor === view?.length && view?.snapshot.choices.length === 0) return refuse('nothing can happen any more')
        if (typeof speed === 'number') store.setState(({ play }) => ({ play: { ...play, stepsPerSecond: speed } }))
        page.play()
        return DONE
      },
    },
    pause: { turn: false, run: () => moves(() => page.pause()) },
    explore: { turn: false, run: ({ race }) => explore(page, race === true) },
    cancel: {
      turn: false,
      run() {
        if (store.getState().searching === null) return refuse('nothing is being explored')
        page.cancelSearch()
        return DONE
      },
    },
    state: { turn: true, run: () => DONE },
  }
  return new Map(Object.entries(known))
}

async function load(page: Page, link: unknown): Promise<Answer> {
  const { store } = page
  if (typeof link !== 'string' || link === '') return refuse('"link" must be a link, or what stands behind its "#"')
  const decoded = decodeLink(link)
  const why = notReadable(
    decoded,
    (store.getState().catalog ?? []).map(({ id }) => id),
  )
  if (why !== null) return why
  const complaint = complaints(page)
  await page.openLink(link)
  await atRest(page)
  const { view } = store.getState()
  const refused = complaint()
  if (refused !== null) return refused
  return { more: { problems: decoded.problems.map(({ message }) => message), remarks: view?.remarks ?? [], verified: view?.verified ?? null } }
}

function notReadable({ link, problems }: DecodedLink, ids: readonly string[]): Answer | null {
  const messages = problems.map(({ message }) => message)
  if (link.scenario === undefined) return refuse('this link names no scenario', messages)
  if (link.source === undefined && !ids.includes(link.scenario)) return refuse(`there is no scenario “${link.scenario}”`, messages)
  return null
}

/** Answers when the search has ended, however it does. */
async function explore(page: Page, race: boolean): Promise<Answer> {
  const { store } = page
  if (store.getState().searching !== null) return refuse('a search is under way')
  const complaint = complaints(page)
  if (race) page.findRace()
  else page.search()
  await until(page, ({ searching }) => searching === null)
  await atRest(page)
  const verdict = presentVerdict(store.getState())
  if (verdict === null) return complaint() ?? refuse('the search was cancelled')
  const { kind, cut, states, transitions, complete, violations } = verdict
  const races = violations.map(({ property, title, steps, switches, schedule }) => ({ property, title, steps, switches, schedule }))
  return { more: { verdict: { kind, cut, states, transitions, complete, races } } }
}

/** Tells what the page has complained of since. */
function complaints(page: Page): () => Answer | null {
  const before = page.store.getState().notes
  return () => {
    const note = page.store.getState().notes.find((each) => COMPLAINTS.has(each.key) && !before.includes(each))
    return note === undefined ? null : refuse(note.title, note.lines)
  }
}

function atRest(page: Page): Promise<void> {
  return until(page, ({ busy }) => !busy)
}

function until(page: Page, holds: (state: ReturnType<Page['store']['getState']>) => boolean): Promise<void> {
  if (holds(page.store.getState())) return Promise.resolve()
  return new Promise((resolve) => {
    const stop = page.store.subscribe((state) => {
      if (!holds(state)) return
      stop()
      resolve()
    })
  })
}

/** Other programs send messages too; ours say so. */
function asMessage(data: unknown): Asked | null {
  return typeof data === 'object' && data !== null && 'pokescope' in data ? (data as Asked) : null
}
