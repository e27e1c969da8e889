import { expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { toy } from '../scenario/toy.ts'
import { goAlong } from './along.ts'
import { schedulesOf } from './branching.ts'
import { Session } from './session.ts'

const scenario = toy('one:\n  inc eax\n  jmp one\ntwo:\n  inc ebx\n  jmp two\n', ['one', 'two'])

function open(session: Session, schedule: string): unknown {
  goAlong(session, schedule)
  expect(session.load(schedule, 99)).toEqual([])
  return [session.run.branch.id, schedulesOf(session, 99)]
}

test('the same schedule opened twice is one branch, and a longer one goes on from it', () => {
  const opened = Session.open(scenario, {}, createDecode(), createDisassemble())
  if (!opened.ok) throw new Error(opened.error.join('\n'))
  const session = opened.value
  const tree = (...schedules: string[]) => ({ kind: 'schedules', branches: schedules.map((schedule, id) => ({ id, schedule })) })
  expect(open(session, '0s*3')).toEqual([0, tree('0s*3')])
  expect(open(session, '1s*2')).toEqual([1, tree('0s*3', '1s*2')])
  expect(open(session, '0s*3')).toEqual([0, tree('0s*3', '1s*2')])
  expect(open(session, '1s*2 0s')).toEqual([1, tree('0s*3', '1s*2 0s')])
  expect(open(session, '0s*2')).toEqual([0, tree('0s*3', '1s*2 0s')])
  expect(open(session, '')).toEqual([0, tree('0s*3', '1s*2 0s')])
})
