import { expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import {
  type Arrangement,
  AS_THEY_ARE,
  arranged,
  isPlain,
  moved,
  readArrangement,
  toggleCollapsed,
  togglePinned,
  writeArrangement,
} from './arrangement.ts'

const CPUS = [0, 1, 2, 3]

test('nothing said, lanes stand in their own order', () => {
  expect(arranged(CPUS, AS_THEY_ARE)).toEqual(CPUS)
  expect(isPlain(AS_THEY_ARE)).toBe(true)
})

test('a pinned lane stands on top, and stays among the pinned when it is moved', () => {
  const pinned = togglePinned(togglePinned(AS_THEY_ARE, 3), 1)
  expect(arranged(CPUS, pinned)).toEqual([1, 3, 0, 2])
  expect(arranged(CPUS, moved(CPUS, pinned, 1, 3))).toEqual([3, 1, 0, 2])
  expect(arranged(CPUS, moved(CPUS, pinned, 2, 0))).toEqual([1, 3, 2, 0])
  expect(arranged(CPUS, togglePinned(pinned, 1))).toEqual([3, 0, 1, 2])
})

test('an arrangement fits a run with fewer or more CPUs', () => {
  const turned = moved(CPUS, AS_THEY_ARE, 3, 0)
  expect(arranged([0, 1], turned)).toEqual([0, 1])
  expect(arranged([0, 1, 2, 3, 4, 5], turned)).toEqual([3, 0, 1, 2, 4, 5])
})

test.each([1, 2, 3])('whatever was done, each lane stands once, pinned ones first, and it all comes back from its text (seed %i)', (seed) => {
  const random = new Random(seed)
  let arrangement: Arrangement = AS_THEY_ARE
  for (let i = 0; i < 200; i++) {
    const cpu = random.pick(CPUS)
    const action = random.below(3)
    arrangement =
      action === 0
        ? togglePinned(arrangement, cpu)
        : action === 1
          ? toggleCollapsed(arrangement, cpu)
          : moved(CPUS, arrangement, cpu, random.below(6) - 1)
    const order = arranged(CPUS, arrangement)
    expect([...order].sort()).toEqual(CPUS)
    const pins = order.map((each) => arrangement.pinned.includes(each))
    expect(pins.lastIndexOf(true)).toBeLessThan(pins.includes(false) ? pins.indexOf(false) : CPUS.length)
    const read = readArrangement(writeArrangement(arrangement))
    expect(read).toEqual({ ok: true, value: arrangement })
  }
})

test.each(['', '1,2', 'a;b;c', '1;2;3;4', ';;;'])('what is no arrangement is refused: "%s"', (text) => {
  expect(readArrangement(text).ok).toBe(false)
})
