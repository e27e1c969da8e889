/**
 * `hazards [SCENARIO…] [--max-states N] [--workers N] [--json]`: the hazard matrix, every strategy of the atlas against every hazard, computed by as many
 * searches as that takes. The build of the page writes it into the page (scripts/build.mjs). Exit 0: that races exist is no failure here.
 */
import { atlas } from '../atlas/index.ts'
import type { Scenario } from '../scenario/format.ts'
import { HAZARDS } from '../scenario/format-meaning.ts'
import { HAZARD_LIST, type MatrixCell, type MatrixRow, planRows, type RowPlan } from '../scenario/hazard-matrix.ts'
import type { CliIo } from './io.ts'
import { type RowInput, runJob } from './jobs.ts'
import { findScenario, numberOption, oneLine, parseOptions } from './scenarios.ts'
import { runTasks, threadsFor } from './threads.ts'

const FLAGS = { '--max-states': 1, '--workers': 1, '--json': 0 }

export async function run(args: string[], io: CliIo): Promise<number> {
  const refuse = (message: string) => {
    io.err(`hazards: ${message}\n`)
    return 2
  }
  const options = parseOptions(args, FLAGS)
  if (!options.ok) return refuse(options.error)
  const maxStates = numberOption(options.value, '--max-states', 1_000_000)
  if (!maxStates.ok) return refuse(maxStates.error)
  const workers = numberOption(options.value, '--workers', 0.5)
  if (!workers.ok) return refuse(workers.error)
  const names = options.value.positional.length > 0 ? options.value.positional : [...atlas.keys()]
  const tasks: { scenario: Scenario; row: RowPlan }[] = []
  for (const name of names) {
    const scenario = findScenario(name, io)
    if (!scenario.ok) return refuse(scenario.error)
    const rows = planRows(scenario.value.file)
    if (!rows.ok) return refuse(oneLine(rows.error))
    tasks.push(...rows.value.map((row) => ({ scenario: scenario.value, row })))
  }
  const rows: MatrixRow[] = []
  let finished = 0
  try {
    await runTasks(
      tasks.map(({ scenario, row }) => ({ job: 'row', input: { scenario, row, maxStates: maxStates.value } satisfies RowInput })),
      threadsFor(tasks.length, workers.value < 1 ? null : workers.value),
      runJob,
      (i, output) => {
        rows[i] = output as MatrixRow
        io.err(`${++finished} of ${tasks.length}: ${titleOf(rows[i] as MatrixRow)}\n`)
      },
    )
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
  io.out(options.value.has('--json') ? `${JSON.stringify({ hazards: HAZARDS, rows })}\n` : asText(rows))
  return 0
}

function titleOf({ scenario, strategy, removed }: MatrixRow): string {
  return `${scenario}${strategy === scenario ? '' : ` ${strategy}`}${removed === null ? '' : `, without ${removed}`}`
}

function asText(rows: readonly MatrixRow[]): string {
  const lines = HAZARD_LIST.map((hazard) => `${hazard}: ${HAZARDS[hazard]}`)
  for (const row of rows) {
    lines.push('', `${titleOf(row)} (${row.states} states)`)
    for (const hazard of HAZARD_LIST) {
      const words = cellText(row.cells[hazard])
      if (words !== null) lines.push(`  ${hazard.padEnd(11)} ${words}`)
    }
  }
  return `${lines.join('\n')}\n`
}

const CELLS: Readonly<Record<Exclude<MatrixCell['kind'], 'violated' | 'none'>, string>> = {
  clean: 'exhausted, clean',
  hidden: 'not seen, but runs end at another violation',
  cut: 'cut: not every state was visited',
}

function cellText(cell: MatrixCell): string | null {
  if (cell.kind === 'none') return null
  if (cell.kind !== 'violated') return CELLS[cell.kind]
  return `VIOLATED: ${cell.property} in ${cell.steps} steps${cell.circumstance === null ? '' : `, ${cell.circumstance}`}   ${cell.link}`
}
