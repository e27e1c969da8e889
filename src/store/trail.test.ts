import { expect, test } from 'vitest'
import type { View } from '../worker/protocol.ts'
import type { AskOptions } from './page.ts'
import { INITIAL } from './state.ts'
import { aView } from './testing.ts'
import { createTrail } from './trail.ts'

/** A page that goes wherever it is asked to, and a history that counts. */
function aTrail() {
  const history: string[] = []
  let view: View = aView({ movers: [0, 0, 0], cursor: 0 })
  const move = (to: Partial<Pick<View, 'branch' | 'cursor'>>, options: Partial<AskOptions> = {}) => {
    const next = { ...view, ...to }
    trail.arrived(view, next, options)
    view = next
  }
  const trail = createTrail({ back: () => void history.push('back'), forward: () => void history.push('forward') }, ({ request, traced }) => {
    const asked = request({ ...INITIAL, view })
    if (asked === null) return
    if (asked.kind === 'seek') move({ cursor: asked.step }, traced === undefined ? {} : { traced })
    else if (asked.kind === 'checkout') move({ branch: asked.branch }, traced === undefined ? {} : { traced })
  })
  return { trail, move, history, at: () => [view.branch, view.cursor] }
}

test('a choice that made a branch is undone and redone, and so are steps before it', () => {
  const { trail, move, history, at } = aTrail()
  move({ cursor: 1 })
  move({ cursor: 0 })
  move({ branch: 1, cursor: 1 })
  trail.undo()
  expect(at()).toEqual([0, 0])
  trail.undo()
  expect(at()).toEqual([0, 1])
  trail.redo()
  trail.redo()
  expect(at()).toEqual([1, 1])
  trail.undo()
  trail.undo()
  trail.undo()
  expect([at(), history]).toEqual([[0, 0], []])
})

test('a jump is taken back where the browser’s history has it; what came after it, here', () => {
  const { trail, move, history, at } = aTrail()
  move({ cursor: 3 }, { arrival: 'jump' })
  move({ cursor: 2 })
  trail.undo()
  expect([at(), history]).toEqual([[0, 3], []])
  trail.undo()
  trail.restored()
  move({ cursor: 0 }, { traced: 'no' })
  expect(history).toEqual(['back'])
  trail.redo()
  trail.restored()
  move({ cursor: 3 }, { traced: 'no' })
  expect(history).toEqual(['back', 'forward'])
  trail.redo()
  expect(at()).toEqual([0, 2])
})

test('what is played, and what is dragged, is one move; another move forgets what was undone', () => {
  const { trail, move, history, at } = aTrail()
  move({ cursor: 1 })
  for (const cursor of [2, 3]) move({ cursor }, { traced: 'with-last' })
  trail.undo()
  expect(at()).toEqual([0, 0])
  move({ cursor: 1 })
  trail.redo()
  expect([at(), history]).toEqual([[0, 1], ['forward']])
})

test('where nothing is known, in another session or after the browser’s own Back, the history decides', () => {
  const { trail, move, history } = aTrail()
  move({ cursor: 1 })
  trail.restored()
  trail.undo()
  move({ cursor: 2 })
  move({ cursor: 0 }, { opens: true, arrival: 'jump' })
  trail.undo()
  expect(history).toEqual(['back', 'back'])
})
