/**
 * `compare RECORDING [--batch N] [--scenario S] [--json]`: lays a recording of a real kernel out lane by lane, and says whether each of its batches is an execution
 * that the model allows. RECORDING is a file (or a bundled recording's name, or - for standard input): our JSON format, or the text of ftrace and
 * trace-cmd, which is shown as far as it goes and judged by nobody. Exit 1 where a batch is not allowed.
 */
import { bundledRecording } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { sentenceOf } from '../interchange/agreement.ts'
import { type Comparison, compareBatch } from '../interchange/compare-recording.ts'
import { FtraceReader, looksLikeFtrace, type ReadTrace } from '../interchange/ftrace-reader.ts'
import { traceOfBatch } from '../interchange/recorded-trace.ts'
import { parseRecording, type Recording } from '../interchange/recording.ts'
import { parseJson } from '../lib/json-text.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { formatSchedule } from '../machine/choice.ts'
import type { Scenario } from '../scenario/format.ts'
import type { KernelTrace } from '../timeline/kernel.ts'
import { type CliIo, describeFileError } from './io.ts'
import { linkTo } from './replay-link.ts'
import { findScenario, oneLine, parseOptions } from './scenarios.ts'

const FLAGS = { '--batch': 1, '--scenario': 1, '--json': 0 }
const SCENARIO = 'linux-6-1'
/** Width of a lane. */
const LANE = 24

type Input =
  | { readonly kind: 'recording'; readonly json: unknown; readonly recording: Recording }
  | { readonly kind: 'text'; readonly read: ReadTrace }

export async function run(args: string[], io: CliIo): Promise<number> {
  const refuse = (message: string) => {
    io.err(`compare: ${message}\n`)
    return 2
  }
  const options = parseOptions(args, FLAGS)
  if (!options.ok) return refuse(options.error)
  const [path, extra] = options.value.positional
  if (path === undefined || extra !== undefined) return refuse(path === undefined ? 'name a recording' : `unexpected "${extra}"`)
  const wanted = options.value.values['--batch']?.[0]
  if (wanted !== undefined && !/^\d{1,6}$/.test(wanted)) return refuse(`--batch ${wanted}: expected a whole number`)
  const input = await inputOf(path, io)
  if (!input.ok) return refuse(input.error)
  const count = input.value.kind === 'text' ? input.value.read.batches.length : input.value.recording.batches.length
  if (wanted !== undefined && Number(wanted) >= count) return refuse(`--batch ${wanted}: the recording has ${count} batches, numbered from 0`)
  const numbers = wanted === undefined ? Array.from({ length: count }, (_, i) => i) : [Number(wanted)]
  const json = options.value.has('--json')
  if (input.value.kind === 'text') return tellText(input.value.read, numbers, json, io)
  const scenario = findScenario(options.value.values['--scenario']?.[0] ?? SCENARIO, io)
  if (!scenario.ok) return refuse(scenario.error)
  return compareAll(input.value.json, input.value.recording, numbers, scenario.value, json, io)
}

async function inputOf(path: string, io: CliIo): Promise<Result<Input>> {
  if (path === '-') return lines(io.stdin)
  const bundled = bundledRecording(path)
  let json: unknown = bundled
  if (bundled === null) {
    let text: string
    try {
      text = io.readFile(path)
    } catch (error) {
      return fail(`${path}: ${describeFileError(error)}`)
    }
    if (looksLikeFtrace(text)) {
      const reader = new FtraceReader()
      for (const line of text.split(/\r?\n/)) reader.line(line)
      return textOf(path, reader.end())
    }
    const parsed = parseJson(text)
    if (!parsed.ok) return fail(`${path}:${parsed.error}`)
    json = parsed.value
  }
  const recording = parseRecording(json)
  return recording.ok ? ok({ kind: 'recording', json, recording: recording.value }) : fail(`${path}: ${recording.error}`)
}

/** Text of any length; nothing but what belongs to a batch is kept. */
async function lines(stdin: AsyncIterable<string>): Promise<Result<Input>> {
  const reader = new FtraceReader()
  for await (const line of stdin) reader.line(line)
  return textOf('standard input', reader.end())
}

function textOf(where: string, read: ReadTrace): Result<Input> {
  if (read.batches.length > 0) return ok({ kind: 'text', read })
  const [bad] = read.bad.first
  if (bad !== undefined && read.bad.count >= read.lines / 2) return fail(`${where}: line ${bad.line}: ${bad.why}: "${bad.text}"`)
  const others = [...read.others.keys()].slice(0, 5).join(', ')
  return fail(`${where}: none of its ${read.lines} lines tells of live patching${others === '' ? '' : ` (there are ${others})`}`)
}

// ── lanes ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function header({ cpus, patcher }: KernelTrace, first: string): string {
  const names = Array.from({ length: cpus }, (_, cpu) => `CPU ${cpu}${cpu === patcher ? ' (patcher)' : ''}`.padEnd(LANE))
  return `${first.padEnd(14)}${names.join('').trimEnd()}\n`
}

