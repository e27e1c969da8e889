/**
 * `merge FILE… [--json]`: combines the results of runs of `explore --swarm` into one honest verdict. A violation that any run found is found; "exhausted" is said
 * only if one run alone was; what the others have seen together is an estimate, and called so.
 */
import * as v from 'valibot'
import { estimate, leastOf, SKETCH_SIZE } from '../explorer/sketch.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { remark } from './compactly.ts'
import { type CliIo, describeFileError } from './io.ts'
import { parseOptions } from './scenarios.ts'

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const result = v.object({
  scenario: v.string(),
  params: v.record(v.string(), v.string()),
  verdict: v.picklist(['violated', 'exhausted', 'cut']),
  states: count,
  transitions: count,
  seconds: v.number(),
  violations: v.array(v.object({ property: v.string(), steps: count, switches: count, schedule: v.string(), link: v.string() })),
  outcomes: v.array(v.object({ key: v.string(), states: count, schedule: v.string() })),
  cut: v.nullable(v.string()),
  compaction: v.object({ bits: v.literal(64), omission: v.number(), notJudged: v.array(v.string()) }),
  swarm: v.object({ seed: v.number(), model: v.string(), sketch: v.pipe(v.array(v.number()), v.maxLength(SKETCH_SIZE)) }),
})
type Part = v.InferOutput<typeof result>

export async function run(args: string[], io: CliIo): Promise<number> {
  const refuse = (message: string) => {
    io.err(`merge: ${message}\n`)
    return 2
  }
  const options = parseOptions(args, { '--json': 0 })
  if (!options.ok) return refuse(options.error)
  if (options.value.positional.length === 0) return refuse('name the files that explore --swarm has written')
  const parts: Part[] = []
  for (const file of options.value.positional) {
    const read = readParts(file, io)
    if (!read.ok) return refuse(read.error)
    parts.push(...read.value)
  }
  const merged = merge(parts)
  if (!merged.ok) return refuse(merged.error)
  io.out(options.value.has('--json') ? `${JSON.stringify(merged.value, null, 2)}\n` : asText(merged.value))
  return merged.value.verdict === 'violated' ? 1 : 0
}

/** A file holds one result, or one a line: batch engines gather the outputs of their jobs so. */
function readParts(file: string, io: CliIo): Result<Part[]> {
  let text: string
  try {
    text = io.readFile(file)
  } catch (error) {
    return fail(`${file}: ${describeFileError(error)}`)
  }
  const parts: Part[] = []
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    let data: unknown
    try {
      data = JSON.parse(line)
    } catch {
      return fail(`${file}:${i + 1}: no JSON (one result of explore --swarm a line)`)
    }
    const parsed = v.safeParse(result, data)
    if (!parsed.success) {
      const [issue] = parsed.issues
      return fail(`${file}:${i + 1}: ${v.getDotPath(issue) ?? 'result'}: ${issue.message}`)
    }
    parts.push(parsed.output)
  }
  return parts.length === 0 ? fail(`${file}: is empty`) : ok(parts)
}

export function merge(parts: readonly Part[]) {
  const [first] = parts
  if (first === undefined) return fail('nothing to merge')
  const about = ({ scenario, params, swarm }: Part) => JSON.stringify([scenario, Object.entries(params).sort(), swarm.model])
  const other = parts.find((part) => about(part) !== about(first))
  if (other !== undefined) {
    return fail(`seed ${other.swarm.seed} searched another machine than seed ${first.swarm.seed}: scenario, parameters and version must be the same`)
  }
  // The same seed with the same bounds sees the same states: it counts once.
  const runs = [...new Map(parts.map((part) => [`${part.swarm.seed} ${part.states} ${part.cut}`, part])).values()]
  const exhausted = runs.filter(({ verdict, cut }) => verdict === 'exhausted' || (verdict === 'violated' && cut === null))
  const properties = [...new Set(runs.flatMap(({ violations }) => violations.map(({ property }) => property)))]
  const keys = [...new Set(runs.flatMap(({ outcomes }) => outcomes.map(({ key }) => key)))].sort()
  const least = leastOf(runs.map(({ swarm }) => swarm.sketch))
  const known = exhausted[0]?.states ?? null
  return ok({
    scenario: first.scenario,
    params: first.params,
    verdict: properties.length > 0 ? ('violated' as const) : exhausted.length > 0 ? ('exhausted' as const) : ('cut' as const),
    runs: runs.length,
    repeated: parts.length - runs.length,
    exhaustedRuns: exhausted.length,
    states: known ?? estimate(least),
    statesAre: known !== null || least.length < SKETCH_SIZE ? ('counted' as const) : ('estimated' as const),
    statesOfAllRuns: runs.reduce((sum, { states }) => sum + states, 0),
    transitions: runs.reduce((sum, { transitions }) => sum + transitions, 0),
    seconds: runs.reduce((sum, { seconds }) => sum + seconds, 0),
    violations: properties.map((property) => {
      const found = runs.flatMap(({ violations }) => violations.filter((violation) => violation.property === property))
      const best = found.reduce((a, b) => (b.steps < a.steps || (b.steps === a.steps && b.switches < a.switches) ? b : a))
      return { ...best, foundBy: found.length }
    }),
    outcomes: keys.map((key) => ({ key, foundBy: runs.filter(({ outcomes }) => outcomes.some((row) => row.key === key)).length })),
    cut: exhausted.length > 0 ? null : [...new Set(runs.map(({ cut }) => cut ?? ''))].join(', '),
    compaction: {
      bits: 64,
      omission: Math.max(...(exhausted.length > 0 ? exhausted : runs).map(({ compaction }) => compaction.omission)),
      notJudged: [...new Set(runs.flatMap(({ compaction }) => compaction.notJudged))],
    },
  })
}

type Merged = Extract<ReturnType<typeof merge>, { ok: true }>['value']

function asText(merged: Merged): string {
  const { runs, repeated, verdict, violations, outcomes, compaction, cut } = merged
  const words = {
    violated: 'violated',
    exhausted: `exhausted by ${merged.exhaustedRuns} of the runs alone, nothing is violated (${remark(compaction)})`,
    cut: `cut: no run visited every reachable state (${cut}), and all together prove nothing`,
  }
  const lines = [
    `${merged.scenario} ${Object.entries(merged.params)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
    words[verdict],
    `${runs} runs${repeated > 0 ? ` (${repeated} repetitions left out)` : ''}, ${merged.statesAre === 'estimated' ? 'about ' : ''}${merged.states} distinct states, ${merged.statesOfAllRuns} of all runs`,
  ]
  for (const { property, steps, switches, schedule, link, foundBy } of violations) {
    lines.push(`  ${property}: found by ${foundBy}, the shortest in ${steps} steps, ${switches} switches (a shorter one may exist)`)
    lines.push(`    ${schedule}`, `    #${link}`)
  }
  for (const { key, foundBy } of outcomes) lines.push(`  outcome ${key}: found by ${foundBy}`)
  return `${lines.join('\n')}\n`
}
