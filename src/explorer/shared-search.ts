/**
 * A search shared by several owners (owner.ts), which may live in other threads: goes from distance to distance, carries batches from owner to owner, and puts
 * the verdict together. States, transitions, verdict, steps and switches are those of the one-thread search.
 */
import type { Origin, Owner, OwnerViolation } from './owner.ts'
import type { Schedule } from './schedules.ts'
import type { Cut } from './verdict.ts'

/** An owner, wherever it lives: its methods, answered later. */
export type OwnerPort = {
  readonly [Method in 'round' | 'judge' | 'origin' | 'choice' | 'summary']: (...args: Parameters<Owner[Method]>) => Promise<ReturnType<Owner[Method]>>
}

export interface SharedLimits {
  readonly maxStates: number
  readonly deadline?: () => boolean
  /** Judge stuck states. */
  readonly stuck: boolean
  readonly properties: readonly string[]
}

export interface SharedVerdict {
  readonly kind: 'violated' | 'exhausted' | 'cut'
  readonly cut: Cut | null
  readonly states: number
  readonly transitions: number
  readonly depth: number
  readonly peakBytes: number
  readonly violations: readonly {
    readonly property: string
    readonly steps: number
    readonly switches: number
    readonly schedule: Schedule
    readonly fewestSteps: boolean
  }[]
  readonly outcomes: readonly { readonly key: string; readonly states: number; readonly schedule: Schedule }[]
  /** From some states no final and no violating one can be reached. Which cycle holds them, only the one-thread search says. */
  readonly doomed: boolean
}

export async function searchShared(
  owners: readonly OwnerPort[],
  limits: SharedLimits,
  tell: (states: number, transitions: number, bytes: number) => void = () => {},
): Promise<SharedVerdict> {
  let distance = 0
  let cut: Cut | null = null
  let states = 0
  let transitions = 0
  let mail = noMail(owners.length)
  for (;;) {
    const here = distance
    const delivered = mail
    const rounds = await Promise.all(owners.map((owner, i) => owner.round(here, delivered[i] as (Int32Array | null)[])))
    states = sum(rounds.map((round) => round.states))
    transitions = sum(rounds.map((round) => round.transitions))
    tell(states, transitions, sum(rounds.map((round) => round.bytes)))
    mail = sorted(rounds.map(({ out }) => out))
    if (rounds.some(({ refused }) => refused)) cut = 'memory'
    else if (states > limits.maxStates) cut = 'states'
    else if (limits.deadline?.() === true) cut = 'time'
    const waiting = rounds.map(({ next }) => next).filter((next) => next >= 0)
    const travels = mail.some((batches) => batches.some((batch) => batch !== null))
    if (cut !== null || (waiting.length === 0 && !travels)) break
    // What travels lies beyond this distance: costs are at least 1. An owner that has nothing so near answers at once.
    distance = travels ? distance + 1 : Math.min(...waiting)
  }
  const summaries = await Promise.all(owners.map((owner) => owner.summary()))
  const doomed = cut === null && limits.stuck && (await isAnyDoomed(owners, states))
  const violations = await Promise.all(
    bestOf(summaries.flatMap((summary) => summary.violations)).map(async ({ property, steps, switches, origin }) => ({
      property: limits.properties[property] as string,
      ...{ steps, switches },
      schedule: origin === null ? [] : await scheduleTo(owners, origin),
      fewestSteps: cut === null || steps <= distance,
    })),
  )
  const rows = new Map<string, { states: number; steps: number; owner: number; sample: number }>()
  for (const [owner, { outcomes }] of summaries.entries()) {
    for (const { key, states, steps, sample } of outcomes) {
      const row = rows.get(key)
      if (row === undefined) rows.set(key, { states, steps, owner, sample })
      else rows.set(key, { ...(steps < row.steps ? { steps, owner, sample } : row), states: row.states + states })
    }
  }
  return {
    kind: violations.length > 0 || doomed ? 'violated' : cut === null ? 'exhausted' : 'cut',
    cut,
    ...{ states, transitions, doomed, violations },
    depth: Math.max(...summaries.map(({ depth }) => depth)),
    peakBytes: sum(summaries.map(({ peakBytes }) => peakBytes)),
    outcomes: await Promise.all(
      [...rows]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(async ([key, { states, owner, sample }]) => ({ key, states, schedule: await scheduleToState(owners, owner, sample) })),
    ),
  }
}

/** Least steps, then least switches, for each property, in the order of the properties. */
function bestOf(violations: readonly OwnerViolation[]): OwnerViolation[] {
  const best = new Map<number, OwnerViolation>()
  for (const violation of violations) {
    const known = best.get(violation.property)
    const better = known === undefined || violation.steps < known.steps || (violation.steps === known.steps && violation.switches < known.switches)
    if (better) best.set(violation.property, violation)
  }
  return [...best.values()].sort((a, b) => a.property - b.property)
}

async function scheduleTo(owners: readonly OwnerPort[], end: Origin): Promise<Schedule> {
  const schedule: [number, number][] = []
  for (let origin: Origin | null = end; origin !== null; ) {
    const owner = owners[origin.owner] as OwnerPort
    schedule.push([origin.agent, await owner.choice(origin.id, origin.agent, origin.ordinal)])
    origin = origin.last < 0 ? null : await owner.origin(origin.id, origin.last)
  }
  return schedule.reverse()
}

async function scheduleToState(owners: readonly OwnerPort[], owner: number, state: number): Promise<Schedule> {
  const origin = await (owners[owner] as OwnerPort).origin(state, -1)
  return origin === null ? [] : scheduleTo(owners, origin)
}

/** Backwards from the final and the violating states: is anything never reached? */
async function isAnyDoomed(owners: readonly OwnerPort[], states: number): Promise<boolean> {
  let turns = await Promise.all(owners.map((owner) => owner.judge(null)))
  for (;;) {
    const mail = sorted(turns.map(({ out }) => out))
    if (mail.every((batches) => batches.every((batch) => batch === null))) break
    turns = await Promise.all(owners.map((owner, i) => owner.judge(mail[i] as (Int32Array | null)[])))
  }
  return sum(turns.map(({ good }) => good)) < states
}

/** From "for each sender, by receiver" to "for each receiver, by sender". */
function sorted(out: readonly (readonly (Int32Array | null)[])[]): (Int32Array | null)[][] {
  return out.map((_, to) => out.map((batches) => batches[to] ?? null))
}

function noMail(owners: number): (Int32Array | null)[][] {
  return Array.from({ length: owners }, () => Array.from({ length: owners }, () => null))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
