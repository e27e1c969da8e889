/**
 * `ablate SCENARIO [--strategy S] [--set k=v]… [--pairs] [--fetch F,…] [--max-states N] [--max-seconds T] [--max-mb M] [--workers N] [--json]`: switches off each removable
 * barrier, IPI, check and lock in turn, and searches. Limits are for each cell. Exit 1 where a race was found, as with explore.
 */
import { type AblationCell, type AblationPlan, type Answer, answerOf, partsOf, planAblation } from '../scenario/ablation.ts'
import type { Scenario } from '../scenario/format.ts'
import type { CliIo } from './io.ts'
import { type CellInput, type CellOutput, runJob } from './jobs.ts'
import { toldLink } from './replay-link.ts'
import { chosenParams, findScenario, numberOption, parseOptions } from './scenarios.ts'
import { runTasks, threadsFor } from './threads.ts'

const FLAGS = {
  '--set': 1,
  '--strategy': 1,
  '--pairs': 0,
  '--fetch': 1,
  '--max-states': 1,
  '--max-seconds': 1,
  '--max-mb': 1,
  '--workers': 1,
  '--json': 0,
}

export async function run(args: string[], io: CliIo): Promise<number> {
  const refuse = (message: string) => {
    io.err(`ablate: ${message}\n`)
    return 2
  }
  const options = parseOptions(args, FLAGS)
  if (!options.ok) return refuse(options.error)
  const [name, extra] = options.value.positional
  if (name === undefined || extra !== undefined) return refuse(name === undefined ? 'name a scenario' : `unexpected "${extra}"`)
  const numbers = Object.entries({ '--max-states': 20_000_000, '--max-seconds': 3600, '--max-mb': 1500, '--workers': 0 }).map(([flag, fallback]) =>
    numberOption(options.value, flag, fallback),
  )
  for (const number of numbers) if (!number.ok) return refuse(number.error)
  const [maxStates, maxSeconds, maxMb, workers] = numbers.map((number) => (number.ok ? number.value : 0)) as [number, number, number, number]
  if (!Number.isInteger(workers)) return refuse(`--workers ${workers}: expected a whole number`)
  const scenario = findScenario(name, io)
  if (!scenario.ok) return refuse(scenario.error)
  const params = chosenParams(scenario.value, options.value)
  if (!params.ok) return refuse(params.error)
  const fetch = options.value.values['--fetch']?.[0]?.split(',')
  const plan = planAblation(scenario.value.file, {
    params: params.value,
    pairs: options.value.has('--pairs'),
    ...(fetch === undefined ? {} : { fetch }),
  })
  if (!plan.ok) return refuse(plan.error.join('; '))

  const { cells } = plan.value
  const results: CellOutput[] = []
  const limits = { maxStates, maxBytes: maxMb * 1e6, maxSeconds }
  let finished = 0
  try {
    await runTasks(
      cells.map(({ params }) => ({ job: 'cell', input: { scenario: scenario.value, params, ...limits } satisfies CellInput })),
      threadsFor(cells.length, workers === 0 ? null : workers),
      runJob,
      (i, output) => {
        results[i] = output as CellOutput
        io.err(`${++finished} of ${cells.length}: ${titleOf(plan.value, cells[i] as AblationCell)}: ${results[i]?.verdict}\n`)
      },
    )
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
  const table = { plan: plan.value, results, scenario: scenario.value }
  io.out(options.value.has('--json') ? `${JSON.stringify(asJson(table), null, 2)}\n` : asText(table))
  return results.some(({ verdict }) => verdict === 'violated') ? 1 : 0
}

function titleOf({ rows }: AblationPlan, { row, fetch }: AblationCell): string {
  const { removed, title } = rows[row] as AblationPlan['rows'][number]
  return `${removed.length === 0 ? title : `without ${removed.join(' and ')}`}${fetch === null ? '' : `, fetch ${fetch}`}`
}

interface Table {
  readonly plan: AblationPlan
  readonly results: readonly CellOutput[]
  readonly scenario: Scenario
}

/** The cell of a row under a fetch model, and what it says. */
function cellOf(
  { plan, results }: Table,
  row: number,
  column: number,
): { readonly cell: AblationCell; readonly result: CellOutput; readonly answer: Answer } {
  const at = row * plan.fetches.length + column
  const result = results[at] as CellOutput
  const parts = partsOf(plan, row).map((part) => results[part * plan.fetches.length + column] as CellOutput)
  return { cell: plan.cells[at] as AblationCell, result, answer: answerOf(result, results[column] as CellOutput, parts) }
}

function asJson(table: Table) {
  const { plan, scenario } = table
  const cellsOf = (row: number) =>
    plan.fetches.map((fetch, column) => {
      const { cell, result, answer } = cellOf(table, row, column)
      const { verdict, states, transitions, seconds, cut, race, link } = result
      return {
        fetch,
        params: cell.params,
        ...(row === 0 ? {} : { answer }),
        ...{ verdict, states, transitions, seconds, cut },
        race: race === null ? null : { property: race.property, steps: race.steps, switches: race.switches, schedule: race.schedule, link },
      }
    })
  return {
    scenario: scenario.file.id,
    fetch: plan.fetches,
    everything: cellsOf(0),
    rows: plan.rows.slice(1).map(({ removed, title }, i) => ({ removed, title, cells: cellsOf(i + 1) })),
  }
}

const ANSWERS: Readonly<Record<Answer, string>> = {
  needed: 'needed',
  either: 'one of the two is needed, though each alone is not',
  'not-needed': 'not needed within this model',
  anyway: 'a race exists even with everything on',
  cut: 'not decided',
}

function asText(table: Table): string {
  const { plan, scenario } = table
  const lines = [scenario.file.id]
  for (const [row, { removed, title }] of plan.rows.entries()) {
    lines.push('', removed.length === 0 ? title : `without ${title} (${removed.join(', ')})`)
    for (const [column, fetch] of plan.fetches.entries()) {
      const { result, answer } = cellOf(table, row, column)
      const { race, link, states, cut } = result
      const word =
        row === 0 ? { violated: 'violated', exhausted: 'exhausted, nothing is violated', cut: 'not decided' }[result.verdict] : ANSWERS[answer]
      const size = `${states} states${cut === null ? '' : `, cut by ${cut}`}`
      lines.push(`  ${fetch === null ? '' : `fetch ${fetch}: `}${word} (${size})`)
      if (race === null) continue
      lines.push(
        `    ${race.property}: ${race.steps} steps, ${race.switches} switches between CPUs`,
        `    ${race.schedule}`,
        `    ${toldLink(link ?? '')}`,
      )
    }
  }
  return `${lines.join('\n')}\n`
}
