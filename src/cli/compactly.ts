/** `explore --compact` and `explore --swarm SEED`: the search that keeps fingerprints, and what it may say. */
import type { Instance } from '../scenario/build.ts'
import { CompactExploration, type CompactResult } from '../scenario/compact-explore.ts'
import type { CliIo } from './io.ts'
import { workOn } from './long-work.ts'
import { linkTo, toldLink } from './replay-link.ts'
import { strategyOf } from './scenarios.ts'

export interface CompactLimits {
  readonly maxStates: number
  readonly maxSeconds: number
  readonly maxMb: number
  /** null: by distance. */
  readonly seed: number | null
}

const SLICE = 4000

/** Searches and prints; answers with the exit code. A swarm's result is always JSON, for `merge`. */
export async function exploreCompactly(
  instance: Instance,
  { maxStates, maxSeconds, maxMb, seed }: CompactLimits,
  json: boolean,
  io: CliIo,
): Promise<number> {
  const start = performance.now()
  const seconds = () => (performance.now() - start) / 1000
  const options = { maxStates, maxBytes: maxMb * 1e6, deadline: () => seconds() > maxSeconds, ...(seed === null ? {} : { seed }) }
  const created = CompactExploration.create(instance, options)
  if (!created.ok) {
    io.err(`explore: ${created.error.join('\n  ')}\n`)
    return 2
  }
  const exploration = created.value
  await workOn(
    () => exploration.run(SLICE),
    () => exploration.cancel(),
    () => `${exploration.states} fingerprints, ${Math.round(exploration.bytes / 1e6)} MB, ${seconds().toFixed(1)} s`,
    io,
  )
  const result = exploration.result()
  const time = Math.round(seconds() * 1000) / 1000
  if (json || seed !== null) io.out(`${JSON.stringify(asJson(instance, result, time, seed))}\n`)
  else io.out(asText(instance, result, time))
  return result.kind === 'violated' ? 1 : 0
}

function asJson(instance: Instance, result: CompactResult, seconds: number, seed: number | null) {
  return {
    scenario: instance.scenario.file.id,
    strategy: strategyOf(instance.scenario.file, instance.params),
    params: instance.params,
    verdict: result.kind,
    states: result.states,
    transitions: result.transitions,
    seconds,
    peakMb: Math.round(result.peakBytes / 1e4) / 100,
    violations: result.violations.map((violation) => ({ ...violation, link: linkTo(instance, violation.schedule) })),
    outcomes: result.outcomes,
    cut: result.cut,
    compaction: { bits: 64, omission: result.omission, notJudged: result.notJudged },
    ...(seed === null ? {} : { swarm: { seed, model: result.model, sketch: result.sketch } }),
  }
}

/** Never "exhausted" without what it is worth. */
export function remark({ omission, notJudged }: { readonly omission: number; readonly notJudged: readonly string[] }): string {
  const rest = notJudged.length === 0 ? '' : `; ${notJudged.join(', ')} not judged`
  return `by 64-bit fingerprints: the probability that a state was omitted is at most ${omission.toExponential(1)}${rest}`
}

function asText(instance: Instance, result: CompactResult, seconds: number): string {
  const words = {
    violated: 'violated',
    exhausted: 'exhausted, nothing is violated',
    cut: `cut by ${result.cut}: not every reachable state was visited`,
  }
  const params = Object.entries(instance.params).map(([name, value]) => `${name}=${value}`)
  const lines = [
    `${instance.scenario.file.id} ${params.join(' ')}`,
    `${words[result.kind]} (${remark(result)})`,
    `${result.states} states, ${result.transitions} transitions, ${seconds.toFixed(2)} s, ${(result.bytes / 1e6).toFixed(1)} MB`,
  ]
  for (const { property, steps, switches, schedule, shortest } of result.violations) {
    lines.push(`  ${property}`, `    ${steps} steps${shortest ? '' : ' (a shorter one may exist)'}, ${switches} switches between CPUs`)
    lines.push(`    ${schedule}`, `    ${toldLink(linkTo(instance, schedule))}`)
  }
  for (const row of result.outcomes) lines.push(`  outcome ${row.key}: ${row.states} final states`)
  return `${lines.join('\n')}\n`
}
