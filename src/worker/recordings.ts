/** Recordings: a real kernel's, beside the run of ours that shows the same; and long runs of ours, recorded and visited. One worker holds one of each. */
import { bundledRecording } from '../atlas/index.ts'
import { compareBatch } from '../interchange/compare-recording.ts'
import { looksLikeFtrace, readFtrace } from '../interchange/ftrace-reader.ts'
import { traceOfBatch } from '../interchange/recorded-trace.ts'
import { parseRecording } from '../interchange/recording.ts'
import { RecordingSession } from '../interchange/recording-session.ts'
import { choiceCpu, formatSchedule } from '../machine/choice.ts'
import type { Decode } from '../machine/instruction.ts'
import { build } from '../scenario/build.ts'
import type { Scenario } from '../scenario/format.ts'
import { programNames } from '../scenario/names.ts'
import { Checker } from '../scenario/properties.ts'
import { Run } from '../scenario/run.ts'
import { TimelineBuilder } from '../timeline/build.ts'
import { type KernelTrace, kernelTimeline } from '../timeline/kernel.ts'
import type { Answer, Beside, Request } from './protocol.ts'

type Asked<K extends Request['kind']> = Extract<Request, { kind: K }>

export class Recordings {
  private readonly find: (request: { readonly scenario: string; readonly source?: string }) => Scenario | null
  private session: RecordingSession | null = null
  private key = ''

  constructor(find: Recordings['find']) {
    this.find = find
  }

  /** A batch of a recording (of the scenario's own, where no text is given) on a timeline, and the run that shows the same. */
  beside(request: Asked<'beside'>, decode: Decode): Answer {
    const scenario = this.find(request)
    const spec = scenario?.file.recording
    if (scenario === null || spec === undefined) return refused('This scenario has no recording to stand beside.')
    const chosen = request.text === null ? spec.batches[request.params[spec.param] ?? ''] : undefined
    const index = request.batch ?? chosen ?? 0
    if (request.text !== null && looksLikeFtrace(request.text)) return ftrace(request.text, index)
    let json: unknown
    try {
      json = request.text === null ? (scenario.recording ?? bundledRecording(spec.file)) : JSON.parse(request.text)
    } catch {
      return refused('The file is neither a recording (JSON) nor the text of ftrace or trace-cmd.')
    }
    const recording = parseRecording(json)
    if (!recording.ok) return refused('The recording cannot be read.', [recording.error])
    const compared = compareBatch(scenario, json, recording.value, index, decode)
    if (!compared.ok) return refused('This batch cannot be played.', compared.error)
    const { batch, guided, refusal, instance, params } = compared.value
    const names = recording.value.batches.map(({ what }, i) => what || `batch ${i}`)
    const model = picture(instance, guided.schedule)
    const trace = traceOfBatch(batch)
    const own = request.text === null
    return {
      kind: 'beside',
      beside: {
        kernel: recording.value.kernel,
        machine: recording.value.machine,
        batches: names,
        batch: index,
        events: batch.events.length,
        verdict: refusal === null ? 'allowed' : 'refused',
        why: refusal,
        states: guided.states,
        remarks: [],
        real: atSteps(trace, guided.steps, model?.steps ?? null),
        model,
        opens: own ? { params, schedule: formatSchedule(guided.schedule) } : null,
      },
    }
  }

  /** Records so many steps more, from the beginning where it is another run. */
  record(request: Asked<'record'>, decode: Decode): Answer {
    const key = JSON.stringify([request.scenario, request.params, request.seed, request.source])
    if (this.session === null || this.key !== key || request.again) {
      this.session = null
      const scenario = this.find(request)
      if (scenario === null) return refused(`There is no scenario "${request.scenario}".`)
      const built = build(scenario, request.params, decode)
      if (!built.ok) return refused(`${request.scenario} cannot be built with these parameters.`, built.error)
      const checker = Checker.create(built.value)
      if (!checker.ok) return refused(`${request.scenario} cannot be checked.`, checker.error)
      this.session = new RecordingSession(built.value, checker.value, request.seed)
      this.key = key
    }
    const { session } = this
    const goesOn = session.record(request.steps)
    const { run, counts } = session
    const violated = run.violated === null ? null : { step: run.violated.step, cpu: run.violated.cpu }
    return {
      kind: 'recorded',
      recorded: {
        steps: run.length,
        ended: !goesOn,
        violated,
        counts,
        roles: run.instance.cpus.map(({ role }) => role),
        overview: goesOn ? null : session.overview(),
      },
    }
  }

  moment(request: Asked<'moment'>): Answer {
    return this.session === null ? refused('Nothing has been recorded.') : { kind: 'moment', moment: this.session.moment(request.step) }
  }

  schedule({ step }: Asked<'recorded-schedule'>): Answer {
    if (this.session === null) return refused('Nothing has been recorded.')
    const { run } = this.session
    const schedule = formatSchedule(run.scheduleOf(step))
    return { kind: 'recorded-schedule', schedule, digest: run.digest }
  }
}

function refused(message: string, detail: readonly string[] = []): Answer {
  return { kind: 'refused', message, detail }
}

/** The recorded events stand where our run shows them; those that it does not show follow behind, one a step. */
function atSteps(trace: KernelTrace, steps: readonly number[], length: number | null): Beside['real'] {
  const last = steps[steps.length - 1] ?? 0
  const at = trace.events.map((_, i) => (steps[i] ?? last + (i - steps.length + 1)) - 1)
  return kernelTimeline(trace, at, Math.max(length ?? 0, (at[at.length - 1] ?? 0) + 1))
}

function picture(instance: Parameters<typeof programNames>[0], schedule: readonly number[]): Beside['model'] {
  const checker = Checker.create(instance)
  if (!checker.ok) return null
  const builder = new TimelineBuilder(
    instance.cpus.map(({ role }, cpu) => ({ cpu, role })),
    programNames(instance),
  )
  const run = new Run(instance, checker.value)
  for (const choice of schedule) {
    const taken = run.take(choice)
    if (taken === null) break
    builder.append(choiceCpu(choice), taken.events, { kind: taken.kind, waiting: false })
  }
  return builder.data()
}

/** Text holds no values to compare: it is shown, and what was not understood is told. */
function ftrace(text: string, batch: number): Answer {
  const read = readFtrace(text.split(/\r?\n/))
  const trace = read.batches[batch]
  const bad = read.bad.first.map(({ line, text: content, why }) => `line ${line}: ${why}: ${content}`)
  if (trace === undefined) return refused('No line of this text tells of live patching.', bad)
  const more = read.bad.count - bad.length
  return {
    kind: 'beside',
    beside: {
      kernel: 'text of ftrace or trace-cmd',
      machine: `${trace.cpus} CPUs, ${read.used} of ${read.lines} lines read`,
      batches: read.batches.map((_, i) => `batch ${i}`),
      batch,
      events: trace.events.length,
      verdict: null,
      why: null,
      states: 0,
      remarks: [...read.remarks, ...bad, ...(more > 0 ? [`and ${more} more lines that were not understood`] : [])],
      real: kernelTimeline(trace),
      model: null,
      opens: null,
    },
  }
}
