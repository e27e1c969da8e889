import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { answerOf, cellResult, partsOf, planAblation, searchCell } from './ablation.ts'
import type { Scenario } from './format.ts'

const scenario = atlas.get('text-poke') as Scenario
const LIMITS = { maxStates: 1e6, maxBytes: 1e9 }

function planned(options: Parameters<typeof planAblation>[1]) {
  const plan = planAblation(scenario.file, options)
  if (!plan.ok) throw new Error(plan.error.join('; '))
  return plan.value
}

test('with one caller and coherent fetch, the flagship needs sync 3 and its order, and not the first two syncs', () => {
  const plan = planned({ params: { callers: '1', fetch: 'coherent' } })
  const decode = createDecode()
  const results = plan.cells.map(({ params }) => {
    const search = searchCell(scenario, params, decode, LIMITS)
    if (!search.ok) throw new Error(search.error.join('; '))
    while (search.value.exploration.run(1e6));
    return cellResult(search.value.exploration)
  })
  const answers = plan.rows.map(({ removed }, row) => [
    removed.join(),
    answerOf(results[row] as (typeof results)[0], results[0] as (typeof results)[0]),
  ])
  expect(Object.fromEntries(answers.slice(1))).toEqual({
    ...{ sync1: 'not-needed', sync2: 'not-needed', sync3: 'needed' },
    ...{ publish: 'needed', fence: 'needed', ipisync: 'not-needed', refwait: 'not-needed', locked: 'not-needed' },
  })
  expect(results[3]?.race?.property).toBe('no-oops')
})

test('every cell is one search: rows times fetch models, the first row with everything on', () => {
  const plan = planned({ params: {} })
  expect(plan.rows[0]?.removed).toEqual([])
  expect(plan.cells).toHaveLength(plan.rows.length * plan.fetches.length)
  expect(plan.cells[plan.fetches.length]?.params).toMatchObject({ sync1: 'off', sync2: 'on', fetch: plan.fetches[0] })
})

test('what is left out already is said, and how to put it back', () => {
  expect(planned({ params: {} })).toMatchObject({ off: [], restored: null })
  const plan = planned({ params: { sync1: 'off', callers: '1' } })
  expect(plan.off).toEqual(['sync 1, after the int3'])
  expect(plan.rows[0]?.title).toBe('as it stands, without sync 1, after the int3')
  expect(plan.restored).toEqual({ sync1: 'on', callers: '1' })
})

test('pairs are all pairs of what is still there', () => {
  const plan = planned({ params: { sync1: 'off' }, pairs: true, fetch: ['worst'] })
  const singles = scenario.file.removable.length - 1
  expect(plan.rows).toHaveLength(1 + singles + (singles * (singles - 1)) / 2)
  expect(plan.cells.every(({ params }) => params.sync1 === 'off' && params.fetch === 'worst')).toBe(true)
})

test('a pair may be needed though neither part is', () => {
  const plan = planned({ params: { fetch: 'worst' }, pairs: true })
  const pair = plan.rows.findIndex(({ removed }) => removed.join() === 'ipisync,locked')
  expect(partsOf(plan, pair).map((row) => plan.rows[row]?.removed)).toEqual([['ipisync'], ['locked']])
  expect(partsOf(plan, 1)).toEqual([])
  const [exhausted, violated] = [{ verdict: 'exhausted' }, { verdict: 'violated' }] as const
  expect(answerOf(violated, exhausted, [exhausted, exhausted])).toBe('either')
  expect(answerOf(violated, exhausted, [exhausted, violated])).toBe('needed')
  expect(answerOf(exhausted, exhausted, [exhausted, exhausted])).toBe('not-needed')
})

test('an unknown fetch model or parameter is named', () => {
  expect(planAblation(scenario.file, { params: {}, fetch: ['psychic'] })).toMatchObject({
    error: [expect.stringContaining('no fetch model "psychic"')],
  })
  expect(planAblation(scenario.file, { params: { gone: '1' } })).toMatchObject({ error: [expect.stringContaining('no parameter "gone"')] })
})

test('a race that is there with everything on says nothing of what was removed', () => {
  expect(answerOf({ verdict: 'violated' }, { verdict: 'violated' })).toBe('anyway')
  expect(answerOf({ verdict: 'violated' }, { verdict: 'cut' })).toBe('cut')
  expect(answerOf({ verdict: 'exhausted' }, { verdict: 'cut' })).toBe('not-needed')
})
