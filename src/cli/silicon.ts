/**
 * `npm run silicon -- --cases N --seed S [--only REGEX]`: our instruction set against the processor of this machine, over random cases. Not a
 * verb of the command line twin: it needs gcc and an x86-64 Linux host, and says so where they are missing.
 */
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { metadataOf } from '../decoder/metadata.ts'
import { Random } from '../lib/random.ts'
import { createTable } from '../machine/isa/silicon/case.ts'
import { CaseMaker } from '../machine/isa/silicon/case-maker.ts'
import { Comparison, describeCase } from '../machine/isa/silicon/compare.ts'
import { isAvailable } from '../machine/isa/silicon/encodings.ts'
import { openHarness } from '../machine/isa/silicon/harness-node.ts'

const USAGE = 'usage: npm run silicon -- [--cases N] [--seed S] [--only REGEX over the lines of the opcode table]'
const BATCH = 5000
const MOST_SHOWN = 20

/** Runs the comparison and answers with the exit code: 0 all the same, 1 differences, 2 bad arguments. */
export function run(args: readonly string[], root: string, out: (line: string) => void): number {
  const options = parse(args)
  if (options === null) {
    out(USAGE)
    return 2
  }
  const harness = openHarness(root)
  if (typeof harness === 'string') {
    out(`silicon: skipped, ${harness}`)
    return 0
  }
  loadIcedNode()
  const comparison = new Comparison(createDecode(), metadataOf)
  const { only } = options
  const totals = { same: 0, skipped: 0, unsupported: 0, different: 0 }
  for (let done = 0, batch = 0; done < options.cases; done += BATCH, batch++) {
    const random = new Random(options.seed + batch * 0x1_0000)
    const table = createTable(random)
    const maker = new CaseMaker(random, (encoding) => isAvailable(encoding, harness.features) && (only === null || only.test(encoding.text)))
    const cases = Array.from({ length: Math.min(BATCH, options.cases - done) }, () => maker.make())
    const outcomes = harness.run(table, cases)
    cases.forEach((given, i) => {
      const verdict = comparison.check(given, table, outcomes[i] as (typeof outcomes)[number])
      totals[verdict.kind]++
      const wrong = verdict.kind === 'different' || verdict.kind === 'unsupported'
      if (wrong && totals.different + totals.unsupported <= MOST_SHOWN) out(`${verdict.kind}: ${verdict.detail}\n  ${describeCase(given)}`)
    })
  }
  const { same, skipped, unsupported, different } = totals
  out(`silicon: ${different} wrong, ${unsupported} unsupported of ${same + different + unsupported}; ${skipped} more read something undefined`)
  return different + unsupported === 0 ? 0 : 1
}

function parse(args: readonly string[]): { cases: number; seed: number; only: RegExp | null } | null {
  const options = { cases: 20_000, seed: 1, only: null as RegExp | null }
  for (let i = 0; i < args.length; i += 2) {
    const value = args[i + 1]
    if (value === undefined) return null
    if (args[i] === '--cases' && /^\d{1,9}$/.test(value)) options.cases = Number(value)
    else if (args[i] === '--seed' && /^\d{1,9}$/.test(value)) options.seed = Number(value)
    else if (args[i] === '--only' && isPattern(value)) options.only = new RegExp(value)
    else return null
  }
  return options
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}

// What native/fixtures/record-cases.mjs is made of.
export { Random } from '../lib/random.ts'
export { createTable } from '../machine/isa/silicon/case.ts'
export { CaseMaker } from '../machine/isa/silicon/case-maker.ts'
export { ENCODINGS, isAvailable } from '../machine/isa/silicon/encodings.ts'
export { openHarness } from '../machine/isa/silicon/harness-node.ts'
export { formatRecorded } from '../machine/isa/silicon/recorded.ts'
