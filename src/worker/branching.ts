/** What is asked about the branches of a session as a tree. None of it moves the cursor. */
import { writeSpelled } from '../interchange/link-write.ts'
import { ScheduleWriter } from '../interchange/schedule-text.ts'
import { digestOf } from '../lib/digest.ts'
import { formatSchedule, type PackedChoice, parseSchedule } from '../machine/choice.ts'
import { apply } from '../machine/step.ts'
import { type PagedState, restorePages } from '../scenario/paged-state.ts'
import { type Branch, type Run, SPACING } from '../scenario/run.ts'
import { adopt, arrange, drop } from '../scenario/run-tree.ts'
import type { Answer, BranchInfo, Request } from './protocol.ts'
import type { Session } from './session.ts'

type Asked<K extends Request['kind']> = Extract<Request, { kind: K }>

export function branchInfos({ branches }: Run): readonly BranchInfo[] {
  return branches.map(({ id, name, named, starred, parent, forkedAt, schedule, violated }) => ({
    id,
    name,
    named,
    starred,
    parent,
    forkedAt,
    length: schedule.length,
    violatedAt: violated?.step ?? null,
  }))
}

/** Every branch with its schedule; null where it is longer than `most` steps. */
export function schedulesOf({ run }: Session, most: number): Answer {
  return {
    kind: 'schedules',
    branches: run.branches.map(({ id, schedule }) => ({ id, schedule: schedule.length > most ? null : formatSchedule(schedule) })),
  }
}

/** Takes branches in. Those that are there already keep their place, and get the name that comes with them. */
export function graft(session: Session, { scenario, params, branches, ordered }: Asked<'graft'>): Answer {
  const { run, instance } = session
  const own = instance.scenario
  // The page may ask for a scenario that it has left meanwhile.
  const here =
    scenario === (own.edited?.id ?? own.file.id) && Object.entries(instance.params).every(([name, value]) => (params[name] ?? value) === value)
  if (!here) return { kind: 'cancelled' }
  const before = [...run.branches]
  const order: number[] = []
  let cut = 0
  for (const { name, named, starred, schedule } of branches) {
    const steps = parseSchedule(schedule).schedule
    const { branch, kept, known } = adopt(run, steps)
    if (kept < steps.length) cut++
    // Somewhere on the way of another branch: that one is not this one, unless there is a name to keep.
    if (known && kept < branch.schedule.length && !named && !starred) continue
    if (known && (branch.named || branch.starred) && before.includes(branch) && !named) continue
    branch.name = name
    branch.named = named
    branch.starred ||= starred
    if (!order.includes(branch.id)) order.push(branch.id)
  }
  for (const branch of before) if (!order.includes(branch.id)) distinguish(run, branch)
  if (ordered) arrange(run, order)
  return { kind: 'branches', branches: branchInfos(run), cut }
}

/** Of two that are called the same the one that was there counts on. */
function distinguish({ branches }: Run, branch: Branch): void {
  const taken = (name: string) => branches.some((other) => other !== branch && other.name === name)
  if (branch.named || !taken(branch.name)) return
  let number = 1
  while (taken(`branch ${number}`)) number++
  branch.name = `branch ${number}`
}

export function changeBranch({ run }: Session, { branch: id, name, starred }: Asked<'change-branch'>): Answer {
  const branch = run.branches.find((each) => each.id === id)
  if (branch !== undefined && name !== undefined) {
    branch.name = name
    branch.named = true
  }
  if (branch !== undefined && starred !== undefined) branch.starred = starred
  return { kind: 'branches', branches: branchInfos(run), cut: 0 }
}

export function dropBranch({ run }: Session, id: number): Answer {
  drop(run, id)
  return { kind: 'branches', branches: branchInfos(run), cut: 0 }
}

/** The link of a branch's end. */
export function branchLink(session: Session, id: number): Answer {
  const { run, instance } = session
  const branch = run.branches.find((each) => each.id === id)
  if (branch === undefined) return { kind: 'cancelled' }
  const { schedule, keyframes } = branch
  const m = instance.machine()
  const frame = Math.floor(schedule.length / SPACING)
  restorePages(m.w, keyframes[frame] as PagedState)
  for (let step = frame * SPACING; step < schedule.length; step++) apply(m, schedule[step] as PackedChoice)
  const writer = new ScheduleWriter(Int32Array.from(schedule))
  while (writer.run(Number.POSITIVE_INFINITY));
  const { replay } = session.view([], null)
  const at = { cursor: schedule.length, digest: schedule.length === 0 ? null : digestOf(m.w) }
  return { kind: 'link', fragment: writeSpelled({ ...replay, ...at }, { steps: schedule.length, spelling: writer.text }) }
}
