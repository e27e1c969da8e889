/**
 * The searches of a worker: of all interleavings, of one cell of the ablation table, of what lies ahead. The last full search is kept: it can go on with higher
 * limits where it was cut, and it knows how much of the space a run has seen.
 */

import { parseSchedule } from '../machine/choice.ts'
import type { Decode } from '../machine/instruction.ts'
import { cellResult, planAblation, searchCell } from '../scenario/ablation.ts'
import { build } from '../scenario/build.ts'
import { Exploration } from '../scenario/explore.ts'
import type { Scenario } from '../scenario/format.ts'
import { Inevitable } from '../scenario/inevitable.ts'
import { LookAhead } from '../scenario/look-ahead.ts'
import type { Answer, Request, SearchVerdict } from './protocol.ts'
import type { Wanted } from './sources.ts'

/** Transitions between two looks at the clock, and milliseconds between two looks at the mailbox. */
const SLICE = 4000
const PAUSE_MS = 15
const PROGRESS_MS = 100
/** Of the present branch, for the share of states seen. */
const MOST_TRACED = 50_000

type Of<Kind extends Request['kind']> = Extract<Request, { kind: Kind }>

/** What a search has to do with the worker around it. */
export interface Office {
  readonly decode: Decode
  readonly reply: (answer: Answer) => void
  /** Lets messages in; false when this work is no longer wanted. */
  readonly goesOn: () => Promise<boolean>
}

interface Kept {
  readonly key: string
  readonly exploration: Exploration
  /** Seconds that it took so far. */
  seconds: number
  readonly states: Set<number>
  readonly outcomes: Set<string>
}

export class Searches {
  private readonly scenario: (wanted: Wanted) => Scenario | undefined
  private kept: Kept | null = null

  constructor(scenario: (wanted: Wanted) => Scenario | undefined) {
    this.scenario = scenario
  }

  /** Begins a search, or goes on with the one that was cut. */
  async search(request: Of<'search'>, { decode, reply, goesOn }: Office): Promise<void> {
    const limits = { maxStates: request.maxStates, maxBytes: request.maxMb * 1e6 }
    const key = keyOf(request)
    if (this.kept?.key === key && this.kept.exploration.result().cut !== null) this.kept.exploration.resume(limits)
    else {
      const exploration = this.begin(request, decode, reply, limits)
      if (exploration === null) return
      this.kept = { key, exploration, seconds: 0, states: new Set(), outcomes: new Set() }
    }
    const { kept } = this
    const before = kept.seconds
    await inSlices(
      (clock) => {
        kept.seconds = before + clock
        return kept.exploration.run(SLICE)
      },
      goesOn,
      () => kept.exploration.cancel(),
      () => {
        const { states, transitions, frontier, depth, bytes } = kept.exploration.progress()
        reply({ kind: 'progress', progress: { states, transitions, frontier, depth, bytes, seconds: kept.seconds } })
      },
    )
    const verdict: SearchVerdict = { ...kept.exploration.result(), seconds: kept.seconds, params: request.params }
    reply({ kind: 'verdict', verdict })
  }

  /** How much of the kept space has been seen, when this schedule is counted in. */
  coverage(request: Of<'coverage'>, reply: (answer: Answer) => void): void {
    const { kept } = this
    const result = kept?.key === keyOf(request) ? kept.exploration.result() : null
    if (kept === null || result === null || !result.complete) {
      reply({ kind: 'coverage', coverage: null })
      return
    }
    kept.exploration.trace(parseSchedule(request.schedule, MOST_TRACED).schedule, kept.states, kept.outcomes)
    const { states, outcomes } = result
    reply({ kind: 'coverage', coverage: { seen: kept.states.size, states, outcomesSeen: [...kept.outcomes], outcomes: outcomes.length } })
  }

  plan(request: Of<'ablation-plan'>, reply: (answer: Answer) => void): void {
    const scenario = this.scenario(request)
    if (scenario === undefined) {
      reply(unknown(request.scenario))
      return
    }
    // All fetch models, whichever is chosen now.
    const params = Object.fromEntries(Object.entries(request.params).filter(([name]) => name !== scenario.file.machine.fetch))
    const plan = planAblation(scenario.file, { params, pairs: request.pairs })
    if (plan.ok) reply({ kind: 'ablation-plan', plan: plan.value })
    else reply({ kind: 'refused', message: 'The table cannot be made.', detail: plan.error })
  }

