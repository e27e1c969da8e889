/** What a worker thread of the command line can be asked to do (threads.ts). */
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import type { Decode } from '../machine/instruction.ts'
import { type CellResult, cellResult, searchCell } from '../scenario/ablation.ts'
import { build } from '../scenario/build.ts'
import { type ExpectedRow, explore, rowOf } from '../scenario/expectation.ts'
import { Exploration, type ExploreResult } from '../scenario/explore.ts'
import type { Scenario } from '../scenario/format.ts'
import { type MatrixRow, type RowPlan, rowResult } from '../scenario/hazard-matrix.ts'
import type { Params } from '../scenario/params.ts'
import { linkTo } from './replay-link.ts'
import type { Task } from './threads.ts'

export interface CellInput {
  readonly scenario: Scenario
  readonly params: Params
  readonly maxStates: number
  readonly maxBytes: number
  readonly maxSeconds: number
}

export type CellOutput = CellResult & { readonly seconds: number; readonly link: string | null }

/** A row of the hazard matrix; `maxStates` for each of its searches. */
export interface RowInput {
  readonly scenario: Scenario
  readonly row: RowPlan
  readonly maxStates: number
}

/** One combination of a scenario's parameters, searched to its end. */
export interface ExpectInput {
  readonly scenario: Scenario
  readonly when: Params
  readonly params: Params
}

const SLICE = 100_000
let decode: Decode | null = null

export async function runJob({ job, input }: Task): Promise<unknown> {
  if (job === 'cell') return runCell(input as CellInput)
  if (job === 'row') return runRow(input as RowInput)
  if (job === 'expect') return runExpect(input as ExpectInput)
  throw new Error(`there is no job "${job}"`)
}

function runCell({ scenario, params, maxStates, maxBytes, maxSeconds }: CellInput): CellOutput {
  const start = performance.now()
  const seconds = () => (performance.now() - start) / 1000
  const created = searchCell(scenario, params, decoder(), { maxStates, maxBytes, deadline: () => seconds() > maxSeconds })
  if (!created.ok) throw new Error(created.error.join('; '))
  const { exploration, instance } = created.value
  while (exploration.run(SLICE));
  const result = cellResult(exploration)
  return { ...result, seconds: Math.round(seconds() * 1000) / 1000, link: result.race === null ? null : linkTo(instance, result.race.schedule) }
}

function runRow({ scenario, row, maxStates }: RowInput): MatrixRow {
  const results: ExploreResult[] = []
  for (const { params } of row.searches) {
    const built = build(scenario, params, decoder())
    const created = built.ok ? Exploration.create(built.value, { maxStates, maxBytes: 1e9 }) : built
    if (!created.ok) throw new Error(`${scenario.file.id}: ${created.error.join('; ')}`)
    while (created.value.run(SLICE));
    results.push(created.value.result())
  }
  return rowResult(scenario.file, row, results, (params, schedule) => {
    const built = build(scenario, params, decoder())
    if (!built.ok) throw new Error(built.error.join('; '))
    return linkTo(built.value, schedule)
  })
}

function runExpect({ scenario, when, params }: ExpectInput): ExpectedRow {
  const result = explore(scenario, params, decoder())
  if (!result.ok) throw new Error(result.error.join('; '))
  const row = rowOf(when, result.value)
  if (row === null) throw new Error(`${JSON.stringify(when)}: cut by ${result.value.cut}`)
  return row
}

function decoder(): Decode {
  if (decode === null) {
    loadIcedNode()
    decode = createDecode()
  }
  return decode
}
