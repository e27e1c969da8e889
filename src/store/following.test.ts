import { expect, test } from 'vitest'
import { mistakeIn } from './following.ts'

const wrong = (text: string, remark: string) => {
  const mistake = mistakeIn(text, [remark])
  return mistake === null ? null : text.slice(mistake.from, mistake.to)
}

test.each([
  ['0s 1s*3 2x', 'The schedule: "2x" is no run of choices (like 0s*12).', '2x'],
  ['0s\n1s*3  1s.2 0s', 'Step 4 of the schedule, 1s: CPU 1 cannot move there; kept the 3 steps before it.', '1s*3'],
  ['0s 1s*3 1s.2 0s', 'Step 5 of the schedule, 1s.2: CPU 1 cannot fetch those bytes there; kept the 4 steps before it.', '1s.2'],
])('in "%s", "%s" points at "%s"', (text, remark, run) => expect(wrong(text, remark)).toBe(run))

test('a schedule that was taken whole has no mistake', () => {
  expect(mistakeIn('0s', [])).toBeNull()
  expect(mistakeIn('0s', ['The state differs from the one that was shared.'])).toBeNull()
})
