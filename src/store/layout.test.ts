import { expect, test } from 'vitest'
import { AS_DESIGNED, panelsOf, restoreArrangement } from './layout.ts'
import { createPage } from './page.ts'
import { aWorld } from './testing.ts'

const PANELS = [
  { id: 'site', region: 'main' },
  { id: 'timeline', region: 'main' },
  { id: 'story', region: 'tabs' },
  { id: 'choices', region: 'side' },
] as const

function rows(page: ReturnType<typeof createPage>) {
  const { arrangement } = page.store.getState()
  return (['main', 'tabs', 'side'] as const).map((region) =>
    panelsOf(PANELS, region, arrangement)
      .map(({ id }) => id)
      .join(' '),
  )
}

test('panels stand where they say, until somebody moves them; resetting puts all of them back', () => {
  const page = createPage(aWorld(''))
  expect(rows(page)).toEqual(['site timeline', 'story', 'choices'])
  page.movePanel('choices', 'main')
  expect(rows(page)).toEqual(['site timeline choices', 'story', ''])
  page.shiftPanel('choices', -1, PANELS)
  expect(rows(page)).toEqual(['site choices timeline', 'story', ''])
  page.shiftPanel('site', -1, PANELS)
  expect(rows(page)).toEqual(['site choices timeline', 'story', ''])
  page.resetLayout()
  expect(rows(page)).toEqual(['site timeline', 'story', 'choices'])
})

test('the arrangement is there at the next visit; a damaged one is forgotten', () => {
  const world = aWorld('')
  const page = createPage(world)
  page.foldPanel('timeline', true)
  page.keepSizes('main:site', { site: 40 })
  page.showAlone('site')
  expect(restoreArrangement(world.memory).arrangement).toMatchObject({ folded: ['timeline'], alone: null, sizes: { 'main:site': { site: 40 } } })
  world.memory.set('arrangement', '{')
  expect(restoreArrangement(world.memory).arrangement).toEqual(AS_DESIGNED)
})
