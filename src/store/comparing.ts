/**
 * Two runs side by side: which they are, what the comparison says, and where in it one stands. Loaded when it is first wanted; it keeps its facts to itself. A helper of
 * its own compares, so that stepping goes on.
 */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ComparedRow, Comparison, SearchProgress, StateDifference } from '../worker/protocol.ts'
import type { Page } from './page.ts'
import type { Helper } from './ports.ts'
import { verdictKey } from './selectors.ts'
import type { Params } from './state.ts'

/** What stands on the right. */
export type OtherRun =
  | { readonly kind: 'branch'; readonly branch: number }
  /** The same choices, as far as they go, with other parameters. */
  | { readonly kind: 'carried'; readonly params: Params }
  /** The shortest race with other parameters. */
  | { readonly kind: 'race'; readonly params: Params }
  | { readonly kind: 'link'; readonly text: string }

/** A row of a CPU; -1 stands before the first. */
export interface Place {
  readonly cpu: number
  readonly row: number
}

export interface CompareState {
  /** The branch on the left. */
  readonly own: number
  readonly other: OtherRun | null
  readonly busy: boolean
  /** Of the search for a race that has to be found first. */
  readonly progress: SearchProgress | null
  readonly refused: readonly string[]
  readonly comparison: Comparison | null
  readonly place: Place
  /** How the states differ there; null while that is not known. */
  readonly differences: readonly StateDifference[] | null
}

export interface Comparing {
  readonly store: StoreApi<CompareState>
  /** Compares a branch with another run. */
  compare(own: number, other: OtherRun): void
  /** Ends what is under way. */
  cancel(): void
  go(place: Place): void
  /** Row by row, or from one difference to the next, along the CPU where one stands. */
  walk(by: 1 | -1, differences: boolean): void
  /** Ends the helper; what was chosen stays. */
  close(): void
}

interface RunAsked {
  readonly scenario: string
  readonly source?: string
  readonly params: Params
  readonly schedule: string
}

/** Longer branches are not compared; a worker cuts at less, and says so. */
const MOST_STEPS = 200_000
const LIMITS = { maxStates: 2_000_000, maxMb: 1024 }

const known = new WeakMap<Page, Comparing>()

/** The same for the same page. */
export function comparingOf(page: Page): Comparing {
  const comparing = known.get(page) ?? createComparing(page)
  known.set(page, comparing)
  return comparing
}

