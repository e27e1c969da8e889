/**
 * Ways through a run that may take long: they are gone in portions of some milliseconds, others are heard in between, and the page is told from time to time where
 * they have come to. Each answers with what there is to say about its end.
 */
import { Going, type Went } from './going.ts'
import { Loading } from './loading.ts'
import type { Preparation, Request } from './protocol.ts'
import type { Session } from './session.ts'
import { startWalk } from './walking.ts'

export interface Way {
  /** Milliseconds. */
  now(): number
  /** Lets messages in; false where somebody wants something else meanwhile. */
  goesOn(): Promise<boolean>
  /** Shows where the session stands. */
  passing(): void
  /** Nothing has moved yet, or nothing that could be shown. */
  preparing(what: Preparation, done: number, of: number): void
}

/** Between two looks for messages. */
const PORTION_MS = 12
/** Between two pictures. */
const TELL_MS = 100
/** Steps between two looks at the clock: taken, read, and searched for breakpoints. */
const FEW = 100
const FEW_READ = 1000
const FEW_WALKED = 500
const STOPPED = 'Stopped.'

/** Does `work` again and again until it answers true; false where it was stopped. */
async function portions(way: Way, work: () => boolean, tell: () => void): Promise<boolean> {
  let told = way.now()
  for (;;) {
    const begun = way.now()
    do if (work()) return true
    while (way.now() - begun < PORTION_MS)
    if (!(await way.goesOn())) return false
    if (way.now() - told < TELL_MS) continue
    tell()
    told = way.now()
  }
}

/** Tells where the session stands, where that is somewhere else than last time. */
function teller({ run }: Session, way: Way): () => void {
  let { branch, cursor } = run
  return () => {
    if (branch === run.branch && cursor === run.cursor) return
    ;({ branch, cursor } = run)
    way.passing()
  }
}

export async function runAlong(session: Session, { maxSteps, ...plan }: Extract<Request, { kind: 'run' }>, way: Way): Promise<readonly string[]> {
  const going = new Going(session, plan)
  let went: Went = { arrived: false, remark: null }
  const work = () => {
    went = going.on(Math.min(FEW, maxSteps - going.taken))
    return went.arrived || going.taken >= maxSteps
  }
  if (!(await portions(way, work, teller(session, way)))) return [STOPPED]
  const missed = went.arrived || plan.target === 'steps' ? null : notReached(plan.target === 'end' ? 'The end was not' : 'Not', maxSteps)
  return told(went.remark ?? missed)
}

export async function walkAlong(session: Session, request: Extract<Request, { kind: 'walk' }>, way: Way): Promise<readonly string[]> {
  const { run } = session
  const tell = teller(session, way)
  let walk = startWalk(session, request)
  // The first walk of a long run reads all of it.
  const read = () => walk.ready(FEW_READ)
  if (!(await portions(way, read, () => way.preparing('trace', walk.read, run.length)))) return [STOPPED]
  let left = request.times
  let taken = 0
  let remark: string | null = null
  const work = () => {
    const walked = walk.go(FEW_WALKED)
    remark = walked.remark
    if (!walked.arrived) return taken + walk.taken >= request.maxSteps
    left--
    // A breakpoint, the end, something that breaks: what stops one walk stops all.
    if (left === 0 || remark !== null || run.branch.violated?.step === run.cursor) return true
    taken += walk.taken
    walk = startWalk(session, request)
    return false
  }
  if (!(await portions(way, work, tell))) return [STOPPED]
  return told(remark ?? (taken + walk.taken >= request.maxSteps && left > 0 ? notReached('Not', request.maxSteps) : null))
}

/** Follows a schedule from outside, as far as it is possible and nobody stops it, and stands at `cursor`. `whole`: as the link wanted it. */
export async function loadAlong(
  session: Session,
  schedule: string,
  cursor: number,
  way: Way,
): Promise<{ readonly whole: boolean; readonly remarks: string[] }> {
  const loading = new Loading(session, schedule)
  const whole = await portions(
    way,
    () => loading.on(FEW),
    () => way.preparing('link', loading.done, loading.steps),
  )
  session.seek(cursor)
  return { whole, remarks: whole ? loading.remarks : [`Stopped after ${loading.done} of the ${loading.steps} steps of this link.`] }
}

function notReached(what: string, steps: number): string {
  return `${what} reached within ${steps.toLocaleString('en-US')} steps.`
}

function told(remark: string | null): readonly string[] {
  return remark === null ? [] : [remark]
}
