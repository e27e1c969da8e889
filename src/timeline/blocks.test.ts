import { expect, test } from 'vitest'
import { blocksOf, drawBlocks, nextPlace, placeOf, stepAt } from './blocks.ts'

const movers = [0, 0, 0, 1, 1, 0]

test('steps that a CPU takes in a row are a block, cut where somebody stands', () => {
  const drawn = (cut: number) => blocksOf(movers, cut).map(({ cpu, from, to }) => `${cpu}:${from}-${to}`)
  expect(drawn(0)).toEqual(['0:0-3', '1:3-5', '0:5-6'])
  expect(drawn(2)).toEqual(['0:0-2', '0:2-3', '1:3-5', '0:5-6'])
  expect(drawn(3)).toEqual(drawn(0))
  expect(blocksOf([], 0)).toEqual([])
})

test('places and steps go over into each other, and snap to the edges of blocks', () => {
  const blocks = drawBlocks(blocksOf(movers, 0), 300)
  for (let step = 0; step <= 6; step++) expect(stepAt(blocks, placeOf(blocks, step), 1)).toBe(step)
  expect((blocks.at(-1)?.x ?? 0) + (blocks.at(-1)?.width ?? 0)).toBeGreaterThan(295)
  const second = blocks[1]
  expect(stepAt(blocks, (second?.x ?? 0) + 4, 5)).toBe(3)
  expect([stepAt(blocks, -10, 3), stepAt(blocks, 9999, 3), stepAt([], 5, 3), placeOf([], 5)]).toEqual([0, 6, 0, 0])
})

test('by keys a block goes from edge to edge, or step by step, and never into itself', () => {
  const blocks = blocksOf(movers, 0)
  const moving = blocks[1] as (typeof blocks)[0]
  expect([nextPlace(blocks, moving, 3, 1, false), nextPlace(blocks, moving, 3, -1, false), nextPlace(blocks, moving, 5, 1, false)]).toEqual([6, 0, 6])
  expect([nextPlace(blocks, moving, 3, 1, true), nextPlace(blocks, moving, 5, -1, true), nextPlace(blocks, moving, 3, -1, true)]).toEqual([6, 2, 2])
  expect([nextPlace(blocks, moving, 6, 1, false), nextPlace(blocks, moving, 0, -1, true)]).toEqual([6, 0])
  expect([nextPlace(blocks, moving, 6, -1, true), nextPlace(blocks, moving, 2, 1, true)]).toEqual([5, 3])
})
