import { expect, test } from 'vitest'
import { lazily } from './lazily.ts'
import { settled } from './testing.ts'

test('actions are loaded once, act in order, and at once when they are there', async () => {
  let loads = 0
  const done: number[] = []
  const act = lazily(
    async () => {
      loads++
      return { push: (value: number) => done.push(value) }
    },
    () => done.push(-1),
  )
  act(({ push }) => push(1))
  act(({ push }) => push(2))
  expect(done).toEqual([])
  await settled()
  act(({ push }) => push(3))
  expect([loads, ...done]).toEqual([1, 1, 2, 3])
})

test('what could not be loaded is said, and tried again with the next wish', async () => {
  let loads = 0
  const done: string[] = []
  const act = lazily(
    async () => {
      if (loads++ === 0) throw new Error('gone')
      return { name: 'there' }
    },
    (error) => done.push(String(error)),
  )
  act(({ name }) => done.push(name))
  await settled()
  act(({ name }) => done.push(name))
  await settled()
  expect(done).toEqual(['Error: gone', 'there'])
})
