import { expect, test } from 'vitest'
import type { View } from '../worker/protocol.ts'
import { createPage } from './page.ts'
import { optionsOf, questionOf, type SiteMeaning } from './predicting.ts'
import { shownSite } from './selectors.ts'
import { aCpu, aScenario, aView, aWorld } from './testing.ts'

type SiteCpuView = View['snapshot']['sites'][number]['cpus'][number]

function fetches(cpu: number, meanings: readonly SiteMeaning[], here = false): SiteCpuView {
  const variants = meanings.map((meaning) => ({ bytes: '', text: meaning, meaning, stale: false }))
  return { cpu, bytes: [], variants, here, pendingStore: null, lines: [], pass: null }
}

function at(cpus: readonly SiteCpuView[], roles: readonly string[]): View {
  const view = aView({ scenario: aScenario('one') })
  const site = {
    label: 'site0',
    address: '0x1000',
    length: 5,
    lineBreak: null,
    memory: [],
    memoryText: '',
    oldText: 'call a',
    newText: 'call b',
    between: [],
  }
  const sites = [{ ...site, memoryMeaning: 'old' as const, cpus }]
  return { ...view, snapshot: { ...view.snapshot, sites, cpus: roles.map((role, id) => ({ ...aCpu(id), role })) } }
}

async function aPage() {
  const world = aWorld()
  const page = createPage(world)
  page.start()
  await world.stepper.answer({ kind: 'catalog', scenarios: [aScenario('one')], tour: [] })
  await world.stepper.view({ scenario: aScenario('one') })
  const show = (view: View) => page.store.setState({ view })
  return { page, show, question: () => questionOf(page.store.getState()) }
}

const ROLES = ['patcher', 'caller', 'caller']

test('nobody is asked who does not want to be; then callers are, those at the site first, and the patcher is not', async () => {
  const { page, show, question } = await aPage()
  show(at([fetches(0, ['int3']), fetches(1, ['old']), fetches(2, ['old', 'int3'], true)], ROLES))
  expect(question()).toBeNull()
  page.setPredicting(true)
  expect(question()).toMatchObject({ cpu: 2, truth: ['old', 'int3'] })
  page.setPredicting(false)
  expect(question()).toBeNull()
})

test('right is who ticks all that can be and nothing else; what was answered is not asked of others to whom it applies, until it changes', async () => {
  const { page, show, question } = await aPage()
  show(at([fetches(0, ['int3']), fetches(1, ['old', 'int3']), fetches(2, ['old', 'int3'])], ROLES))
  page.setPredicting(true)
  page.predict(['int3', 'old'])
  expect(page.store.getState().prediction).toMatchObject({ asked: 1, right: 1, last: { cpu: 1 } })
  expect(question()).toBeNull()
  // CPU 2 has synchronised.
  show(at([fetches(0, ['int3']), fetches(1, ['old', 'int3']), fetches(2, ['int3'])], ROLES))
  expect(question()).toMatchObject({ cpu: 2, truth: ['int3'] })
  page.predict(['int3', 'torn'])
  expect(page.store.getState().prediction).toMatchObject({ asked: 2, right: 1 })
  expect(question()).toBeNull()
  page.predict(['int3'])
  expect(page.store.getState().prediction?.asked).toBe(2)
})

test('where all are patchers they are asked of themselves, and another scenario starts anew', async () => {
  const { page, show, question } = await aPage()
  show(at([fetches(0, ['new'])], ['patcher']))
  page.setPredicting(true)
  expect(question()?.cpu).toBe(0)
  page.predict(['new'])
  page.store.setState(({ session }) => ({ session: session + 1 }))
  expect(page.store.getState().prediction).toMatchObject({ asked: 0, last: null })
})

test('the site in front is the chosen one, or else the first that is patched at all', async () => {
  const { page } = await aPage()
  const bytes = (from: 'old' | 'both') => [{ value: '90', from }]
  const view = at([fetches(0, ['old'])], ['caller'])
  const [site] = view.snapshot.sites
  if (site === undefined) throw new Error('no site')
  const sites = [
    { ...site, address: '0x1', memory: bytes('both') },
    { ...site, address: '0x2', memory: bytes('old') },
    { ...site, address: '0x3', memory: bytes('old') },
  ]
  const shown = (selectedSite: string | null) => shownSite({ view: { ...view, snapshot: { ...view.snapshot, sites } }, selectedSite })
  expect([shown(null), shown('0x1'), shown('0x3'), shown('0x9')]).toEqual([1, 0, 2, 1])
  page.selectSite('0x1')
  expect(page.store.getState().selectedSite).toBe('0x1')
})

test('where a version is an int3 itself there is no other int3 to tick; and where nothing is patched nobody is asked', async () => {
  expect(optionsOf({ oldText: 'int3', newText: 'call b' })).toEqual(['old', 'new', 'torn'])
  expect(optionsOf({ oldText: 'call a', newText: 'call b' })).toEqual(['old', 'int3', 'new', 'torn'])
  const { page } = await aPage()
  page.setPredicting(true)
  expect(page.store.getState()).toMatchObject({
    prediction: null,
    notes: [{ lines: ['This scenario patches no call site: there is nothing to predict.'] }],
  })
})
