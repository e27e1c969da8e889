import { expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { formatSchedule } from '../machine/choice.ts'
import { toy } from '../scenario/toy.ts'
import { moveBlock, previewMove } from './moving.ts'
import { Session } from './session.ts'

const scenario = toy('one:\n  mov dword ptr [rel x], 1\n  mfence\n  hlt\ntwo:\n  mov eax, dword ptr [rel x]\n  nop\nbad:\n  hlt\n', ['one', 'two'], {
  properties: [{ kind: 'never', id: 'bad', title: 'nobody gets there', at: ['bad'] }],
})

function open(schedule: string): Session {
  const opened = Session.open(scenario, {}, createDecode(), createDisassemble())
  if (!opened.ok) throw new Error(opened.error.join('\n'))
  expect(opened.value.load(schedule, 0)).toEqual([])
  return opened.value
}

test('while a block is held it is said what would become of the run, and nothing moves', () => {
  const session = open('0s 0d 0s 1s*2')
  expect(previewMove(session, { from: 3, to: 5, at: 0 })).toEqual({
    steps: 5,
    lost: 0,
    firstLost: null,
    otherwise: 0,
    firstOtherwise: null,
    violated: { step: 2, property: 'nobody gets there' },
    open: 2,
    sameState: false,
  })
  expect(previewMove(session, { from: 1, to: 2, at: 0 })).toMatchObject({ lost: 2, firstLost: { step: 2, cpu: 0, token: '0d' } })
  expect(previewMove(session, { from: 3, to: 5, at: 2 })).toMatchObject({ lost: 0, sameState: true })
  expect([session.run.branches.length, session.run.cursor]).toEqual([1, 0])
})

test('a block that is dropped makes a branch, and what could not be kept is said', () => {
  const session = open('0s 0d 0s 1s*2')
  expect(moveBlock(session, { from: 3, to: 5, at: 2 })).toEqual([])
  expect(formatSchedule(session.run.branch.schedule)).toBe('0s 0d 1s*2 0s')
  expect([session.run.branch.id, session.run.cursor, session.run.branches.length]).toEqual([1, 4, 2])
  expect(moveBlock(session, { from: 1, to: 2, at: 0 })).toEqual(['2 steps were not possible any more and left out; everything else was kept.'])
  session.checkout(0)
  expect(moveBlock(session, { from: 3, to: 5, at: 2 })).toEqual(['This order had been tried before: you stand on that branch.'])
})

test('what is no block of the run is refused', () => {
  const session = open('0s 0d 0s')
  for (const move of [
    { from: 0, to: 0, at: 1 },
    { from: 0, to: 2, at: 1 },
    { from: 2, to: 9, at: 0 },
    { from: 0, to: 1, at: -1 },
    { from: 0.5, to: 1, at: 3 },
  ])
    expect([previewMove(session, move), moveBlock(session, move)]).toEqual([null, null])
})
