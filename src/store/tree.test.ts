import { expect, test } from 'vitest'
import type { BranchInfo } from '../worker/protocol.ts'
import { createPage, type Page } from './page.ts'
import { aScenario, aView, aWorld, type World } from './testing.ts'
import { treeOf } from './tree.ts'

const info = (id: number, length: number, more: Partial<BranchInfo> = {}): BranchInfo => ({
  id,
  name: id === 0 ? 'main' : `branch ${id}`,
  named: false,
  starred: false,
  parent: id === 0 ? null : 0,
  forkedAt: 0,
  length,
  violatedAt: null,
  ...more,
})
const KEY = 'branches ["one",[]]'

/** A page whose tree has brought back what was kept. */
async function aTree(kept: string | null = null): Promise<{ page: Page; world: World }> {
  const world = aWorld()
  if (kept !== null) world.stored.set(KEY, kept)
  const page = createPage(world)
  page.start()
  await world.stepper.answer({ kind: 'catalog', scenarios: [aScenario('one')], tour: [] })
  await world.stepper.view({ movers: [0] })
  treeOf(page)
  return { page, world }
}

const showBranches = (page: Page, branches: readonly BranchInfo[], movers: readonly number[] = [0]) =>
  page.store.setState({ view: { ...aView({ movers }), branches } })

test('kept branches are brought back when their scenario is opened, and the view keeps what it computes when asked', async () => {
  const kept = [{ name: 'mine', named: true, starred: true, schedule: '0s 1s' }]
  const { page, world } = await aTree(JSON.stringify(kept))
  expect(world.stepper.last).toEqual({ kind: 'graft', scenario: 'one', params: {}, branches: kept, ordered: true })
  const { view } = page.store.getState()
  await world.stepper.answer({ kind: 'branches', branches: [info(0, 1), info(1, 2)], cut: 1 })
  expect(page.store.getState().view?.branches).toHaveLength(2)
  expect(page.store.getState().view?.fragment).toBe(view?.fragment)
  expect(treeOf(page).store.getState().cut).toBe(1)
})

test('what has changed is kept when the page rests, and nothing is asked while nothing changes', async () => {
  const { page, world } = await aTree()
  const asked = world.stepper.requests.length
  page.store.setState({ view: aView({ movers: [0] }) })
  await world.timer.pass(1000)
  expect(world.stepper.requests.slice(asked)).toEqual([])
  showBranches(page, [info(0, 1), info(1, 2)])
  await world.timer.pass(500)
  // The timeline asks what the other branch did; that is all.
  expect(world.stepper.requests.slice(asked).map(({ kind }) => kind)).toEqual(['picture'])
  await world.stepper.answer({ kind: 'cancelled' })
  await world.timer.pass(500)
  expect(world.stepper.last?.kind).toBe('schedules')
  const branches = [
    { id: 0, schedule: '0s' },
    { id: 1, schedule: '1s*2' },
  ]
  await world.stepper.answer({ kind: 'schedules', branches })
  expect(JSON.parse(world.stored.get(KEY) as string)).toMatchObject([
    { name: 'main', schedule: '0s' },
    { name: 'branch 1', schedule: '1s*2' },
  ])
})

test('a branch is dropped and brought back; the present one only after one has gone over to another', async () => {
  const { page, world } = await aTree()
  showBranches(page, [info(0, 1), info(1, 2)])
  const tree = treeOf(page)
  tree.drop(0)
  expect(world.stepper.last).toEqual({ kind: 'checkout', branch: 1 })
  await world.stepper.answer({ kind: 'view', view: { ...aView({ movers: [1, 1], branch: 1 }), branches: [info(0, 1), info(1, 2)] } })
  expect(world.stepper.last?.kind).toBe('schedules')
  await world.stepper.answer({ kind: 'schedules', branches: [{ id: 0, schedule: '0s' }] })
  expect(world.stepper.last).toEqual({ kind: 'drop-branch', branch: 0 })
  await world.stepper.answer({ kind: 'branches', branches: [info(1, 2)], cut: 0 })
  expect(page.store.getState().view?.branches.map(({ id }) => id)).toEqual([1])
  expect(tree.store.getState().dropped).toEqual({ name: 'main', named: false, starred: false, schedule: '0s' })
  tree.bringBack()
  expect(world.stepper.last).toMatchObject({ kind: 'graft', branches: [{ name: 'main', schedule: '0s' }], ordered: false })
})

test('the only branch is not dropped, an empty name is none, and the link of a branch is asked for', async () => {
  const { page, world } = await aTree()
  showBranches(page, [info(0, 1)])
  const tree = treeOf(page)
  const asked = world.stepper.requests.length
  tree.drop(0)
  tree.rename(0, '  ')
  expect(world.stepper.requests).toHaveLength(asked)
  tree.rename(0, ' the race ')
  expect(world.stepper.last).toEqual({ kind: 'change-branch', branch: 0, name: 'the race' })
  await world.stepper.answer({ kind: 'branches', branches: [info(0, 1, { name: 'the race', named: true })], cut: 0 })
  const link = tree.linkOf(0)
  await world.stepper.answer({ kind: 'link', fragment: 'v=1' })
  expect(await link).toBe('https://host/#v=1')
})