function createComparing({ desk: { ports, store: facts } }: Page): Comparing {
  const start = { own: 0, other: null, busy: false, progress: null, refused: [], comparison: null, place: { cpu: 0, row: -1 }, differences: null }
  const store = createStore<CompareState>()(() => start)
  let helper: Helper | null = null
  let searcher: Helper | null = null
  /** Of the last question; answers to older ones are of no use. */
  let asked = 0
  let looking = false

  facts.subscribe(({ session }, before) => {
    // Branches belong to a session.
    if (session === before.session) return
    asked++
    store.setState(start)
  })

  async function compare(own: number, other: OtherRun): Promise<void> {
    const turn = ++asked
    endSearch()
    store.setState({ own, other, busy: true, progress: null, refused: [], comparison: null, differences: null })
    if (other.kind === 'link' && other.text.trim() === '') {
      // Nothing has been pasted yet.
      store.setState({ busy: false })
      return
    }
    const refuse = (...refused: readonly string[]) => {
      if (turn === asked) store.setState({ busy: false, progress: null, refused })
    }
    const runs = await runsOf(own, other, turn)
    if (turn !== asked) return
    if (!Array.isArray(runs)) return refuse(runs as string)
    helper ??= ports.help()
    for (const [i, side] of (['a', 'b'] as const).entries()) {
      const reply = await helper.request({ kind: 'compare-run', side, ...(runs[i] as RunAsked) })
      if (turn !== asked) return
      if (reply.kind === 'refused') return refuse(reply.message, ...reply.detail)
      if (reply.kind === 'crashed') return refuse(reply.message)
    }
    const reply = await helper.request({ kind: 'compare' })
    if (turn !== asked) return
    if (reply.kind !== 'compare') return refuse(reply.kind === 'refused' || reply.kind === 'crashed' ? reply.message : 'There is no answer.')
    store.setState({ busy: false, comparison: reply })
    go(firstPlace(reply))
  }

  /** Both runs; a sentence where one of them is none. */
  async function runsOf(own: number, other: OtherRun, turn: number): Promise<readonly RunAsked[] | string> {
    const { view } = facts.getState()
    if (view === null) return 'Nothing is open.'
    const reply = await ports.stepper.request({ kind: 'schedules', most: MOST_STEPS })
    if (reply.kind !== 'schedules') return 'The emulator does not answer.'
    const of = (branch: number) => reply.branches.find(({ id }) => id === branch)?.schedule ?? null
    const schedule = of(own)
    if (schedule === null) return `This branch is longer than ${MOST_STEPS.toLocaleString('en-US')} steps, or is no more.`
    const scenario = view.scenario.id
    const run = { scenario, params: view.params, schedule }
    switch (other.kind) {
      case 'branch': {
        const beside = of(other.branch)
        return beside === null ? 'The other branch is too long, or is no more.' : [run, { ...run, schedule: beside }]
      }
      case 'carried':
        return [run, { scenario, params: other.params, schedule }]
      case 'race': {
        const race = await raceOf(scenario, other.params, turn)
        return race.found ? [run, { scenario, params: other.params, schedule: race.schedule }] : race.why
      }
      case 'link': {
        const beside = await linked(other.text)
        return typeof beside === 'string' ? beside : [run, beside]
      }
    }
  }

  async function raceOf(scenario: string, params: Params, turn: number): Promise<{ found: true; schedule: string } | { found: false; why: string }> {
    let verdict = facts.getState().verdicts[verdictKey(scenario, params)]
    if (verdict === undefined) {
      searcher = ports.help()
      searcher.onProgress = (progress) => {
        if (turn === asked) store.setState({ progress })
      }
      const reply = await searcher.request({ kind: 'search', scenario, params, ...LIMITS })
      endSearch()
      if (reply.kind !== 'verdict') return { found: false, why: reply.kind === 'refused' ? reply.message : 'The search was stopped.' }
      verdict = reply.verdict
      const found = verdict
      facts.setState(({ verdicts }) => ({ verdicts: { ...verdicts, [verdictKey(scenario, params)]: found } }))
    }
    const [race] = verdict.violations
    if (race !== undefined) return { found: true, schedule: race.schedule }
    const states = `${verdict.states.toLocaleString('en-US')} states`
    return {
      found: false,
      why:
        verdict.kind === 'exhausted'
          ? `With these parameters there is no race: all ${states} were visited. Compare with the same choices carried over instead.`
          : `The search stopped at a bound after ${states}, without a race.`,
    }
  }

  async function linked(text: string): Promise<RunAsked | string> {
    const read = await ports.linkReader()
    const { link } = read(text.trim().replace(/^[^#]*#/, ''))
    if (link.scenario === undefined) return 'This is no link to a run: it names no scenario.'
    const { params = {}, schedule = '', source } = link
    return {
      scenario: source === undefined ? link.scenario : `${link.scenario}~pasted`,
      params,
      schedule,
      ...(source === undefined ? {} : { source }),
    }
  }

  function go(place: Place): void {
    store.setState({ place })
    if (!looking) void look()
  }

  /** While one question is under way only the last place that is wanted meanwhile follows. */
  async function look(): Promise<void> {
    looking = true
    for (;;) {
      const { comparison, place } = store.getState()
      if (comparison === null || helper === null) break
      const { a, b } = stepsAt(comparison, place)
      const reply = await helper.request({ kind: 'compare-at', a, b })
      const now = store.getState()
      if (now.comparison !== comparison) continue
      if (reply.kind === 'compare-at') store.setState({ differences: reply.differences })
      const wanted = stepsAt(comparison, now.place)
      if (wanted.a === a && wanted.b === b) break
    }
    looking = false
  }

  /** What it works on is of no use any more. */
  function endHelper(): void {
    helper?.dispose()
    helper = null
    looking = false
  }

  function endSearch(): void {
    searcher?.dispose()
    searcher = null
  }

  return {
    store,
    compare: (own, other) => void compare(own, other),
    cancel() {
      asked++
      endSearch()
      endHelper()
      store.setState({ busy: false, progress: null })
    },
    go,
    walk(by, differences) {
      const { comparison, place } = store.getState()
      if (comparison !== null) go({ ...place, row: nextRow(rowsOf(comparison, place.cpu), place.row, by, differences) })
    },
    close() {
      asked++
      endSearch()
      endHelper()
      store.setState({ busy: false, progress: null, comparison: null, differences: null })
    },
  }
}

export function rowsOf({ runs }: Comparison, cpu: number): readonly ComparedRow[] {
  return runs.cpus.find((each) => each.cpu === cpu)?.rows ?? []
}

/** Steps taken in each run when this row has been done: where one run lacks the row, it stays where its CPU was. */
export function stepsAt(comparison: Comparison, { cpu, row }: Place): { readonly a: number; readonly b: number } {
  const rows = rowsOf(comparison, cpu)
  const last = (side: 'a' | 'b') => {
    for (let i = row; i >= 0; i--) {
      const step = rows[i]?.[side]
      if (step !== null && step !== undefined) return step + 1
    }
    return 0
  }
  return { a: last('a'), b: last('b') }
}

export function isDifference({ a, b, differs }: ComparedRow): boolean {
  return differs || a === null || b === null
}

/** The neighbouring row; of differences, the first of the next stretch of them. Stays where there is none. */
export function nextRow(rows: readonly ComparedRow[], from: number, by: 1 | -1, differences: boolean): number {
  if (!differences) return Math.max(-1, Math.min(rows.length - 1, from + by))
  const begins = (row: number) => isDifference(rows[row] as ComparedRow) && (row === 0 || !isDifference(rows[row - 1] as ComparedRow))
  for (let row = from + by; row >= 0 && row < rows.length; row += by) if (begins(row)) return row
  return from
}

/** The first difference, or the start. */
function firstPlace(comparison: Comparison): Place {
  const { first, cpus } = comparison.runs
  if (first === null) return { cpu: 0, row: -1 }
  const row = cpus.find(({ cpu }) => cpu === first.cpu)?.rows.findIndex(({ a, b }) => a === first.row.a && b === first.row.b) ?? -1
  return { cpu: first.cpu, row }
}
