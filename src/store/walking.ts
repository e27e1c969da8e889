/** Stepping as debuggers do, with breakpoints and watchpoints. They belong to a scenario and are remembered with it. */
import type { Point, PointView, Scheduler, WalkGoal } from '../worker/protocol.ts'
import type { Desk } from './page.ts'
import type { Memory } from './ports.ts'
import { shownCpu } from './selectors.ts'
import type { PageState } from './state.ts'
import type { Stepping } from './stepping.ts'

export interface WalkingState {
  readonly points: readonly Point[]
  /** By a point's number: its address, as the code says it. Nothing where it is written wrongly. */
  readonly places: Readonly<Record<number, string>>
  /** What was typed into the palette and the console, and what was answered. */
  readonly said: readonly ConsoleLine[]
}

export interface ConsoleLine {
  readonly key: number
  readonly tone: 'typed' | 'said' | 'error'
  readonly text: string
}

export const NO_POINTS: WalkingState = { points: [], places: {}, said: [] }

/** A point without its number; what is left out is not asked for. */
export type NewPoint = { readonly where: string; readonly cpu?: number | null; readonly condition?: string } & (
  | { readonly kind: 'break' }
  | { readonly kind: 'watch'; readonly size?: number; readonly access?: 'read' | 'write' | 'change' }
)

export interface Walking {
  /** Of the CPU that is shown; `back` undoes what the same goal does forwards. */
  walk(goal: WalkGoal, back?: boolean, times?: number): void
  /** To where a CPU stands at this code; without an address, at the code that is selected, or has changed the bytes that are. */
  runHere(back?: boolean, code?: string): void
  addPoint(point: NewPoint): Point
  setPointEnabled(id: number, enabled: boolean): void
  removePoint(id: number): void
  /** At this address, else at the code that is selected, else where the shown CPU stands. */
  toggleBreakpoint(address?: string): void
  /** What each point stands at, and when it stopped last and next. */
  viewPoints(): Promise<readonly PointView[]>
  /** `p expression`, `x/8xb address`, of the shown CPU. */
  question(text: string): Promise<{ readonly lines: readonly string[]; readonly error: string | null }>
}

const MOST_STEPS = 200_000
/** Scenarios whose points are remembered: the last ones. */
const REMEMBERED = 40

