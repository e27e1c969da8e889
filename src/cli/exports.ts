/** A run in the formats of other tools (docs/trace-formats.md), and as a picture. */
import { toFtrace } from '../interchange/ftrace.ts'
import { encodeLink } from '../interchange/link.ts'
import { toPerfetto } from '../interchange/perfetto.ts'
import type { Replay } from '../interchange/replay.ts'
import { toRunJson } from '../interchange/run-json.ts'
import { choiceCpu } from '../machine/choice.ts'
import { FLAG_IF, FLAGS } from '../machine/layout.ts'
import { programNames } from '../scenario/names.ts'
import type { Run, Taken } from '../scenario/run.ts'
import { TimelineBuilder } from '../timeline/build.ts'
import type { TimelineData } from '../timeline/model.ts'
import { timelineSvg } from '../timeline/svg.ts'

export type ExportFormat = 'perfetto' | 'ftrace' | 'json' | 'svg'

/** `taken`: every step of the run; `replay`: the run as a link holds it. */
type Export = (run: Run, taken: readonly Taken[], replay: Replay) => string

export const EXPORTS: Readonly<Record<ExportFormat, Export>> = {
  perfetto: (run, taken, replay) => toPerfetto(timelineOf(run, taken), { title: titleOf(run), link: encodeLink(replay) }),
  ftrace: (run, taken) => toFtrace(timelineOf(run, taken)),
  json: (run, taken, replay) => toRunJson({ replay, steps: taken, violation: violationOf(run) }),
  svg: (run, taken) => timelineSvg(timelineOf(run, taken), { title: titleOf(run) }),
}

export function isExport(name: string): name is ExportFormat {
  return Object.hasOwn(EXPORTS, name)
}

/** "text-poke, sync1=off". */
function titleOf({ instance }: Run): string {
  const { file } = instance.scenario
  const chosen = file.params.filter(({ name, default: standard }) => instance.params[name] !== standard)
  return [file.id, ...chosen.map(({ name }) => `${name}=${instance.params[name]}`)].join(', ')
}

function timelineOf(run: Run, taken: readonly Taken[]): TimelineData {
  const start = run.instance.machine()
  const lanes = run.instance.cpus.map(({ role }, cpu) => ({
    cpu,
    role,
    interrupts: ((start.w[(start.layout.parts[cpu] as number) + FLAGS] as number) & FLAG_IF) !== 0,
  }))
  const timeline = new TimelineBuilder(lanes, programNames(run.instance))
  for (const { choice, kind, events } of taken) timeline.append(choiceCpu(choice), events, { kind, waiting: false })
  const violation = violationOf(run)
  if (violation !== null) timeline.violation(violation.step, violation.cpu, violation.property)
  return timeline.data()
}

/** `step` is the index of the step that violated, from 0. */
function violationOf({ branch, checker }: Run): { step: number; cpu: number; property: string } | null {
  const { violated } = branch
  if (violated === null) return null
  const property = checker.properties.find((_, bit) => (violated.mask & (1 << bit)) !== 0)
  return { step: violated.step - 1, cpu: violated.cpu, property: property?.id ?? '' }
}
