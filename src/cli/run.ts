/**
 * `run SCENARIO [--set k=v]… [--schedule S | --seed N] [--max-steps N] [--to perfetto|ftrace|json|svg FILE]`: follows one schedule and says what happens, a line
 * a step. Without a schedule the CPUs take turns, as calmly as a machine at rest; with a seed both turns and outcomes are random. A run ends at its first violation.
 */
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { encodeLink } from '../interchange/link.ts'
import { Random } from '../lib/random.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { choiceCpu, formatSchedule, type PackedChoice, parseSchedule } from '../machine/choice.ts'
import { build, type Instance } from '../scenario/build.ts'
import { describe, sentence } from '../scenario/describe.ts'
import { Checker } from '../scenario/properties.ts'
import { Run, type Taken } from '../scenario/run.ts'
import { randomChoice, roundRobin } from '../scenario/scheduler.ts'
import { EXPORTS, isExport } from './exports.ts'
import { type CliIo, describeFileError } from './io.ts'
import { replayOf } from './replay-link.ts'
import { summaryOf } from './run-summary.ts'
import { chosenParams, findScenario, numberOption, type Options, oneLine, parseOptions } from './scenarios.ts'

const FLAGS = { '--set': 1, '--strategy': 1, '--schedule': 1, '--seed': 1, '--max-steps': 1, '--to': 2 }
const MOST_STEPS = 100_000

/** Picks what happens next; null ends the run. */
type Scheduler = (run: Run) => PackedChoice | null

/** How a run ended, in words. */
export interface End {
  readonly words: string
  /** A choice of the given schedule that could not happen. */
  readonly illegal: boolean
}

export async function run(args: string[], io: CliIo): Promise<number> {
  const refuse = (message: string) => {
    io.err(`run: ${message}\n`)
    return 2
  }
  const options = parseOptions(args, FLAGS)
  if (!options.ok) return refuse(options.error)
  const [name, extra] = options.value.positional
  if (name === undefined || extra !== undefined) return refuse(name === undefined ? 'name a scenario' : `unexpected "${extra}"`)
  const scheduler = schedulerOf(options.value)
  if (!scheduler.ok) return refuse(scheduler.error)
  const maxSteps = numberOption(options.value, '--max-steps', MOST_STEPS)
  if (!maxSteps.ok) return refuse(maxSteps.error)
  const [format, file] = options.value.values['--to'] ?? []
  if (format !== undefined && !isExport(format)) return refuse(`--to ${format}: expected one of ${Object.keys(EXPORTS).join(', ')}`)
  const scenario = findScenario(name, io)
  if (!scenario.ok) return refuse(scenario.error)
  const params = chosenParams(scenario.value, options.value)
  if (!params.ok) return refuse(params.error)
  loadIcedNode()
  const built = build(scenario.value, params.value, createDecode())
  if (!built.ok) return refuse(oneLine(built.error))
  const checker = Checker.create(built.value)
  if (!checker.ok) return refuse(oneLine(checker.error))

  const run = new Run(built.value, checker.value)
  const taken: Taken[] = []
  const tell = format === undefined ? narrator(built.value, run, io) : () => {}
  const end = play(run, scheduler.value, Math.floor(maxSteps.value), (step, before) => {
    taken.push(step)
    tell(step, before)
  })
  if (end.illegal) return refuse(end.words)
  const replay = replayOf(run)
  if (format !== undefined && file !== undefined) {
    const written = write(io, file, EXPORTS[format](run, taken, replay))
    if (!written.ok) return refuse(written.error)
  }
  io.out(summaryOf(run, end.words, encodeLink(replay)))
  return run.branch.violated === null ? 0 : 1
}

function schedulerOf(options: Options): Result<Scheduler> {
  const schedule = options.values['--schedule']?.[0]
  const seed = options.values['--seed']?.[0]
  if (schedule !== undefined && seed !== undefined) return fail('--schedule and --seed: only one of them can choose')
  if (schedule !== undefined) {
    const parsed = parseSchedule(schedule)
    return parsed.error === null ? ok(({ cursor }) => parsed.schedule[cursor] ?? null) : fail(`--schedule: ${parsed.error}`)
  }
  if (seed === undefined) {
    return ok((run) => {
      const last = run.branch.schedule[run.cursor - 1]
      return roundRobin(run.machine, run.choices(), last === undefined ? -1 : choiceCpu(last))
    })
  }
  if (!/^\d{1,10}$/.test(seed)) return fail(`--seed ${seed}: expected a whole number`)
  const random = new Random(Number(seed))
  return ok((run) => randomChoice(run.choices(), random))
}

function play(run: Run, next: Scheduler, maxSteps: number, each: (taken: Taken, before: Int32Array) => void): End {
  for (;;) {
    const { violated } = run.branch
    if (violated !== null) return { words: `ends at its first violation, after ${run.cursor} steps`, illegal: false }
    const choice = next(run)
    if (choice === null)
      return {
        words: `${run.choices().length === 0 ? 'nothing can happen any more' : 'the schedule ends'} after ${run.cursor} steps`,
        illegal: false,
      }
    if (run.cursor >= maxSteps)
      return { words: `stopped after ${run.cursor} steps, the most that --max-steps allows: it could go on`, illegal: false }
    const before = run.machine.w.slice()
    const taken = run.take(choice)
    if (taken === null) return { words: `step ${run.cursor + 1} of the schedule, ${formatSchedule([choice])}, cannot happen there`, illegal: true }
    each(taken, before)
  }
}

/** Prints a line a step. */
function narrator(instance: Instance, run: Run, io: CliIo): (taken: Taken, before: Int32Array) => void {
  const disassemble = createDisassemble()
  return ({ choice, events }, before) => {
    const words = sentence(run.machine.layout, choice, describe(instance, disassemble, run.machine, before, choice, events))
    io.out(`${String(run.cursor).padStart(6)}  ${words}\n`)
  }
}

function write(io: CliIo, path: string, text: string): Result<null> {
  try {
    io.writeFile(path, text)
    return ok(null)
  } catch (error) {
    return fail(`${path}: ${describeFileError(error)}`)
  }
}
