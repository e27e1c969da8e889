import { expect, test } from 'vitest'
import { ALL_ROOM, fitted, forgetTrees, keepTree, keptElsewhere, leadsAlong, readTree, TREE_ROOM } from './kept-branches.ts'
import type { Memory } from './ports.ts'

const branch = (name: string, schedule: string, more = {}) => ({ name, named: false, starred: false, schedule, ...more })
function aMemory(room = Number.POSITIVE_INFINITY): Memory & { readonly stored: Map<string, string> } {
  const stored = new Map<string, string>()
  const used = () => [...stored.values()].reduce((sum, text) => sum + text.length, 0)
  return {
    stored,
    get: (key) => stored.get(key) ?? null,
    set: (key, value) => {
      if (used() - (stored.get(key)?.length ?? 0) + value.length <= room) stored.set(key, value)
    },
  }
}

test('one schedule leads along another where it is its beginning, counted in steps', () => {
  expect(['', '0s', '0s*2', '0s*3', '0s*3 1s', '0s*3 1s.2'].map((short) => leadsAlong(short, '0s*3 1s'))).toEqual([
    true,
    true,
    true,
    true,
    true,
    false,
  ])
  expect(leadsAlong('0s*3 1s', '0s*3')).toBe(false)
  expect(leadsAlong('0s*4', '0s*3 1s')).toBe(false)
  expect(leadsAlong('0s 1s*2', '0s 1s*20 0s')).toBe(true)
})

test('branches are kept by scenario and parameters, and read again; what is damaged is left out', () => {
  const memory = aMemory()
  const branches = [branch('main', '0s*3'), branch('mine', '1s', { named: true, starred: true })]
  expect(keepTree(memory, 'a', branches)).toBe(true)
  expect(readTree(memory, 'a')).toEqual(branches)
  expect(readTree(memory, 'b')).toEqual([])
  memory.set('branches b', '[1, {"name": "x"}, null]')
  memory.set('branches c', '[{')
  expect([readTree(memory, 'b'), readTree(memory, 'c')]).toEqual([[], []])
})

test('what says nothing more than another branch is not kept, unless it has a name or a star; what another window kept stays', () => {
  const own = [branch('main', '0s*3'), branch('begun', ''), branch('short', '0s*2'), branch('mine', '0s', { named: true }), branch('twin', '0s*3')]
  const kept = [branch('old main', '0s'), branch('elsewhere', '1s'), branch('dropped', '1s*2')]
  expect(fitted(own, kept, new Set(['1s*2'])).kept.map(({ name }) => name)).toEqual(['main', 'mine', 'elsewhere'])
})

test('where a tree does not fit, starred and named branches go first, and the others are named', () => {
  const long = '0s 1s '.repeat(TREE_ROOM / 14).trim()
  const own = [branch('first', `0d ${long}`), branch('star', `0i ${long}`, { starred: true }), branch('last', `0n ${long}`), branch('endless', '')]
  const { kept, tooLong } = fitted([...own.slice(0, 3), { ...(own[3] as (typeof own)[0]), schedule: null }], [], new Set())
  expect(kept.map(({ name }) => name)).toEqual(['star', 'last'])
  expect(tooLong).toEqual(['endless', 'first'])
})

test('all trees together have a bound, and so has the browser; nothing that was kept is lost by it; others can be forgotten', () => {
  const memory = aMemory()
  const big = [branch('big', 'x'.repeat(TREE_ROOM - 100))]
  const trees = Math.floor(ALL_ROOM / TREE_ROOM)
  for (let i = 0; i < trees; i++) expect(keepTree(memory, String(i), big)).toBe(true)
  expect(keepTree(memory, 'more', big)).toBe(false)
  expect(keptElsewhere(memory, 'more')).toBe(trees)
  forgetTrees(memory, '0')
  expect(keptElsewhere(memory, '0')).toBe(0)
  expect([readTree(memory, '0').length, readTree(memory, '1').length, keepTree(memory, 'more', big)]).toEqual([1, 0, true])
  const small = aMemory(500)
  expect(keepTree(small, 'a', [branch('a', '0s')])).toBe(true)
  expect(keepTree(small, 'a', big)).toBe(false)
  expect(readTree(small, 'a')).toEqual([branch('a', '0s')])
})
