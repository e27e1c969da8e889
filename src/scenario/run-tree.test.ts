import { expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { formatSchedule, parseSchedule } from '../machine/choice.ts'
import { Checker } from './properties.ts'
import { Run } from './run.ts'
import { adopt, arrange, drop } from './run-tree.ts'
import { mustBuild, toy } from './toy.ts'

/** CPU 0 counts for ever, CPU 1 runs into a trap at its third step. */
const scenario = toy('one:\n  inc eax\n  jmp one\ntwo:\n  nop\n  nop\nbad:\n  hlt\n', ['one', 'two'], {
  properties: [{ kind: 'never', id: 'bad', title: 'nobody gets there', at: ['bad'] }],
})
const instance = mustBuild(scenario, {}, createDecode())

function newRun(text = ''): Run {
  const checker = Checker.create(instance)
  if (!checker.ok) throw new Error(checker.error.join('\n'))
  const run = new Run(instance, checker.value)
  for (const choice of parse(text)) if (run.take(choice) === null) throw new Error('impossible')
  return run
}

const parse = (text: string) => parseSchedule(text).schedule
/** "0 main <- null@0: 0s*4", one line a branch. */
const drawn = (run: Run) =>
  run.branches.map(({ id, name, parent, forkedAt, schedule }) => `${id} ${name} <- ${parent}@${forkedAt}: ${formatSchedule(schedule)}`)

test('a branch from outside hangs on the one with which it has most in common, and the cursor stays', () => {
  const run = newRun('0s*4')
  run.seek(2)
  const digest = run.digest
  expect(adopt(run, parse('0s*2 1s*2 0s'))).toMatchObject({ kept: 5, known: false })
  adopt(run, parse('0s*2 1s 0s'))
  expect(drawn(run)).toEqual(['0 main <- null@0: 0s*4', '1 branch 1 <- 0@2: 0s*2 1s*2 0s', '2 branch 2 <- 1@3: 0s*2 1s 0s'])
  expect([run.branch.id, run.cursor, run.digest]).toEqual([0, 2, digest])
  expect(run.branches.map(({ violated }) => violated?.step ?? null)).toEqual([null, 4, null])
})

test('what leads along a branch that is there is that branch; what is impossible is cut off', () => {
  const run = newRun('0s*4')
  expect(adopt(run, parse('0s*3'))).toMatchObject({ kept: 3, known: true, branch: { id: 0 } })
  expect(adopt(run, parse('0s 1d 0s'))).toMatchObject({ kept: 1, known: true })
  expect(adopt(run, parse('0s 1s 1d 0s'))).toMatchObject({ kept: 2, known: false })
  expect(run.branches).toHaveLength(2)
})

test('an adopted branch can be walked like one that was stepped, over keyframes as well', () => {
  const schedule = parse('0s*300 1s 0s*300')
  const stepped = newRun('0s*300 1s 0s*300')
  const run = newRun('0s*290')
  const { branch } = adopt(run, schedule)
  run.checkout(branch.id)
  for (const step of [601, 256, 299, 512, 0, 301]) {
    run.seek(step)
    stepped.seek(step)
    expect(run.digest, `step ${step}`).toBe(stepped.digest)
  }
  expect(branch.keyframes).toHaveLength(stepped.branch.keyframes.length)
})

test('a branch that is dropped leaves those that left it; the present one stays', () => {
  const run = newRun('0s*4')
  adopt(run, parse('0s*2 1s*2 0s'))
  adopt(run, parse('0s*2 1s 0s'))
  expect(drop(run, 0)).toBe(false)
  expect(drop(run, 7)).toBe(false)
  expect(drop(run, 1)).toBe(true)
  expect(drawn(run)).toEqual(['0 main <- null@0: 0s*4', '2 branch 2 <- 0@2: 0s*2 1s 0s'])
  run.checkout(2)
  run.seek(3)
  run.take(parse('1s')[0] as number)
  expect(drawn(run).at(-1)).toBe('3 branch 3 <- 2@3: 0s*2 1s*2')
})

test('in another order, another branch is what all others came from', () => {
  const run = newRun('0s*4')
  adopt(run, parse('0s*2 1s*2 0s'))
  arrange(run, [1])
  expect(drawn(run)).toEqual(['1 branch 1 <- null@0: 0s*2 1s*2 0s', '0 main <- 1@2: 0s*4'])
  expect(run.branch.id).toBe(0)
})
