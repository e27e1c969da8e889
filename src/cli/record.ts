/**
 * `record SCENARIO [--strategy S] [--set k=v]… [--seed N] [--max-steps N] [--json]`: records one run of any length under a seeded scheduler that lets each CPU run in bursts, and
 * counts what it cost: broadcasts, interrupts, writes to text, int3 and the instructions in their handlers. Exit 1 where the run violates a property.
 */
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { RecordingSession } from '../interchange/recording-session.ts'
import { build } from '../scenario/build.ts'
import { Checker } from '../scenario/properties.ts'
import type { RecordedRun } from '../scenario/recorded-run.ts'
import type { Counts } from '../timeline/counts.ts'
import type { CliIo } from './io.ts'
import { chosenParams, findScenario, numberOption, oneLine, parseOptions } from './scenarios.ts'

const FLAGS = { '--set': 1, '--strategy': 1, '--seed': 1, '--max-steps': 1, '--json': 0 }
const MOST_STEPS = 200_000_000
/** Steps between two looks at the limits. */
const PORTION = 1_000_000

export async function run(args: string[], io: CliIo): Promise<number> {
  const refuse = (message: string) => {
    io.err(`record: ${message}\n`)
    return 2
  }
  const options = parseOptions(args, FLAGS)
  if (!options.ok) return refuse(options.error)
  const [name, extra] = options.value.positional
  if (name === undefined || extra !== undefined) return refuse(name === undefined ? 'name a scenario' : `unexpected "${extra}"`)
  const seed = options.value.values['--seed']?.[0] ?? '1'
  if (!/^\d{1,10}$/.test(seed)) return refuse(`--seed ${seed}: expected a whole number`)
  const maxSteps = numberOption(options.value, '--max-steps', MOST_STEPS)
  if (!maxSteps.ok) return refuse(maxSteps.error)
  const scenario = findScenario(name, io)
  if (!scenario.ok) return refuse(scenario.error)
  const params = chosenParams(scenario.value, options.value)
  if (!params.ok) return refuse(params.error)
  loadIcedNode()
  const built = build(scenario.value, params.value, createDecode())
  if (!built.ok) return refuse(oneLine(built.error))
  const checker = Checker.create(built.value)
  if (!checker.ok) return refuse(oneLine(checker.error))

  const session = new RecordingSession(built.value, checker.value, Number(seed))
  while (session.run.length < maxSteps.value && session.record(Math.min(PORTION, maxSteps.value - session.run.length)));
  const { run: recorded, counts } = session
  if (options.value.has('--json')) io.out(`${JSON.stringify(resultOf(recorded, counts))}\n`)
  else io.out(tableOf(recorded, counts))
  return recorded.violated === null ? 0 : 1
}

function resultOf({ instance, seed, length, ended, violated, checker, digest }: RecordedRun, counts: Counts): object {
  return {
    scenario: instance.scenario.file.id,
    params: instance.params,
    seed,
    steps: length,
    ended,
    violated: violated === null ? null : { ...violated, mask: undefined, properties: violatedIds(violated.mask, checker.properties) },
    counts,
    digest,
  }
}

function violatedIds(mask: number, properties: readonly { readonly id: string }[]): string[] {
  return properties.filter((_, bit) => (mask & (1 << bit)) !== 0).map(({ id }) => id)
}

/** The counts as a table: what there was in all, then a line a CPU. */
export function tableOf(recorded: RecordedRun, counts: Counts): string {
  const { instance, length, ended, violated, checker, seed, digest } = recorded
  const lines = [
    `${instance.scenario.file.id}, seed ${seed}: ${number(length)} steps${ended ? '' : ', the most that --max-steps allows'}`,
    `  broadcasts ${number(counts.broadcasts)}, IPIs ${number(counts.ipis)}, writes to text ${number(counts.pokes)}, int3 ${number(counts.int3)}, instructions in their handlers ${number(counts.int3Instructions)}`,
    `  ${'CPU'.padEnd(16)}${['instructions', 'int3', 'in handlers', 'interrupts', 'in handlers'].map((word) => word.padStart(14)).join('')}`,
  ]
  for (const [cpu, each] of counts.cpus.entries()) {
    const numbers = [each.instructions, each.int3, each.int3Instructions, each.interrupts, each.interruptInstructions]
    lines.push(`  ${`${cpu} ${instance.cpus[cpu]?.role ?? ''}`.padEnd(16)}${numbers.map((value) => number(value).padStart(14)).join('')}`)
  }
  if (violated !== null)
    lines.push(`  violated by CPU ${violated.cpu} at step ${violated.step}: ${violatedIds(violated.mask, checker.properties).join(', ')}`)
  return `${lines.join('\n')}\n  digest ${digest}\n`
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
