/**
 * The page without its looks: facts (state.ts) and the actions that change them. Every request to a worker goes through here, and every view that
 * comes back: the address bar follows it, notes are kept or dropped, playing goes on or stops.
 */

import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Words } from '../interchange/link-write.ts'
import { timelineAfter } from '../worker/client.ts'
import type { Reply, Request, View } from '../worker/protocol.ts'
import type { Ablating } from './ablating.ts'
import { createAddressKeeper } from './address.ts'
import { accountAfter, isByHand, isSameMachine } from './by-hand.ts'
import { readDrafts } from './drafts.ts'
import { EditedTexts, withTexts } from './edited.ts'
import { createEditing, type Editing } from './editing.ts'
import type { Exporting } from './exporting.ts'
import { createGuiding, type Guiding } from './guide.ts'
import { type Arranging, createArranging, restoreArrangement } from './layout.ts'
import { lazily } from './lazily.ts'
import { createLinking, type Linking } from './linking.ts'
import { createNotes, type Notes } from './notes.ts'
import { createPicturing, type Picturing } from './picturing.ts'
import type { Ports } from './ports.ts'
import { createPredicting, type Predicting } from './predicting.ts'
import { createPreferences, type Preferences, restorePreferences } from './preferences.ts'
import { createPresenting, type Presenting } from './presenting.ts'
import { createQueue } from './queue.ts'
import type { RecordingActions } from './recording.ts'
import { createSearching, type Searching } from './searching.ts'
import { createSeeing, type Seeing } from './seeing.ts'
import { createSelecting, type Selecting } from './selecting.ts'
import { INITIAL, type PageState } from './state.ts'
import { createStepping, type Stepping } from './stepping.ts'
import { createTrail, type Trail } from './trail.ts'
import { createWalking, type Walking } from './walking.ts'

export interface Page
  extends Stepping,
    Selecting,
    Picturing,
    Walking,
    RecordingActions,
    Searching,
    Ablating,
    Seeing,
    Linking,
    Arranging,
    Guiding,
    Exporting,
    Editing,
    Preferences,
    Predicting,
    Presenting,
    Pick<Notes, 'dismiss'> {
  readonly store: StoreApi<PageState>
  /** For groups of actions that are loaded when they are first wanted (comparing.ts). */
  readonly desk: Desk
}

/** How a new view enters the browser's history. */
export type Arrival = 'jump' | 'replace'

/** What the groups of actions share. */
export interface Desk {
  readonly ports: Ports
  readonly store: StoreApi<PageState>
  readonly notes: Notes
  /** Asks the stepping worker. `replaces` as in queue.ts; `request` is asked for when its turn has come. */
  ask(options: AskOptions): void
  /** Forgets requests that have not been sent. */
  forget(): void
  /** Ends the request that is under way, where it is. */
  stop(): void
  readonly address: ReturnType<typeof createAddressKeeper>
  readonly trail: Trail
}

export interface AskOptions {
  readonly request: (state: PageState) => Request | null
  readonly arrival?: Arrival
  /** The view begins a new session: another run, with branches of its own. */
  readonly opens?: boolean
  /** What the sender of the link said that is opened; left out: what is said stays as long as the scenario and its parameters do. */
  readonly words?: Words | null
  /** Of what is opened again: how many of its first steps were made by hand. */
  readonly byHand?: () => number
  readonly replaces?: string
  /** It may take long; whatever the user does next then ends it, where it is. */
  readonly yields?: boolean
  /** Is it a move that undo takes back? 'with-last': together with the one before it. */
  readonly traced?: 'yes' | 'no' | 'with-last'
  /** Called after the view is in the state. */
  readonly onView?: (view: View) => void
  readonly refused?: () => void
  /** Whatever the answer is. */
  readonly onAnswer?: () => void
}

/** Where it breaks is what one wants to see. */
function tornSite({ snapshot: { sites } }: View): Partial<PageState> {
  const torn = sites.find(({ cpus }) => cpus.some(({ pass }) => pass?.now === true && pass.meaning === 'torn'))
  return torn === undefined ? {} : { selectedSite: torn.address }
}

