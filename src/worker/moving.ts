/** A block of the present branch at another place: what would become of the run, and doing it. */
import { choiceCpu, formatSchedule, type PackedChoice } from '../machine/choice.ts'
import { executedBy, type Moved, movedOrder, replayMoved } from '../scenario/reorder.ts'
import { adopt } from '../scenario/run-tree.ts'
import type { BlockMove, MoveOutcome } from './protocol.ts'
import type { Session } from './session.ts'

/** Longer runs take too long to play while somebody drags. */
const MOST_STEPS = 5000

interface Told {
  readonly branch: object
  readonly length: number
  readonly executed: ReturnType<typeof executedBy>
  /** The digest at the end. */
  readonly digest: string
}

const told = new WeakMap<Session, Told>()

function toldOf(session: Session): Told {
  const { run, instance } = session
  const { branch, length } = run
  const known = told.get(session)
  if (known?.branch === branch && known.length === length) return known
  const executed = executedBy(instance, branch.schedule)
  const { digest } = replayMoved(instance, run.checker, branch.schedule, executed, movedOrder(length, { from: 0, to: 0, at: 0 }))
  const now = { branch, length, executed, digest }
  told.set(session, now)
  return now
}

/** null where there is no such block, or the run is too long. */
function play(session: Session, move: BlockMove): Moved | null {
  const { run, instance } = session
  const { from, to, at } = move
  const inside = [from, to, at].every((step) => Number.isInteger(step) && step >= 0 && step <= run.length)
  if (!inside || from >= to || (at > from && at < to) || run.length > MOST_STEPS) return null
  return replayMoved(instance, run.checker, run.branch.schedule, toldOf(session).executed, movedOrder(run.length, move))
}

export function previewMove(session: Session, move: BlockMove): MoveOutcome | null {
  const moved = play(session, move)
  if (moved === null) return null
  const { run } = session
  const { violated, lost, otherwise, open, digest, schedule } = moved
  const tell = (index: number) => {
    const choice = run.branch.schedule[index] as PackedChoice
    return { step: index + 1, cpu: choiceCpu(choice), token: formatSchedule([choice]) }
  }
  const property = run.checker.properties.find((_, bit) => violated !== null && (violated.mask & (1 << bit)) !== 0)
  return {
    steps: schedule.length,
    lost: lost.length,
    firstLost: lost[0] === undefined ? null : tell(lost[0]),
    otherwise: otherwise.length,
    firstOtherwise: otherwise[0] === undefined ? null : tell(otherwise[0]),
    violated: violated === null ? null : { step: violated.step, property: property?.title ?? property?.id ?? 'a property' },
    open,
    sameState: digest === toldOf(session).digest,
  }
}

/** Makes a branch of it and goes there, to where the block has ended; says what could not be kept. null where nothing was moved. */
export function moveBlock(session: Session, move: BlockMove): readonly string[] | null {
  const moved = play(session, move)
  if (moved === null) return null
  const { from, to, at } = move
  const { branch, known } = adopt(session.run, moved.schedule)
  session.checkout(branch.id)
  session.seek(moved.violated?.step ?? Math.min(moved.schedule.length, at <= from ? at + (to - from) : at))
  const lost = moved.lost.length
  return [
    ...(lost === 0 ? [] : [`${lost === 1 ? 'One step was' : `${lost} steps were`} not possible any more and left out; everything else was kept.`]),
    ...(known ? ['This order had been tried before: you stand on that branch.'] : []),
  ]
}
