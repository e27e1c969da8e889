/** Two runs side by side: a session for each, told and aligned, and both states at any two of their moments. One worker holds one pair. */
import type { Disassemble } from '../decoder/disassemble.ts'
import { formatSchedule, parseSchedule } from '../machine/choice.ts'
import type { Decode } from '../machine/instruction.ts'
import { compareRuns } from '../scenario/compare-runs.ts'
import { compareStates } from '../scenario/compare-runs-states.ts'
import { tellSteps } from '../scenario/compare-runs-steps.ts'
import { applyUpdate } from '../timeline/update.ts'
import type { Answer, Compared, Request } from './protocol.ts'
import { Session } from './session.ts'
import { scenarioFor } from './sources.ts'

type Asked<K extends Request['kind']> = Extract<Request, { kind: K }>

/** Longer runs are compared as far as this. */
const MOST_STEPS = 20_000

interface Side {
  readonly session: Session
  readonly remarks: readonly string[]
  /** Nothing can happen any more at its end. */
  readonly ended: boolean
}

export class Comparing {
  private readonly sides = new Map<'a' | 'b', Side>()

  /** Opens one of the two, and follows its schedule as far as that is possible there. */
  open({ side, scenario, source, params, schedule }: Asked<'compare-run'>, decode: Decode, disassemble: Disassemble): Answer {
    this.sides.delete(side)
    const found = scenarioFor(source === undefined ? { scenario } : { scenario, source })
    if (!found.ok) return { kind: 'refused', ...found.error }
    const opened = Session.open(found.value, params, decode, disassemble)
    if (!opened.ok) return { kind: 'refused', message: `${found.value.file.id} cannot be built with these parameters.`, detail: opened.error }
    const { schedule: all } = parseSchedule(schedule)
    const steps = all.slice(0, MOST_STEPS)
    const remarks = opened.value.load(formatSchedule(steps), steps.length)
    if (steps.length < all.length) remarks.push(`It is longer than ${MOST_STEPS} steps: only these are compared.`)
    this.sides.set(side, { session: opened.value, remarks, ended: opened.value.run.choices().length === 0 })
    return { kind: 'compare-run', remarks }
  }

  compare(disassemble: Disassemble): Answer {
    const [a, b] = [this.sides.get('a'), this.sides.get('b')]
    if (a === undefined || b === undefined) return { kind: 'refused', message: 'There are no two runs to compare.', detail: [] }
    const [told, other] = [
      [a, b],
      [b, a],
    ].map((pair) => {
      const [own, beside] = pair as [Side, Side]
      return tellSteps(own.session.instance, disassemble, own.session.run.branch.schedule, beside.session.instance)
    }) as [ReturnType<typeof tellSteps>, ReturnType<typeof tellSteps>]
    const cpus = Math.max(a.session.instance.cpus.length, b.session.instance.cpus.length)
    return { kind: 'compare', a: shown(a, told), b: shown(b, other), runs: compareRuns(told, other, cpus) }
  }

  at({ a, b }: Asked<'compare-at'>): Answer {
    const [left, right] = [this.sides.get('a')?.session, this.sides.get('b')?.session]
    if (left === undefined || right === undefined) return { kind: 'refused', message: 'There are no two runs to compare.', detail: [] }
    left.seek(a)
    right.seek(b)
    const [before, after] = [left, right].map((session) => session.view([], null)) as [ReturnType<Session['view']>, ReturnType<Session['view']>]
    return { kind: 'compare-at', a, b, differences: compareStates(before.snapshot, after.snapshot) }
  }
}

function shown({ session, remarks, ended }: Side, steps: ReturnType<typeof tellSteps>): Compared {
  const { run, instance } = session
  const { violated } = run.branch
  const picture = session.picture(run.branch.id)
  while (picture?.next());
  const property = run.checker.properties.find((_, bit) => violated !== null && (violated.mask & (1 << bit)) !== 0)
  return {
    steps: steps.map(({ cpu, title, effect }) => ({ cpu, title, effect })),
    timeline: picture === null ? null : applyUpdate(null, picture.update()),
    roles: instance.cpus.map(({ role }) => role),
    violated: violated === null ? null : { step: violated.step, property: property?.title ?? property?.id ?? 'a property' },
    ended,
    remarks,
  }
}
