/** The address of long runs; what short ones do is in page.test.ts. */
import { expect, test } from 'vitest'
import { decodeLink } from '../interchange/link.ts'
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

const SHORT = 'v=1&k=L5ql&s=text-poke&t=0s12'
/** A keeper whose address it has written itself, at the end of 12 steps. */
function atTwelve() {
  const all = aKeeper()
  all.keeper.show({ cursor: 12, length: 12, branch: 0, fragment: SHORT }, false)
  return all
}
const problemsOf = (fragment: string | undefined) => decodeLink(fragment ?? '').problems.map(({ message }) => message)

test('while a long run goes on, the address says that it lags behind, and by how much; at its end it is asked for at once, and says all', async () => {
  const { bar, timer, asked, keeper, view } = atTwelve()
  const writes = bar.writes
  await timer.pass(400)
  keeper.show(view(30_000, 30_000), true)
  for (let length = 30_100; length <= 50_000; length += 100) {
    keeper.show(view(length, length), false)
    await timer.pass(10)
  }
  expect(bar.entries[0]).toBe(SHORT)
  expect(decodeLink(bar.entries[1] ?? '').link.schedule).toBe('0s*12')
  expect(problemsOf(bar.entries[1])).toEqual([
    expect.stringMatching(/^this address was still being written: it holds the first 12 of 4\d,\d00 steps or more$/),
  ])
  expect(bar.writes - writes).toBeLessThan(8)
  expect(asked.length).toBe(0)
  keeper.show(view(50_000, 50_000), false, true)
  expect(asked.length).toBe(1)
  asked[0]?.('at 50000')
  await settled()
  expect(bar.entries).toEqual([SHORT, 'at 50000'])
})

test('a long link that is followed is not called unfinished; who moves on from there is told so until it is spelled', async () => {
  const { bar, timer, asked, keeper, view } = atTwelve()
  const sent = 'v=1&s=text-poke&t=0s30000'
  bar.replace(sent)
  keeper.accept(sent)
  keeper.show(view(10_000, 25_000), false)
  keeper.show(view(30_000, 30_000), false, true)
  expect(bar.read()).toBe(sent)
  asked[0]?.(sent)
  await settled()
  await timer.pass(1000)
  keeper.show(view(29_999, 30_000), false)
  expect(problemsOf(bar.read())).toEqual(['this address was still being written: the page may have stood at another step'])
  await timer.pass(1000)
  asked[1]?.('at 29999')
  await settled()
  expect(bar.read()).toBe('at 29999')
})
