/** What a session's steppers and watchers ask: walks with breakpoints, what points stand at, what an expression is worth. */
import { Random } from '../lib/random.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { hex } from '../lib/u64.ts'
import { choiceCpu, type PackedChoice } from '../machine/choice.ts'
import { addressText, answerQuestion } from '../scenario/console.ts'
import { type Armed, arm, type Point } from '../scenario/points.ts'
import { calmChoice, randomChoice, roundRobin, Steady } from '../scenario/scheduler.ts'
import { readWord } from '../scenario/scope.ts'
import { TraceLog } from '../scenario/trace-log.ts'
import { type Chooser, findHits, Walk, type WalkGoal } from '../scenario/walk.ts'
import type { PointView, Request, Scheduler } from './protocol.ts'
import type { Session } from './session.ts'

/** Goals that are nobody's in particular: whoever moves when the page plays moves. */
const RUNS: readonly WalkGoal[] = ['point', 'int3', 'violation']

type WalkRequest = Extract<Request, { kind: 'walk' }>

const logs = new WeakMap<Session, TraceLog>()

export function startWalk(session: Session, { goal, back, cpu, points, scheduler }: WalkRequest): Walk {
  let log = logs.get(session)
  if (log === undefined) logs.set(session, (log = new TraceLog(session.instance)))
  const armed = allArmed(session, points).filter(({ point }) => point.enabled)
  return new Walk(session, log, { goal, back, cpu, armed }, RUNS.includes(goal) ? chooser(scheduler) : steady(cpu))
}

/** Points that are written wrongly stop nothing; the list says what is wrong. */
function allArmed({ instance, run }: Session, points: readonly Point[]): Armed[] {
  return points.flatMap((point) => {
    const armed = arm(instance, run.machine, point)
    return armed.ok ? [armed.value] : []
  })
}

export function chooser(scheduler: Scheduler): Chooser {
  if (scheduler.kind === 'random') {
    const random = new Random(scheduler.seed)
    return (_, choices) => randomChoice(choices, random)
  }
  if (scheduler.kind === 'fewest-switches') return steady(null)
  if (scheduler.kind === 'same-cpu') return (m, choices, last) => calmChoice(m, choices, last) ?? roundRobin(m, choices, last)
  return roundRobin
}

function steady(favourite: number | null): Chooser {
  const mover = new Steady(favourite)
  return (m, choices, last) => mover.next(m, choices, last)
}

/** Each point with what it stands at; with `near`, also when it stopped or would have stopped last and next on this trace. */
export function viewPoints(session: Session, points: readonly Point[], near: boolean): readonly PointView[] {
  const { instance, run } = session
  return points.map((point) => {
    const armed = arm(instance, run.machine, point)
    if (!armed.ok) return { id: point.id, error: armed.error, address: null, place: null, value: null, before: null, after: null }
    const { address } = armed.value
    const at = (from: number, to: number, last: boolean) => {
      const step = near ? findHits(session, [armed.value], from, to, last).at(last ? -1 : 0)?.step : undefined
      return step === undefined ? null : { step, cpu: choiceCpu(run.branch.schedule[step - 1] as PackedChoice) }
    }
    return {
      id: point.id,
      error: null,
      address: hex(address),
      place: addressText(instance, address),
      value: point.kind === 'break' ? null : hex(readWord(run.machine, address, point.size)),
      before: at(Math.max(0, run.cursor - MOST_LOOKED_AT), run.cursor, true),
      after: at(run.cursor, Math.min(run.length, run.cursor + MOST_LOOKED_AT), false),
    }
  })
}

/** Steps to either side in which a point's last and next stop are looked for. */
const MOST_LOOKED_AT = 20_000

export function answerIn(session: Session, cpu: number, text: string): Result<readonly string[]> {
  const { instance, run } = session
  if (instance.cpus[cpu] === undefined) return fail(`there is no CPU ${cpu}`)
  const answered = answerQuestion(instance, run.machine, cpu, text)
  return answered.ok ? ok(answered.value) : answered
}
