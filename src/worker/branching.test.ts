import { expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { decodeLink } from '../interchange/link.ts'
import { toy } from '../scenario/toy.ts'
import { branchInfos, branchLink, changeBranch, dropBranch, graft, schedulesOf } from './branching.ts'
import type { KeptBranch } from './protocol.ts'
import { Session } from './session.ts'

const scenario = toy('one:\n  inc eax\n  jmp one\ntwo:\n  inc ebx\n  jmp two\n', ['one', 'two'])

function open(schedule: string): Session {
  const opened = Session.open(scenario, {}, createDecode(), createDisassemble())
  if (!opened.ok) throw new Error(opened.error.join('\n'))
  expect(opened.value.load(schedule, 99)).toEqual([])
  return opened.value
}

const kept = (name: string, schedule: string, more: Partial<KeptBranch> = {}): KeptBranch => ({
  name,
  named: false,
  starred: false,
  schedule,
  ...more,
})
const taken = (session: Session, branches: readonly KeptBranch[], ordered = true) =>
  graft(session, { kind: 'graft', scenario: 'toy', params: {}, branches, ordered })
const drawn = ({ run }: Session) =>
  branchInfos(run).map(
    ({ name, parent, length, starred }) =>
      `${name}${starred ? '*' : ''} ${length}${parent === null ? '' : ` <- ${run.branches.find(({ id }) => id === parent)?.name}`}`,
  )

test('after a reload the open run is again the branch that it was, among all the others, in their order', () => {
  const before = open('0s*4')
  before.seek(2)
  before.take(1)
  changeBranch(before, { kind: 'change-branch', branch: 1, name: 'mine', starred: true })
  expect(drawn(before)).toEqual(['main 4', 'mine* 3 <- main'])
  // The address held the second one.
  const session = open('0s*2 1s')
  expect(taken(session, [kept('main', '0s*4'), kept('mine', '0s*2 1s', { named: true, starred: true })])).toMatchObject({ kind: 'branches', cut: 0 })
  expect(drawn(session)).toEqual(['main 4', 'mine* 3 <- main'])
  expect([session.run.branch.name, session.run.cursor]).toEqual(['mine', 3])
})

test('a run that is begun anew gets a name of its own; what goes along it without a name is not doubled', () => {
  const session = open('')
  taken(session, [kept('main', '0s*4')])
  expect(drawn(session)).toEqual(['main 4', 'branch 1 0 <- main'])
  const longer = open('0s*6')
  taken(longer, [kept('main', '0s*4')])
  expect(drawn(longer)).toEqual(['main 6'])
})

test('what is not possible any more is cut, and counted; another scenario gets none of them', () => {
  const session = open('0s')
  expect(taken(session, [kept('a', '1s 1d 1s')])).toMatchObject({ cut: 1 })
  expect(drawn(session)).toEqual(['a 1', 'main 1 <- a'])
  expect(graft(session, { kind: 'graft', scenario: 'other', params: {}, branches: [kept('b', '1s 1s')], ordered: true })).toEqual({
    kind: 'cancelled',
  })
})

test('a branch is dropped, and comes back as it was', () => {
  const session = open('0s*4')
  taken(session, [kept('main', '0s*4'), kept('x', '1s', { starred: true })])
  const id = session.run.branches.find(({ name }) => name === 'x')?.id as number
  dropBranch(session, id)
  expect(drawn(session)).toEqual(['main 4'])
  taken(session, [kept('x', '1s', { starred: true })], false)
  expect(drawn(session)).toEqual(['main 4', 'x* 1 <- main'])
})

test('schedules of all branches, and the link of one, with the digest of its end', () => {
  const session = open('0s*4')
  taken(session, [kept('x', '1s*300')], false)
  expect(schedulesOf(session, 299)).toEqual({
    kind: 'schedules',
    branches: [
      { id: 0, schedule: '0s*4' },
      { id: 1, schedule: null },
    ],
  })
  const answer = branchLink(session, 1)
  if (answer.kind !== 'link') throw new Error(answer.kind)
  const { link, problems } = decodeLink(answer.fragment)
  const there = open('1s*300')
  there.seek(300)
  expect([link.schedule, link.cursor, link.digest, problems]).toEqual(['1s*300', 300, there.run.digest, []])
})
