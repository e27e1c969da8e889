/**
 * `explore SCENARIO [--set k=v]… [--max-states N] [--max-seconds T] [--max-mb M] [--json]`: searches every interleaving.
 * `--workers N` shares it among threads, with the same result. `--compact` keeps 64-bit fingerprints of states only; `--swarm SEED` does so in a random order, one of many runs for `merge`.
 */
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { build, type Instance } from '../scenario/build.ts'
import { CUTS, Exploration, type ExploreResult } from '../scenario/explore.ts'
import { exploreCompactly } from './compactly.ts'
import { exploreShared } from './explore-shared.ts'
import type { CliIo } from './io.ts'
import { rateOf, workOn } from './long-work.ts'
import { linkTo, toldLink } from './replay-link.ts'
import { chosenParams, findScenario, numberOption, type Options, oneLine, parseOptions, strategyOf } from './scenarios.ts'
import { canUseThreads } from './threads.ts'

const FLAGS = {
  '--set': 1,
  '--strategy': 1,
  '--max-states': 1,
  '--max-seconds': 1,
  '--max-mb': 1,
  '--workers': 1,
  '--compact': 0,
  '--swarm': 1,
  '--json': 0,
  '--no-reduction': 0,
  '--no-symmetry': 0,
}
/** Work between two looks at the clock. */
const SLICE = 4000
const MOST_WORKERS = 64

export async function run(args: string[], io: CliIo): Promise<number> {
  const refuse = (message: string) => {
    io.err(`explore: ${message}\n`)
    return 2
  }
  const options = parseOptions(args, FLAGS)
  if (!options.ok) return refuse(options.error)
  const [name, extra] = options.value.positional
  if (name === undefined || extra !== undefined) return refuse(name === undefined ? 'name a scenario' : `unexpected "${extra}"`)
  const limits = ['--max-states', '--max-seconds', '--max-mb'].map((flag, i) =>
    numberOption(options.value, flag, [50_000_000, 86_400, 2000][i] as number),
  )
  for (const limit of limits) if (!limit.ok) return refuse(limit.error)
  const [maxStates, maxSeconds, maxMb] = limits.map((limit) => (limit.ok ? limit.value : 0)) as [number, number, number]
  const scenario = findScenario(name, io)
  if (!scenario.ok) return refuse(scenario.error)
  const params = chosenParams(scenario.value, options.value)
  if (!params.ok) return refuse(params.error)
  loadIcedNode()
  const decode = createDecode()
  const built = build(scenario.value, params.value, decode)
  if (!built.ok) return refuse(oneLine(built.error))
  const seed = swarmSeed(options.value)
  if (!seed.ok) return refuse(seed.error)
  if (seed.value !== null || options.value.has('--compact')) {
    if (options.value.has('--no-reduction')) return refuse('--no-reduction does not go with fingerprints')
    return exploreCompactly(built.value, { maxStates, maxSeconds, maxMb, seed: seed.value }, options.value.has('--json'), io)
  }
  const workers = numberOption(options.value, '--workers', 1)
  if (!workers.ok) return refuse(workers.error)
  if (!Number.isInteger(workers.value) || workers.value > MOST_WORKERS) return refuse(`--workers ${workers.value}: expected 1 to ${MOST_WORKERS}`)
  const start = performance.now()
  const seconds = () => (performance.now() - start) / 1000
  const created = Exploration.create(built.value, {
    maxStates,
    maxBytes: maxMb * 1e6,
    reduce: !options.value.has('--no-reduction'),
    symmetry: !options.value.has('--no-symmetry'),
    deadline: () => seconds() > maxSeconds,
  })
  if (!created.ok) return refuse(oneLine(created.error))
  const exploration = created.value
  if (workers.value > 1 && canUseThreads() && !options.value.has('--no-reduction')) {
    const shared = await exploreShared(exploration, built.value, { owners: workers.value, maxStates, maxMb, seconds, maxSeconds }, io)
    // Where states are stuck, only the search in one thread tells the cycle.
    if (shared !== null) return print({ result: shared, seconds: seconds(), instance: built.value }, options.value.has('--json'), io)
  }
  const tell = () => {
    const { states, transitions, frontier, depth, bytes } = exploration.progress()
    const rate = rateOf(transitions, seconds())
    return `${states} states, ${transitions} transitions, ${rate}, frontier ${frontier}, depth ${depth}, ${Math.round(bytes / 1e6)} MB, ${seconds().toFixed(1)} s`
  }
  await workOn(
    () => exploration.run(SLICE),
    () => exploration.cancel(),
    tell,
    io,
  )
  return print({ result: exploration.result(), seconds: seconds(), instance: built.value }, options.value.has('--json'), io)
}

