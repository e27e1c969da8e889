/**
 * The branches of a scenario as a tree that outlives the page: names, stars, dropping with a way back, and what the browser keeps of them. Loaded after the first view;
 * what it knows besides the view it keeps to itself.
 */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { BranchInfo, KeptBranch, Request, View } from '../worker/protocol.ts'
import { fitted, forgetTrees, keepTree, keptElsewhere, readTree, type Unkept } from './kept-branches.ts'
import type { Page } from './page.ts'
import { verdictKey } from './selectors.ts'

export interface TreeState {
  /** The branch that was dropped last, until another one is, or it is brought back. */
  readonly dropped: KeptBranch | null
  /** What the browser does not keep for the next visit, and why. */
  readonly unkept: Unkept | null
  /** Kept branches of which this version of the scenario allows a part only. */
  readonly cut: number
}

export interface Tree {
  readonly store: StoreApi<TreeState>
  rename(branch: number, name: string): void
  star(branch: number, starred: boolean): void
  /** Where one stands on it one goes over to the branch that it left. */
  drop(branch: number): void
  bringBack(): void
  /** Makes room: forgets the kept branches of all other scenarios and parameters. */
  forgetOthers(): void
  /** The address of a branch's end; null where it is no more. */
  linkOf(branch: number): Promise<string | null>
}

const REST_MS = 800
/** Steps of a branch beyond which it is not asked for; it would not fit. */
const MOST_STEPS = 100_000
const NOTHING: TreeState = { dropped: null, unkept: null, cut: 0 }

const known = new WeakMap<Page, Tree>()

/** The same for the same page. From the first call on branches are kept, and brought back. */
export function treeOf(page: Page): Tree {
  const tree = known.get(page) ?? createTree(page)
  known.set(page, tree)
  return tree
}

function createTree({ desk: { ports, store: facts, ask } }: Page): Tree {
  const store = createStore<TreeState>()(() => NOTHING)
  /** Schedules that were dropped here: another window may still have them kept. */
  let gone = new Set<string>()
  let saved = ''
  let waiting: (() => void) | null = null
  /** The session whose kept branches are there again: before, nothing is written over them. */
  let restored = -1

  facts.subscribe((state, before) => {
    if (state.view === null || state.view === before.view) return
    if (state.session !== before.session) void restore()
    else if (restored === state.session && markOf(state.view) !== saved) later()
  })
  if (facts.getState().view !== null) void restore()

  async function restore(): Promise<void> {
    const { view, session } = facts.getState()
    if (view === null) return
    waiting?.()
    waiting = null
    gone = new Set()
    store.setState(NOTHING)
    const branches = readTree(ports.memory, keyOf(view))
    if (branches.length > 0) {
      const cut = await change({ kind: 'graft', scenario: view.scenario.id, params: view.params, branches, ordered: true })
      if (facts.getState().session !== session) return
      store.setState({ cut: cut ?? 0 })
    }
    restored = session
    saved = markOf(facts.getState().view as View)
  }

  /** Asks past the queue, since nothing moves; the tree of the answer takes the place of the one in view. */
  async function change(request: Request): Promise<number | null> {
    const { session } = facts.getState()
    const reply = await ports.stepper.request(request)
    const { view } = facts.getState()
    if (reply.kind !== 'branches' || view === null || facts.getState().session !== session) return null
    facts.setState({ view: withBranches(view, reply.branches) })
    return reply.cut
  }

  function later(): void {
    waiting?.()
    waiting = ports.timer.after(REST_MS, () => {
      waiting = null
      void save()
    })
  }

  async function save(): Promise<void> {
    const { view, session } = facts.getState()
    if (view === null) return
    const mark = markOf(view)
    const reply = await ports.stepper.request({ kind: 'schedules', most: MOST_STEPS })
    if (reply.kind !== 'schedules' || facts.getState().session !== session) return
    const schedules = new Map(reply.branches.map(({ id, schedule }) => [id, schedule]))
    const own = view.branches.flatMap(({ id, ...branch }) => {
      const schedule = schedules.get(id)
      return schedule === undefined ? [] : [{ ...branch, schedule }]
    })
    const key = keyOf(view)
    const { kept, tooLong } = fitted(own, readTree(ports.memory, key), gone)
    const full = !keepTree(ports.memory, key, kept)
    saved = mark
    const others = keptElsewhere(ports.memory, key)
    store.setState({ unkept: full ? { why: 'full', names: [], others } : tooLong.length > 0 ? { why: 'long', names: tooLong, others } : null })
  }

  async function drop(branch: number): Promise<void> {
    const { view } = facts.getState()
    const info = view?.branches.find(({ id }) => id === branch)
    if (view === null || info === undefined || view.branches.length === 1) return
    const reply = await ports.stepper.request({ kind: 'schedules', most: Number.MAX_SAFE_INTEGER })
    const schedule = reply.kind === 'schedules' ? reply.branches.find(({ id }) => id === branch)?.schedule : null
    if (schedule == null) return
    const { name, named, starred } = info
    gone.add(schedule)
    store.setState({ dropped: { name, named, starred, schedule } })
    await change({ kind: 'drop-branch', branch })
  }

  return {
    store,
    rename(branch, name) {
      const wanted = name.trim().slice(0, LONGEST_NAME)
      if (wanted !== '') void change({ kind: 'change-branch', branch, name: wanted })
    },
    star: (branch, starred) => void change({ kind: 'change-branch', branch, starred }),
    drop(branch) {
      const { view } = facts.getState()
      if (view === null) return
      if (branch !== view.branch) {
        void drop(branch)
        return
      }
      const instead = view.branches.find(({ id }) => id === branch)?.parent ?? view.branches.find(({ id }) => id !== branch)?.id
      if (instead !== undefined) ask({ arrival: 'jump', request: () => ({ kind: 'checkout', branch: instead }), onView: () => void drop(branch) })
    },
    bringBack() {
      const { view } = facts.getState()
      const { dropped } = store.getState()
      if (view === null || dropped === null) return
      gone.delete(dropped.schedule)
      store.setState({ dropped: null })
      void change({ kind: 'graft', scenario: view.scenario.id, params: view.params, branches: [dropped], ordered: false })
    },
    forgetOthers() {
      const { view } = facts.getState()
      if (view === null) return
      forgetTrees(ports.memory, keyOf(view))
      void save()
    },
    async linkOf(branch) {
      const reply = await ports.stepper.request({ kind: 'branch-link', branch })
      return reply.kind === 'link' ? `${ports.address.base()}#${reply.fragment}` : null
    },
  }
}

export const LONGEST_NAME = 60

function keyOf({ scenario, params }: View): string {
  return verdictKey(scenario.id, params)
}

/** Changes whenever something that is kept has changed. */
function markOf({ branches }: View): string {
  return branches.map(({ id, name, starred, length }) => `${id} ${name} ${starred} ${length}`).join('\n')
}

/** The same view with another tree. What it computes when it is asked stays so. */
function withBranches(view: View, branches: readonly BranchInfo[]): View {
  return Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(view), branches: { value: branches, enumerable: true } }) as View
}
