/** What a worker thread of the command line can be asked to do (threads.ts). */
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import type { Decode } from '../machine/instruction.ts'
import { type CellResult, cellResult, searchCell } from '../scenario/ablation.ts'
import type { Scenario } from '../scenario/format.ts'
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

const SLICE = 100_000
let decode: Decode | null = null

export async function runJob({ job, input }: Task): Promise<unknown> {
  if (job === 'cell') return runCell(input as CellInput)
  throw new Error(`there is no job "${job}"`)
}

function runCell({ scenario, params, maxStates, maxBytes, maxSeconds }: CellInput): CellOutput {
  if (decode === null) {
    loadIcedNode()
    decode = createDecode()
  }
  const start = performance.now()
  const seconds = () => (performance.now() - start) / 1000
  const created = searchCell(scenario, params, decode, { maxStates, maxBytes, deadline: () => seconds() > maxSeconds })
  if (!created.ok) throw new Error(created.error.join('; '))
  const { exploration, instance } = created.value
  while (exploration.run(SLICE));
  const result = cellResult(exploration)
  return { ...result, seconds: Math.round(seconds() * 1000) / 1000, link: result.race === null ? null : linkTo(instance, result.race.schedule) }
}
