import { expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { explore } from './expectation.ts'
import { HAZARD_LIST, type MatrixRow, planRows, rowResult } from './hazard-matrix.ts'
import { toy } from './toy.ts'

const decode = createDecode()

/** Two CPUs count up x, with or without the lock; one may stop for ever. */
const scenario = toy(
  `a:
if LOCK
  lock inc dword ptr [rel x]
else
  inc dword ptr [rel x]
endif
  lock inc dword ptr [rel y]
.wait:
  cmp dword ptr [rel y], 2
  jne .wait
both:
  hlt
b:
if STUCK
  jmp b
endif
  jmp a`,
  ['a', 'b'],
  {
    params: [
      { name: 'lock', title: 'lock', values: ['on', 'off'], default: 'on' },
      { name: 'stuck', title: 'stuck', values: ['off', 'on'], default: 'off' },
    ],
    properties: [
      { kind: 'assert', id: 'counted', title: 'counted', at: 'both', holds: 'u32[x] == 2', hazard: 'lost' },
      { kind: 'never', id: 'oops', title: 'oops', at: [], hazard: 'unclaimed' },
      { kind: 'no-deadlock' },
    ],
    strategies: {
      param: 'lock',
      cards: ['on', 'off'].map((id) => ({ id, title: `lock ${id}`, who: '', date: '', where: '', idea: '', objection: '', linux: '' })),
    },
    removable: [{ id: 'progress', title: 'progress', set: { stuck: 'on' } }],
  },
)

function rows(): MatrixRow[] {
  const plan = planRows(scenario.file)
  if (!plan.ok) throw new Error(plan.error.join('; '))
  return plan.value.map((row) => {
    const results = row.searches.map(({ params }) => {
      const result = explore(scenario, params, decode)
      if (!result.ok) throw new Error(result.error.join('; '))
      return result.value
    })
    return rowResult(scenario.file, row, results, (params, schedule) => `${params.lock}/${params.stuck} ${schedule}`)
  })
}

test('a row for each strategy, and for each with one thing left out; a cell says what the searches say', () => {
  const told = rows().map(({ title, removed, cells }) => [
    `${title}${removed === null ? '' : ` without ${removed}`}`,
    Object.fromEntries(HAZARD_LIST.filter((hazard) => cells[hazard].kind !== 'none').map((hazard) => [hazard, cells[hazard].kind])),
  ])
  expect(Object.fromEntries(told)).toEqual({
    'lock on': { lost: 'clean', unclaimed: 'clean', deadlock: 'clean' },
    'lock on without progress': { lost: 'hidden', unclaimed: 'hidden', deadlock: 'violated' },
    'lock off': { lost: 'violated', unclaimed: 'hidden', deadlock: 'hidden' },
    'lock off without progress': { lost: 'hidden', unclaimed: 'hidden', deadlock: 'violated' },
  })
})

test('a violated cell carries what leads to its race', () => {
  const cell = rows().find(({ title, removed }) => title === 'lock off' && removed === null)?.cells.lost
  expect(cell).toMatchObject({ kind: 'violated', property: 'counted', circumstance: null })
  expect(cell?.kind === 'violated' && cell.link).toMatch(/^off\/off [01]s/)
})