export function createPage(outside: Ports): Page {
  const texts = new EditedTexts()
  const ports = withTexts(outside, texts)
  const store = createStore<PageState>()(() => ({
    ...INITIAL,
    drafts: readDrafts(ports.memory),
    ...restorePreferences(ports.memory),
    ...restoreArrangement(ports.memory),
  }))
  const notes = createNotes(store)
  // Past the queue: steps go on while the link of a long run is spelled.
  const address = createAddressKeeper(ports.address, ports.timer, async () => {
    const reply = await ports.stepper.request({ kind: 'link' })
    return reply.kind === 'link' ? reply.fragment : null
  })
  const queue = createQueue(
    ports.stepper,
    (busy) => store.setState({ busy }),
    (error) => {
      store.setState({ playing: false })
      notes.lost(error)
    },
  )

  function show(
    view: View,
    { arrival = 'replace', opens = false, words, byHand, ...options }: AskOptions,
    asked: Request | null,
    ended = false,
  ): void {
    // What belongs to the session before is written before that is forgotten.
    if (opens) address.flush()
    const { view: left } = store.getState()
    if (opens) say(words === undefined ? (left !== null && isSameMachine(left, view) ? address.words : null) : words)
    const made = asked !== null && isByHand(asked)
    store.setState(({ view: before, byHand: account, timeline, session }) => ({
      view,
      byHand: accountAfter(account, before, view, made, byHand?.() ?? null),
      timeline: timelineAfter(timeline, view),
      ...(opens ? { session: session + 1, selectedCpu: null, selectedSite: null } : {}),
      ...tornSite(view),
      // Whoever opens a link to a race wants to know why.
      ...(opens && view.moments.some(({ step }) => step <= view.cursor) ? { tab: 'verdict' } : {}),
    }))
    notes.set('refused', null)
    if (!opens) notes.moved()
    notes.set('remarks', view.remarks.length === 0 ? null : { tone: 'plain', title: '', lines: view.remarks, report: null })
    address.show(view, arrival === 'jump', ended)
    trail.arrived(view, { opens, ...options }, store.getState().byHand[view.branch] ?? 0)
  }

  /** What the sender of the link said that is opened. */
  function say(words: Words | null): void {
    address.words = words
    const lines = words === null || words.note === '' ? [] : [words.note]
    notes.set('sender', words === null ? null : { tone: 'plain', title: words.title, lines, report: null })
  }

  function receive(reply: Reply, options: AskOptions, asked: Request | null): void {
    switch (reply.kind) {
      case 'view':
        show(reply.view, options, asked, options.yields === true || options.opens === true)
        options.onView?.(reply.view)
        return
      case 'catalog':
        store.setState({ catalog: reply.scenarios, tour: reply.tour })
        return
      case 'refused':
        store.setState({ playing: false })
        notes.set('refused', { tone: 'attention', title: reply.message, lines: reply.detail, report: null })
        options.refused?.()
        return
      case 'crashed':
        store.setState({ playing: false })
        // Before the first view, it is the worker that did not start.
        if (store.getState().view === null) notes.lost(reply.message)
        else notes.crashed(reply.message, reply.link, ports.address.base())
        return
      default:
        return
    }
  }

  /** What is under way was told to end. */
  let stopped = false

  function ask(options: AskOptions): void {
    let asked: Request | null = null
    // What is shown on the way and at its end is one move.
    let shown = options
    queue.add({
      replaces: options.replaces ?? null,
      yields: options.yields ?? false,
      request() {
        asked = options.request(store.getState())
        return asked
      },
      onTheWay(news) {
        if (news.kind === 'preparing') {
          store.setState({ preparing: news })
          return
        }
        store.setState({ preparing: null })
        show(news.view, shown, asked)
        shown = { ...options, arrival: 'replace', traced: options.traced === 'no' ? 'no' : 'with-last' }
      },
      answered(reply) {
        if (store.getState().preparing !== null) store.setState({ preparing: null })
        options.onAnswer?.()
        // What was followed of a link is an entry of its own: Back leads to the whole of it.
        if (stopped && options.opens === true) shown = { ...shown, arrival: 'jump' }
        stopped = false
        receive(reply, shown, asked)
      },
    })
  }
  ports.stepper.onTheWay = queue.news
  const { address: bar, timer } = ports
  const trail = createTrail({
    address: {
      entry: () => bar.entry(),
      read: () => bar.read(),
      // An entry is left as it was seen last.
      go(by) {
        address.flush()
        bar.go(by)
      },
    },
    timer,
    ask,
    nothing: (way) => notes.set('remarks', { tone: 'plain', title: '', lines: [`Nothing to ${way}.`], report: null }),
  })

  const desk: Desk = {
    ports,
    store,
    notes,
    address,
    trail,
    ask,
    forget: () => queue.clear(),
    stop() {
      stopped = true
      queue.stop()
    },
  }
  const stepping = createStepping(desk)
  const editing = createEditing(desk, stepping, texts)
  const searching = createSearching(desk, stepping)
  const recording = lazily(async () => (await import('./recording-desk.ts')).createRecording(desk, stepping), notes.lost)
  const ablating = lazily(async () => (await import('./ablating.ts')).createAblating(desk, stepping), notes.lost)
  return {
    store,
    desk,
    dismiss: notes.dismiss,
    ...stepping,
    ...createLinking(desk, stepping, editing, texts),
    ...editing,
    ...searching,
    ...createGuiding(desk, stepping, searching),
    ablate: (pairs) => ablating((actions) => actions.ablate(pairs)),
    ablateRestored: () => ablating((actions) => actions.ablateRestored()),
    cancelAblation: () => ablating((actions) => actions.cancelAblation()),
    loadCell: (index) => ablating((actions) => actions.loadCell(index)),
    ...createSeeing(desk),
    ...createSelecting(desk, stepping),
    ...createPicturing(desk),
    ...createWalking(desk, stepping),
    showBatch: (batch) => recording((actions) => actions.showBatch(batch)),
    openRecording: () => recording((actions) => actions.openRecording()),
    closeRecording: () => recording((actions) => actions.closeRecording()),
    openBeside: () => recording((actions) => actions.openBeside()),
    record: (seed) => recording((actions) => actions.record(seed)),
    cancelRecording: () => recording((actions) => actions.cancelRecording()),
    visitRecorded: (step) => recording((actions) => actions.visitRecorded(step)),
    stepThroughRecorded: () => recording((actions) => actions.stepThroughRecorded()),
    ...createArranging(desk),
    saveExport: async (what, as) => (await import('./exporting.ts')).createExporting(desk).saveExport(what, as),
    ...createPreferences(desk),
    ...createPredicting(desk),
    ...createPresenting(desk),
  }
}