  async cell(request: Of<'cell'>, { decode, reply, goesOn }: Office): Promise<void> {
    const scenario = this.scenario(request)
    if (scenario === undefined) {
      reply(unknown(request.scenario))
      return
    }
    const created = searchCell(scenario, request.params, decode, { maxStates: request.maxStates, maxBytes: request.maxMb * 1e6 })
    if (!created.ok) {
      reply({ kind: 'refused', message: `${scenario.file.id} cannot be built with these parameters.`, detail: created.error })
      return
    }
    const { exploration } = created.value
    await inSlices(
      () => exploration.run(SLICE),
      goesOn,
      () => exploration.cancel(),
      () => {},
    )
    reply({ kind: 'cell', result: cellResult(exploration) })
  }

  async lookAhead(request: Of<'look-ahead'>, { decode, reply, goesOn }: Office): Promise<void> {
    const scenario = this.scenario(request)
    if (scenario === undefined) {
      reply(unknown(request.scenario))
      return
    }
    const built = build(scenario, request.params, decode)
    if (!built.ok) {
      reply({ kind: 'refused', message: `${scenario.file.id} cannot be built with these parameters.`, detail: built.error })
      return
    }
    let begun = performance.now()
    const late = () => performance.now() - begun > request.maxMs
    const schedule = parseSchedule(request.schedule).schedule.slice(0, request.cursor)
    const created = LookAhead.create(built.value, schedule, { maxStates: request.maxStates, maxBytes: request.maxMb * 1e6, deadline: late })
    if (!created.ok) {
      reply({ kind: 'refused', message: 'What lies ahead cannot be searched.', detail: created.error })
      return
    }
    const look = created.value
    let known = 0
    let wanted = true
    await inSlices(
      () => {
        const more = look.run(SLICE)
        if (look.answers.length > known) {
          known = look.answers.length
          begun = performance.now()
          reply({ kind: 'ahead-progress', answers: [...look.answers] })
        }
        return more && wanted
      },
      goesOn,
      () => {
        wanted = false
      },
      () => {},
    )
    reply({ kind: 'ahead', answers: [...look.answers] })
  }

  async inevitable(request: Of<'inevitable'>, { decode, reply, goesOn }: Office): Promise<void> {
    const scenario = this.scenario(request)
    if (scenario === undefined) {
      reply(unknown(request.scenario))
      return
    }
    const built = build(scenario, request.params, decode)
    if (!built.ok) {
      reply({ kind: 'refused', message: `${scenario.file.id} cannot be built with these parameters.`, detail: built.error })
      return
    }
    const begun = performance.now()
    const deadline = () => performance.now() - begun > request.maxMs
    const schedule = parseSchedule(request.schedule, request.violated).schedule.slice(0, request.violated)
    const created = Inevitable.create(built.value, schedule, { maxStates: request.maxStates, maxBytes: request.maxMb * 1e6, deadline })
    if (!created.ok) {
      reply({ kind: 'refused', message: 'What was inevitable cannot be searched.', detail: created.error })
      return
    }
    let wanted = true
    await inSlices(
      () => wanted && created.value.run(SLICE),
      goesOn,
      () => {
        wanted = false
      },
      () => {},
    )
    reply({ kind: 'inevitable', answer: created.value.result ?? { kind: 'cut', states: 0 } })
  }

  private begin(
    request: Of<'search'>,
    decode: Decode,
    reply: (answer: Answer) => void,
    limits: { maxStates: number; maxBytes: number },
  ): Exploration | null {
    // The old space is let go before the new one grows.
    this.kept = null
    const scenario = this.scenario(request)
    if (scenario === undefined) {
      reply(unknown(request.scenario))
      return null
    }
    const built = build(scenario, request.params, decode)
    if (!built.ok) {
      reply({ kind: 'refused', message: `${scenario.file.id} cannot be built with these parameters.`, detail: built.error })
      return null
    }
    const created = Exploration.create(built.value, limits)
    if (created.ok) return created.value
    reply({ kind: 'refused', message: 'The properties cannot be checked.', detail: created.error })
    return null
  }
}

function keyOf({ scenario, params }: { readonly scenario: string; readonly params: Readonly<Record<string, string>> }): string {
  return JSON.stringify([scenario, Object.entries(params).sort()])
}

function unknown(scenario: string): Answer {
  return { kind: 'refused', message: `There is no scenario "${scenario}".`, detail: [] }
}

/** `work` is told the seconds since it began, and answers false when there is nothing left. Between slices the worker hears messages. */
async function inSlices(work: (seconds: number) => boolean, goesOn: () => Promise<boolean>, stop: () => void, tell: () => void): Promise<void> {
  const start = performance.now()
  let told = start
  let paused = start
  while (work((performance.now() - start) / 1000)) {
    const now = performance.now()
    if (now - told > PROGRESS_MS) {
      tell()
      told = now
    }
    if (now - paused > PAUSE_MS) {
      if (!(await goesOn())) stop()
      paused = performance.now()
    }
  }
}
