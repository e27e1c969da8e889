/**
 * Which steps the user has made in this session, and which came with a link, a search or a kept branch: who was shown a race has not found it. Of each branch only
 * the beginning counts, for a race is found by choosing all that leads to it.
 */
import type { Request, View } from '../worker/protocol.ts'

/** By a branch's number: so many of its first steps were made by hand. */
export type ByHand = Readonly<Record<number, number>>

/** Are new steps that this request leads to the user's? Runs are, where they go to a goal that the user could have stepped to; the one to a violation is a search. */
export function isByHand(request: Request): boolean {
  if (request.kind === 'walk') return request.goal !== 'violation'
  return request.kind === 'take' || request.kind === 'run'
}

/** `reopened`: of a branch that was open before, and comes again. */
export function accountAfter(account: ByHand, before: View | null, view: View, made: boolean, reopened: number | null): ByHand {
  const same = before !== null && isSameMachine(before, view)
  const old = same ? account : {}
  const known = Math.min(old[view.branch] ?? inherited(old, before, view), view.length)
  const base = before !== null && before.branch === view.branch ? before.length : (forkOf(view)?.at ?? before?.cursor ?? 0)
  const now = made && same && known >= base ? view.length : Math.max(known, Math.min(reopened ?? 0, view.length))
  return old === account && account[view.branch] === now ? account : { ...old, [view.branch]: now }
}

function inherited(account: ByHand, before: View | null, view: View): number {
  const fork = forkOf(view)
  if (fork !== null) return Math.min(account[fork.parent] ?? 0, fork.at)
  return before === null || before.branch === view.branch ? 0 : Math.min(account[before.branch] ?? 0, before.cursor)
}

function forkOf({ branch, branches }: View): { readonly parent: number; readonly at: number } | null {
  const info = branches.find(({ id }) => id === branch)
  return info === undefined || info.parent === null ? null : { parent: info.parent, at: info.forkedAt }
}

/** Branches of one machine keep their numbers (worker/host.ts). */
export function isSameMachine(a: View, b: View): boolean {
  return a.scenario.id === b.scenario.id && Object.entries(a.params).every(([name, value]) => b.params[name] === value)
}
