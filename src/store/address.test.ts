/** The address of long runs; what short ones do is in page.test.ts. */
import { expect, test } from 'vitest'
import { createAddressKeeper, type Shown } from './address.ts'
import { FakeAddressBar, FakeTimer, settled } from './testing.ts'

function aKeeper() {
  const bar = new FakeAddressBar('before')
  const timer = new FakeTimer()
  const asked: ((fragment: string | null) => void)[] = []
  const keeper = createAddressKeeper(bar, timer, () => new Promise((resolve) => asked.push(resolve)))
  let spelled = 0
  /** A view that counts how often its link is spelled. */
  const view = (cursor: number, length = 1_000_000): Shown => ({
    cursor,
    length,
    branch: 0,
    get fragment() {
      spelled++
      return `at ${cursor}`
    },
  })
  return { bar, timer, asked, keeper, view, spelled: () => spelled }
}

test('steps of a long run spell nothing; when they rest, the link is asked for once, and written', async () => {
  const { bar, timer, asked, keeper, view, spelled } = aKeeper()
  for (let cursor = 0; cursor < 20; cursor++) {
    keeper.show(view(cursor), false)
    await timer.pass(100)
  }
  expect([asked.length, spelled(), bar.writes]).toEqual([0, 0, 0])
  await timer.pass(1000)
  expect(asked.length).toBe(1)
  asked[0]?.('at 19')
  await settled()
  expect([bar.entries, spelled()]).toEqual([['at 19'], 0])
})

test('a link that comes when the page stands elsewhere is dropped, and the newest one is asked for', async () => {
  const { bar, timer, asked, keeper, view } = aKeeper()
  keeper.show(view(1), false)
  await timer.pass(1000)
  keeper.show(view(2), false)
  asked[0]?.('at 1')
  await settled()
  expect(bar.entries).toEqual(['before'])
  await timer.pass(1000)
  asked[1]?.(null)
  await settled()
  await timer.pass(1000)
  asked[2]?.('at 2')
  await settled()
  expect(bar.entries).toEqual(['at 2'])
})

test('a jump in a long run makes an entry at once, which says where it is when that is spelled', async () => {
  const { bar, timer, asked, keeper, view } = aKeeper()
  keeper.show(view(5), true)
  expect(bar.entries).toEqual(['before', 'before'])
  await timer.pass(1000)
  asked[0]?.('at 5')
  await settled()
  expect(bar.entries).toEqual(['before', 'at 5'])
})

test('who leaves the page takes the newest link along, however long it takes to spell', () => {
  const { bar, keeper, view } = aKeeper()
  keeper.show(view(7), false)
  keeper.flush()
  expect(bar.entries).toEqual(['before'])
  keeper.show(view(7), false)
  keeper.flush(true)
  expect(bar.entries).toEqual(['at 7'])
})

test('a short run is spelled only when it is written', async () => {
  const { bar, timer, keeper, view, spelled } = aKeeper()
  for (let cursor = 0; cursor < 20; cursor++) {
    keeper.show(view(cursor, 30), false)
    await timer.pass(10)
  }
  await timer.pass(1000)
  expect(bar.entries).toEqual(['at 19'])
  expect(spelled()).toBeLessThan(4)
})
