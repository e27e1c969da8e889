/** One search shared by several threads, told as the search in one thread would tell it. */
import { searchShared } from '../explorer/shared-search.ts'
import type { Instance } from '../scenario/build.ts'
import { CUTS, type Exploration, type ExploreResult } from '../scenario/explore.ts'
import type { CliIo } from './io.ts'
import { startOwners } from './owners.ts'

export interface SharedOptions {
  readonly owners: number
  readonly maxStates: number
  readonly maxMb: number
  readonly maxSeconds: number
  readonly seconds: () => number
}

/** `here` names properties and schedules; it searches nothing. Null where some states are stuck, which this search can see but not explain. */
export async function exploreShared(here: Exploration, instance: Instance, options: SharedOptions, io: CliIo): Promise<ExploreResult | null> {
  const { owners, maxStates, maxMb, maxSeconds, seconds } = options
  const team = await startOwners(instance.scenario, instance.params, owners, maxMb)
  let told = seconds()
  let stopped = false
  try {
    const limits = {
      maxStates,
      deadline: () => stopped || seconds() > maxSeconds,
      stuck: instance.scenario.file.properties.some(({ kind }) => kind === 'no-deadlock'),
      properties: here.properties.map(({ id }) => id),
    }
    const verdict = await searchShared(team.ports, limits, (states, transitions, bytes) => {
      void io.stopAsked?.().then((asked) => {
        stopped = asked
      })
      if (seconds() - told < 1) return
      told = seconds()
      io.err(`${states} states, ${transitions} transitions, ${Math.round(bytes / 1e6)} MB, ${owners} threads, ${told.toFixed(1)} s\n`)
    })
    if (verdict.doomed) {
      io.err('some states are stuck: searching in one thread to tell how\n')
      return null
    }
    return {
      kind: verdict.kind,
      states: verdict.states,
      held: verdict.states,
      transitions: verdict.transitions,
      depth: verdict.depth,
      bytes: verdict.peakBytes,
      peakBytes: verdict.peakBytes,
      complete: verdict.cut === null,
      cut: verdict.cut === null ? null : CUTS[verdict.cut === 'time' && stopped ? 'cancelled' : verdict.cut],
      violations: verdict.violations.map(({ property, steps, switches, schedule, fewestSteps }) => ({
        ...{ property, steps, switches },
        title: here.properties.find(({ id }) => id === property)?.title ?? property,
        schedule: here.text(schedule),
        cycle: null,
        trap: null,
        shortest: fewestSteps,
        preemptions: null,
      })),
      outcomes: verdict.outcomes.map(({ key, states, schedule }) => ({ key, states, schedule: here.text(schedule) })),
    }
  } finally {
    await team.end()
  }
}