/** One event a line, in its CPU's lane; behind it the step of our run that shows the same. */
function lane({ cpus }: KernelTrace, cpu: number, first: string, text: string, last = ''): string {
  const before = ' '.repeat(LANE * cpu)
  const line = `${first.padEnd(14)}${before}${text}`
  return `${last === '' ? line : `${line.padEnd(14 + LANE * cpus + 2)}${last}`}\n`
}

const SHORT: Readonly<Record<string, string>> = {
  'ipi sent': 'IPI sent',
  'ipi taken': 'IPI taken',
  'sync taken': 'sync_core',
  'ipi done': 'IPI over',
}

// ── our own format ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function compareAll(json: unknown, recording: Recording, numbers: readonly number[], scenario: Scenario, asJson: boolean, io: CliIo): number {
  loadIcedNode()
  const decode = createDecode()
  let refused = 0
  const results: object[] = []
  if (!asJson) io.out(`${recording.kernel}\n${recording.machine}\n`)
  for (const number of numbers) {
    const compared = compareBatch(scenario, json, recording, number, decode)
    if (!compared.ok) {
      io.err(`compare: ${oneLine(compared.error)}\n`)
      return 2
    }
    if (compared.value.refusal !== null) refused++
    if (asJson) results.push(resultOf(number, compared.value, scenario))
    else tellComparison(number, compared.value, scenario, io)
  }
  if (asJson) io.out(`${JSON.stringify(results)}\n`)
  return refused === 0 ? 0 : 1
}

function resultOf(number: number, { batch, guided, refusal, params, instance }: Comparison, scenario: Scenario): object {
  const schedule = formatSchedule(guided.schedule)
  return {
    batch: number,
    what: batch.what,
    verdict: refusal === null ? 'allowed' : 'refused',
    events: batch.events.length,
    met: guided.met,
    why: refusal,
    scenario: scenario.file.id,
    params,
    states: guided.states,
    cut: guided.cut,
    steps: guided.schedule.length,
    schedule,
    at: guided.steps,
    link: isOwn(instance.scenario, scenario) ? linkTo(instance, schedule) : null,
  }
}

/** Does the scenario's own recording hold these sites? Then a link to it opens this run; another recording cannot be put into a link. */
function isOwn(compared: Scenario, scenario: Scenario): boolean {
  return compared.recording === scenario.recording
}

function tellComparison(number: number, { batch, guided, refusal, instance }: Comparison, scenario: Scenario, io: CliIo): void {
  const trace = traceOfBatch(batch)
  io.out(`\nbatch ${number}: ${batch.what}, ${batch.events.length} events\n${header(trace, 'seq')}`)
  for (const [i, { cpu, what, label }] of trace.events.entries()) {
    const event = batch.events[i]
    if (event === undefined) continue
    const text =
      what === 'write' && 'stored' in event
        ? `${event.event.replace('write ', '')} written`
        : what === 'int3 return' && 'resume' in event
          ? '…returns'
          : (SHORT[what] ?? (what === 'int3' || what === 'sync done' ? what : label))
    const step = guided.steps[i]
    io.out(lane(trace, cpu, String(event.seq), text, step === undefined ? (i === guided.met ? '← not in the model' : '') : `step ${step}`))
  }
  if (refusal !== null) {
    const next = batch.events[guided.met - 1]
    io.out(`refused: ${refusal}\n`)
    if (next !== undefined) io.out(`  as far as event ${next.seq}, ${sentenceOf(next)}, the model agrees, after ${guided.schedule.length} steps\n`)
    return
  }
  const schedule = formatSchedule(guided.schedule)
  io.out(
    `allowed: a run of ${guided.schedule.length} steps of ${scenario.file.id} shows these ${batch.events.length} events, with these values, and no others (${guided.states} states looked at)\n`,
  )
  if (isOwn(instance.scenario, scenario)) io.out(`  #${linkTo(instance, schedule)}\n`)
}

// ── text of ftrace ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function tellText(read: ReadTrace, numbers: readonly number[], asJson: boolean, io: CliIo): number {
  const { lines: count, used, others, bad, remarks } = read
  if (asJson) {
    const batches = numbers.map((number) => ({ batch: number, verdict: null, ...read.batches[number] }))
    io.out(`${JSON.stringify({ lines: count, used, others: Object.fromEntries(others), bad, remarks, batches })}\n`)
    return 0
  }
  for (const number of numbers) {
    const trace = read.batches[number]
    if (trace === undefined) continue
    io.out(`${number === numbers[0] ? '' : '\n'}batch ${number}: ${trace.events.length} events\n${header(trace, 'seconds')}`)
    for (const [i, { cpu, what, label, phase }] of trace.events.entries()) {
      const text = what === 'write' ? `writes (${phase})` : what === 'sync begin' ? label : (SHORT[what] ?? what)
      io.out(lane(trace, cpu, (trace.seconds[i] as number).toFixed(6), text))
    }
  }
  io.err(`compare: ${used} of ${count} lines were read; such a text holds no bytes and no registers, so there is no verdict\n`)
  for (const remark of remarks) io.err(`  ${remark}\n`)
  if (bad.count > 0) io.err(`  ${bad.count} lines were not understood:\n`)
  for (const { line, text, why } of bad.first) io.err(`    line ${line}: ${why}: "${text}"\n`)
  return 0
}
