/**
 * Playing: who moves when the run goes on by itself, how fast, and what is asked of the worker for it.
 *
 * Where the run goes on already, playing follows it, unless somebody else was chosen there: then it leaves the run at that very place. What the run went on to
 * stays, as a branch.
 */
import type { Request, Scheduler } from '../worker/protocol.ts'
import { defaultChoice } from './default-choice.ts'
import type { Memory } from './ports.ts'
import { INITIAL, type PageState, type Playing, SPEEDS } from './state.ts'

export const SCHEDULERS: readonly { readonly words: string; readonly scheduler: Scheduler }[] = [
  { words: 'same CPU', scheduler: { kind: 'same-cpu' } },
  { words: 'in turn', scheduler: { kind: 'round-robin' } },
  { words: 'at random', scheduler: { kind: 'random', seed: 1 } },
  { words: 'few switches', scheduler: { kind: 'fewest-switches' } },
]

/** For a room to read what a decisive moment means. */
const READ_MS = 5000
/** Pictures a second, about: who plays faster takes several steps for each. */
const PICTURES = 30
/** A page that draws slower than that plays slower than it was told to. */
const MOST_MS = 250

/** `speed`: steps a second. */
export function speedWords(speed: number): string {
  return speed < 1 ? `1 in ${1 / speed} s` : `${speed.toLocaleString('en-US')} / s`
}

/** Does the run go on from here? */
export function hasFuture({ view }: PageState): boolean {
  return view !== null && view.cursor < view.length
}

/** Does playing follow the run from here? Nobody is asked who moves then. */
export function follows(state: PageState): boolean {
  return hasFuture(state) && !state.play.departs
}

/** One step: along the run where it goes on, else the default choice. */
export function stepOn(state: PageState): Request | null {
  const { view } = state
  if (view === null) return null
  return view.cursor < view.length ? { kind: 'seek', step: view.cursor + 1 } : takeDefault(state)
}

function takeDefault({ view, timeline }: PageState): Request | null {
  const choice = view?.snapshot.choices[defaultChoice(view, timeline)]
  return choice === undefined ? null : { kind: 'take', choice: choice.choice }
}

/** What is played next: at most so many steps. */
export function playOn(state: PageState, steps: number): Request | null {
  const { view } = state
  const { scheduler, departs } = state.play
  if (view === null) return null
  if (follows(state)) return { kind: 'seek', step: Math.min(view.cursor + steps, ...stops(state).filter((step) => step > view.cursor)) }
  // In the middle of a run only the page knows who waits there; and one step at the end is what the Step button does.
  if (scheduler.kind === 'same-cpu' && (departs || steps === 1)) return takeDefault(state)
  // Each request is a run of its own, so a random scheduler needs another seed each time; the step number makes it repeatable.
  const own =
    scheduler.kind === 'random' ? ({ kind: 'random', seed: (scheduler.seed + Math.imul(view.cursor, 0x9e3779b1)) >>> 0 } as const) : scheduler
  return { kind: 'run', target: 'steps', cpu: null, scheduler: own, departs, maxSteps: steps }
}

/** Steps of the run where playing must not rush past. */
function stops({ view, presenting }: PageState): readonly number[] {
  if (view === null) return []
  const violated = view.branches.find(({ id }) => id === view.branch)?.violatedAt ?? null
  return [view.length, ...(violated === null ? [] : [violated]), ...(presenting ? view.moments.map(({ step }) => step) : [])]
}

/** Steps for the next picture, where the last one has taken so many milliseconds. */
export function stepsFor({ play: { stepsPerSecond } }: PageState, took: number): number {
  if (stepsPerSecond <= PICTURES) return 1
  return Math.round((stepsPerSecond * Math.min(MOST_MS, Math.max(1000 / PICTURES, took))) / 1000)
}

/** Milliseconds from one picture to the next. A room is given time to read what a decisive moment means. */
export function restAfter(state: PageState): number {
  const { presenting, view, play } = state
  const between = 1000 / Math.min(PICTURES, play.stepsPerSecond)
  return presenting && view?.moments.some(({ step }) => step === view.cursor) === true ? Math.max(between, READ_MS) : between
}

/** What was chosen last time. */
export function restorePlaying(memory: Memory): Playing {
  const speed = SPEEDS.find((each) => String(each) === memory.get('speed'))
  const [kind, seed] = (memory.get('scheduler') ?? '').split(' ')
  const scheduler = SCHEDULERS.find((each) => each.scheduler.kind === kind)?.scheduler ?? INITIAL.play.scheduler
  const isSeed = seed !== undefined && /^\d{1,10}$/.test(seed) && Number(seed) <= 0xffff_ffff
  return {
    stepsPerSecond: speed ?? INITIAL.play.stepsPerSecond,
    scheduler: scheduler.kind === 'random' && isSeed ? { kind: 'random', seed: Number(seed) } : scheduler,
    departs: false,
  }
}

export function rememberScheduler(memory: Memory, scheduler: Scheduler): void {
  memory.set('scheduler', scheduler.kind === 'random' ? `random ${scheduler.seed}` : scheduler.kind)
}
