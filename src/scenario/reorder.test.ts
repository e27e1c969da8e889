import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { Random } from '../lib/random.ts'
import { formatSchedule, parseSchedule } from '../machine/choice.ts'
import type { Instance } from './build.ts'
import type { Scenario } from './format.ts'
import { Checker } from './properties.ts'
import { executedBy, type Move, movedOrder, replayMoved } from './reorder.ts'
import { Run } from './run.ts'
import { randomChoice } from './scheduler.ts'
import { mustBuild, toy } from './toy.ts'

const decode = createDecode()

function checkerOf(instance: Instance): Checker {
  const checker = Checker.create(instance)
  if (!checker.ok) throw new Error(checker.error.join('\n'))
  return checker.value
}

function moved(instance: Instance, text: string, move: Move) {
  const { schedule } = parseSchedule(text)
  const result = replayMoved(instance, checkerOf(instance), schedule, executedBy(instance, schedule), movedOrder(schedule.length, move))
  return { ...result, text: formatSchedule(result.schedule) }
}

test('a block goes to another place, before or behind its own', () => {
  expect(movedOrder(6, { from: 3, to: 5, at: 1 })).toEqual([0, 3, 4, 1, 2, 5])
  expect(movedOrder(6, { from: 1, to: 3, at: 6 })).toEqual([0, 3, 4, 5, 1, 2])
  expect(movedOrder(4, { from: 1, to: 3, at: 1 })).toEqual([0, 1, 2, 3])
  expect(movedOrder(4, { from: 1, to: 3, at: 3 })).toEqual([0, 1, 2, 3])
})

const shared = mustBuild(
  toy('one:\n  mov dword ptr [rel x], 1\n  mfence\n  hlt\ntwo:\n  mov eax, dword ptr [rel x]\n  nop\nbad:\n  hlt\n', ['one', 'two'], {
    properties: [{ kind: 'never', id: 'bad', title: 'nobody gets there', at: ['bad'] }],
  }),
  {},
  decode,
)

test('steps that have nothing to do with each other end in the same state; a load before a store does not', () => {
  const before = moved(shared, '0s 0d 1s*2', { from: 0, to: 1, at: 0 })
  const commuted = moved(shared, '0s 0d 1s*2', { from: 3, to: 4, at: 4 })
  expect([commuted.text, commuted.digest]).toEqual(['0s 0d 1s*2', before.digest])
  const early = moved(shared, '0s 0d 1s*2', { from: 2, to: 4, at: 0 })
  expect([early.text, early.lost, early.digest === before.digest]).toEqual(['1s*2 0s 0d', [], false])
  expect(early.violated).toEqual({ step: 2, mask: 1 })
})

test('what is not possible any more is left out, and the rest is kept', () => {
  const { text, lost } = moved(shared, '0s 0d 0s 1s', { from: 1, to: 2, at: 0 })
  // Nothing to drain yet; then the fence waits for a drain that has been left out.
  expect([text, lost]).toEqual(['0s 1s', [1, 2]])
})

test.each([1, 2, 3])('whatever is moved anywhere, what is left can be played as it stands, and nothing but what was there (seed %i)', (seed) => {
  const instance = mustBuild(atlas.get('text-poke') as Scenario, { sync1: 'off' }, decode)
  const random = new Random(seed)
  const run = new Run(instance, checkerOf(instance))
  for (let i = 0; i < 300; i++) run.take(randomChoice(run.choices(), random) as number)
  const { schedule } = run.branch
  const executed = executedBy(instance, schedule)
  for (let round = 0; round < 30; round++) {
    const from = random.below(300)
    const to = Math.min(300, from + 1 + random.below(20))
    const at = random.below(2) === 0 ? random.below(from + 1) : to + random.below(301 - to)
    const order = movedOrder(300, { from, to, at })
    expect(
      [...order].sort((a, b) => a - b),
      `seed ${seed}`,
    ).toEqual(schedule.map((_, i) => i))
    const result = replayMoved(instance, run.checker, schedule, executed, order)
    expect(result.schedule.length + result.lost.length).toBe(300)
    const again = new Run(instance, run.checker)
    for (const choice of result.schedule) expect(again.take(choice), `seed ${seed}, ${from} to ${to} at ${at}`).not.toBeNull()
    expect([again.digest, again.branch.violated?.step ?? null, again.choices().length]).toEqual([
      result.digest,
      result.violated?.step ?? null,
      result.open,
    ])
    if (at === from || at === to) expect(result).toMatchObject({ lost: [], otherwise: [], digest: run.digest })
  }
})