export function createWalking({ store, ask, ports, notes }: Desk, { pause }: Pick<Stepping, 'pause'>): Walking {
  const { memory } = ports
  let scenario: string | null = null
  store.subscribe(({ view }) => {
    const id = view?.scenario.id ?? null
    if (id === scenario) return
    scenario = id
    store.setState({ points: id === null ? [] : (remembered(memory)[id] ?? []) })
  })
  // Another choice of parameters moves the code.
  store.subscribe((state, before) => {
    if (state.view !== null && (state.points !== before.points || state.session !== before.session)) void locate(state.points)
  })

  async function locate(points: readonly Point[]): Promise<void> {
    const views = points.length === 0 ? [] : await lookAt(points, false)
    const places = views.flatMap(({ id, address }) => (address === null ? [] : [[id, address] as const]))
    if (store.getState().points === points) store.setState({ places: Object.fromEntries(places) })
  }

  async function lookAt(points: readonly Point[], near: boolean): Promise<readonly PointView[]> {
    const reply = await ports.stepper.request({ kind: 'points', points, near })
    return reply.kind === 'points' ? reply.points : []
  }

  function setPoints(points: readonly Point[]): void {
    store.setState({ points })
    if (scenario === null) return
    const { [scenario]: _, ...others } = remembered(memory)
    const kept = Object.entries(others).slice(1 - REMEMBERED)
    memory.set('points', JSON.stringify(Object.fromEntries(points.length === 0 ? kept : [...kept, [scenario, points]])))
  }

  function addPoint(point: NewPoint): Point {
    const { points } = store.getState()
    const id = Math.max(0, ...points.map((each) => each.id)) + 1
    const common = { id, enabled: true, cpu: point.cpu ?? null, where: point.where, condition: point.condition ?? '' }
    const made: Point =
      point.kind === 'break' ? { kind: 'break', ...common } : { kind: 'watch', ...common, size: point.size ?? 8, access: point.access ?? 'change' }
    setPoints([...points, made])
    return made
  }

  function walk(goal: WalkGoal, back: boolean, times: number, pointsOf: (state: PageState) => readonly Point[]): void {
    pause()
    ask({
      arrival: goal === 'point' ? 'jump' : 'replace',
      yields: true,
      request: (state) => {
        if (state.view === null || (back && state.view.cursor === 0)) return null
        store.setState({ running: true })
        const scheduler = walkScheduler(state)
        return { kind: 'walk', goal, back, times, cpu: shownCpu(state), points: pointsOf(state), scheduler, maxSteps: MOST_STEPS }
      },
      onAnswer: () => store.setState({ running: false }),
      // The caption says why it stopped: a message above the panels would push them down at every breakpoint.
      onView: () => notes.set('remarks', null),
    })
  }

  return {
    walk: (goal, back = false, times = 1) => walk(goal, back, times, ({ points }) => points),
    runHere(back = false, code) {
      const where = code === undefined ? selectedPlace(store.getState()) : { address: code, size: 1, isCode: true }
      if (where === null) {
        const lines = [`Nothing is selected to run ${back ? 'back ' : ''}to: select an instruction, a call site or a byte first.`]
        notes.set('remarks', { tone: 'plain', title: '', lines, report: null })
        return
      }
      const common = { id: 0, enabled: true, cpu: null, where: where.address, condition: '' }
      const here: Point[] = where.isCode ? [{ kind: 'break', ...common }] : [{ kind: 'watch', ...common, size: where.size, access: 'change' }]
      walk('point', back, 1, () => here)
    },
    addPoint,
    setPointEnabled: (id, enabled) => setPoints(store.getState().points.map((point) => (point.id === id ? { ...point, enabled } : point))),
    removePoint: (id) => setPoints(store.getState().points.filter((point) => point.id !== id)),
    toggleBreakpoint(given) {
      const state = store.getState()
      const selected = selectedPlace(state)
      const where = given ?? (selected?.isCode === true ? selected.address : state.view?.snapshot.cpus[shownCpu(state)]?.rip)
      if (where === undefined) return
      const found = breakpointAt(state, where)
      if (found !== undefined) setPoints(state.points.filter((point) => point !== found))
      else addPoint({ kind: 'break', where })
    },
    viewPoints: () => lookAt(store.getState().points, true),
    async question(text) {
      const reply = await ports.stepper.request({ kind: 'question', cpu: shownCpu(store.getState()), text })
      return reply.kind === 'question' ? reply : { lines: [], error: 'The emulator does not answer.' }
    },
  }
}

/** The breakpoint at this address, however it was written. */
export function breakpointAt({ points, places }: WalkingState, address: string): Point | undefined {
  return points.find(({ kind, id, where }) => kind === 'break' && (places[id] ?? where) === address)
}

function walkScheduler({ play: { scheduler } }: PageState): Scheduler {
  return scheduler.kind === 'same-cpu' ? { kind: 'fewest-switches' } : scheduler
}

/** Of the selection: an instruction of the code that some CPU shows or a call site, or other bytes. */
function selectedPlace({ selection, view }: PageState): { readonly address: string; readonly size: number; readonly isCode: boolean } | null {
  if (selection?.kind !== 'bytes' || selection.address === null || view === null) return null
  const { address } = selection
  const { cpus, data } = view.snapshot
  const isCode = cpus.some(({ code }) => code.some((line) => line.address === address)) || !data.some((each) => each.address === address)
  return { address, size: [8, 4, 2].find((each) => each <= (selection.size ?? 1)) ?? 1, isCode }
}

/** What cannot be read is forgotten. */
function remembered(memory: Memory): Record<string, readonly Point[]> {
  try {
    const found: unknown = JSON.parse(memory.get('points') ?? '{}')
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return {}
    return Object.fromEntries(Object.entries(found).map(([id, points]) => [id, Array.isArray(points) ? points.filter(isPoint) : []]))
  } catch {
    return {}
  }
}

function isPoint(value: unknown): value is Point {
  if (typeof value !== 'object' || value === null) return false
  const { id, enabled, cpu, where, condition, kind, size, access } = value as Record<string, unknown>
  const common = typeof id === 'number' && typeof enabled === 'boolean' && (cpu === null || typeof cpu === 'number') && typeof where === 'string'
  if (!common || typeof condition !== 'string') return false
  return kind === 'break' || (kind === 'watch' && typeof size === 'number' && (access === 'read' || access === 'write' || access === 'change'))
}