function print(report: Report, json: boolean, io: CliIo): number {
  io.out(json ? `${JSON.stringify(asJson(report), null, 2)}\n` : asText(report))
  return report.result.kind === 'violated' ? 1 : 0
}

function swarmSeed(options: Options): Result<number | null> {
  const text = options.values['--swarm']?.[0]
  if (text === undefined) return ok(null)
  const seed = Number(text)
  return /^\d+$/.test(text) && seed < 2 ** 32 ? ok(seed) : fail(`--swarm ${text}: expected a whole number below 2^32`)
}

interface Report {
  readonly result: ExploreResult
  readonly seconds: number
  readonly instance: Instance
}

/** The contract's shape. `peakMb`: memory of the search's own tables. */
function asJson({ result, seconds, instance }: Report) {
  return {
    scenario: instance.scenario.file.id,
    strategy: strategyOf(instance.scenario.file, instance.params),
    params: instance.params,
    verdict: result.kind,
    states: result.states,
    ...(result.held < result.states ? { held: result.held } : {}),
    transitions: result.transitions,
    seconds: Math.round(seconds * 1000) / 1000,
    peakMb: Math.round(result.peakBytes / 1e4) / 100,
    violations: result.violations.map(({ property, steps, switches, schedule, trap, cycle, preemptions }) => ({
      property,
      steps,
      switches,
      schedule,
      link: linkTo(instance, schedule),
      preemptions: preemptions === null ? null : { ...preemptions, link: linkTo(instance, preemptions.schedule) },
      ...(trap === null ? {} : { trap, cycle }),
    })),
    outcomes: result.outcomes,
    cut: result.cut,
  }
}

function asText({ result, seconds, instance }: Report): string {
  const words = {
    violated: 'violated',
    exhausted: 'exhausted: every reachable state was visited, nothing is violated',
    cut: `${result.cut === CUTS.cancelled ? CUTS.cancelled : `cut by ${result.cut}`}: not every reachable state was visited`,
  }
  const params = Object.entries(instance.params).map(([name, value]) => `${name}=${value}`)
  const held = result.held < result.states ? ` (${result.held} held, since some CPUs are interchangeable)` : ''
  const lines = [
    `${instance.scenario.file.id} ${params.join(' ')}`,
    words[result.kind],
    `${result.states} states${held}, ${result.transitions} transitions, ${seconds.toFixed(2)} s, ${(result.bytes / 1e6).toFixed(1)} MB`,
  ]
  for (const violation of result.violations) {
    lines.push(`  ${violation.property}: ${violation.title}`)
    lines.push(
      `    ${violation.steps} steps, ${violation.switches} switches between CPUs${violation.trap === null ? '' : `, then a ${violation.trap}`}`,
    )
    lines.push(`    ${violation.schedule}`)
    if (violation.cycle !== null) lines.push(`    round and round: ${violation.cycle}`)
    lines.push(`    ${toldLink(linkTo(instance, violation.schedule))}`)
    const { preemptions } = violation
    if (preemptions !== null && preemptions.schedule !== violation.schedule) {
      lines.push(`    with the fewest preemptions: ${preemptions.count}, in ${preemptions.steps} steps`, `    ${preemptions.schedule}`)
      lines.push(`    ${toldLink(linkTo(instance, preemptions.schedule))}`)
    }
  }
  if (result.kind === 'violated' && !result.complete) lines.push(`  cut by ${result.cut}: there may be more`)
  for (const row of result.outcomes) lines.push(`  outcome ${row.key}: ${row.states} final states`)
  return `${lines.join('\n')}\n`
}
