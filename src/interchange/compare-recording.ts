/** A recorded batch beside the model: sets a scenario up like the recorded machine, searches for the recorded execution, and checks what it finds. */
import { fail, ok, type Result } from '../lib/result.ts'
import { hex } from '../lib/u64.ts'
import type { Decode } from '../machine/instruction.ts'
import { build, type Instance } from '../scenario/build.ts'
import type { Scenario } from '../scenario/format.ts'
import { Checker } from '../scenario/properties.ts'
import { disagreements, sentenceOf } from './agreement.ts'
import { type Guided, GuidedReplay, type GuideLimits, observeSchedule } from './guided-replay.ts'
import { Observer } from './observer.ts'
import type { RecordedBatch, RecordedEvent, Recording } from './recording.ts'

export interface Comparison {
  readonly instance: Instance
  readonly params: Readonly<Record<string, string>>
  readonly batch: RecordedBatch
  readonly guided: Guided
  /** Why not, in words; null where it is allowed. */
  readonly refusal: string | null
}

/** `json`: the recording as it was read, for the scenario's own symbols. */
export function compareBatch(
  scenario: Scenario,
  json: unknown,
  recording: Recording,
  index: number,
  decode: Decode,
  limits?: GuideLimits,
): Result<Comparison, string[]> {
  const batch = recording.batches[index]
  const spec = scenario.file.recording
  if (batch === undefined)
    return fail([`there is no batch ${index}: the recording has ${recording.batches.length} (0 to ${recording.batches.length - 1})`])
  if (spec?.compare === undefined) return fail([`scenario ${scenario.file.id} says nothing of comparing (recording.compare)`])
  const value = valueFor(spec.batches, batch)
  if (value === null)
    return fail([
      `batch ${index} has ${describeSites(batch)}; scenario ${scenario.file.id} knows one 5-byte call site, or two jump labels of 2 and 5 bytes`,
    ])
  const own: Scenario = {
    ...scenario,
    recording: json,
    file: { ...scenario.file, recording: { ...spec, batches: { ...spec.batches, [value]: index } } },
  }
  const params = { ...spec.compare.set, [spec.param]: value }
  const built = build(own, params, decode)
  if (!built.ok) return built
  const instance = built.value
  const cpus = instance.cpus.length
  const stranger = batch.events.find(({ cpu }) => cpu >= cpus)
  if (stranger !== undefined || batch.patcher !== 0)
    return fail([
      stranger === undefined
        ? `CPU ${batch.patcher} patches; the scenario's patcher is CPU 0`
        : `event ${stranger.seq} is of CPU ${stranger.cpu}; the scenario has CPUs 0 to ${cpus - 1}`,
    ])
  const checker = Checker.create(instance)
  if (!checker.ok) return checker
  const observer = Observer.create(instance, spec.compare, batch.sites)
  if (!observer.ok) return observer
  const guided = new GuidedReplay(instance, checker.value, observer.value, recording, batch, limits).run()
  const wrong = guided.allowed ? verify(instance, checker.value, observer.value, recording, batch, guided) : refusalOf(batch, guided)
  return ok({ instance, params: instance.params, batch, guided: wrong === null ? guided : { ...guided, allowed: false }, refusal: wrong })
}

/** The value of the scenario's parameter whose kind of batch this is: by the sites' number and lengths, and the old and new opcodes. */
function valueFor(batches: Readonly<Record<string, number>>, { sites }: RecordedBatch): string | null {
  const [first, second] = sites
  if (first === undefined) return null
  const value =
    sites.length === 2 && first.length === 2 && second?.length === 5
      ? 'jump-label'
      : sites.length === 1 && first.length === 5
        ? `${first.old[0] === 0xe8 ? 'call' : 'nop'}-${first.new[0] === 0xe8 ? 'call' : 'nop'}`
        : null
  return value !== null && Object.hasOwn(batches, value) ? value : null
}

function describeSites({ sites }: RecordedBatch): string {
  return `${sites.length} ${sites.length === 1 ? 'site' : 'sites'} (${sites
    .map(({ length }) => `${length} bytes`)
    .slice(0, 4)
    .join(', ')}${sites.length > 4 ? ', …' : ''})`
}

/** The schedule once more, with nothing but the machine's own rules: what it shows must be the recording. */
function verify(
  instance: Instance,
  checker: Checker,
  observer: Observer,
  recording: Recording,
  batch: RecordedBatch,
  { schedule }: Guided,
): string | null {
  const noted = observeSchedule(instance, checker, observer, schedule)
  if (noted === null) return 'the schedule found needs more timer interrupts than the scenario grants'
  let sync = 0
  for (const [i, event] of batch.events.entries()) {
    const seen = noted[i]
    if (event.event === 'sync begin') sync++
    const differ = seen?.cpu !== event.cpu ? ['another CPU moves'] : disagreements(recording, event, seen.observation, { sync, trap: seen.trap })
    if (differ.length > 0) return `${sentenceOf(event)}: ${differ.join('; ')}`
  }
  return noted.length === batch.events.length ? null : 'the run goes on after the last recorded event'
}

function refusalOf({ events, patcher }: RecordedBatch, { met, instead, states, cut }: Guided): string {
  const event = events[met] as RecordedEvent
  const why = instead.length > 0 ? instead.slice(0, 3).join('. Or: ') : absent(event, events.slice(0, met), patcher)
  const searched = `${states} states looked at${cut ? ', and not all that there are' : ''}`
  return `event ${event.seq}, ${sentenceOf(event)}, has no place in the model: ${why} (${searched})`
}

/** Why an event that no run shows is not there, as far as the recording itself tells. */
function absent(event: RecordedEvent, before: readonly RecordedEvent[], patcher: number): string {
  if (event.event !== 'int3 hit') return `CPU ${event.cpu} does nothing of that kind from here`
  const last = before.findLast((each) => 'sync' in each && each.event === 'sync taken' && each.cpu === event.cpu)
  const restored = before.some((each) => each.event === 'write first byte' && each.site === event.site)
  if (last !== undefined && restored && 'sync' in last && last.sync === 3)
    return `the first byte at ${hex(event.site)} is new, and CPU ${event.cpu} has acknowledged sync 3: it fetches no int3 any more`
  return `CPU ${event.cpu}${event.cpu === patcher ? ', which patches,' : ''} meets no int3 at ${hex(event.site)} that is like the recorded one`
}
