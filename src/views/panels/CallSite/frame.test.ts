import { expect, test } from 'vitest'
import type { CpuView, StackWord } from '../../snapshot.ts'
import { framedCpu, frameRows } from './frame.ts'

const word = (label: string, frame: number, kind: StackWord['kind'] = 'hardware'): StackWord =>
  ({ address: label, value: '0', label, kind, frame, changed: false, top: false, altered: null, overwritten: false }) as StackWord

const cpu = (id: number, nesting: readonly string[], words: readonly StackWord[]): CpuView =>
  ({ id, nesting, stack: { words } }) as unknown as CpuView

const FRAME = [word('ss', 0), word('rip', 0)]

test('the frame of the CPU in front is shown, else that of the first that is in a handler', () => {
  const cpus = [cpu(0, [], [word('local', -1, 'plain')]), cpu(1, ['#BP'], FRAME), cpu(2, ['#BP'], FRAME)]
  expect(framedCpu(cpus, 2)?.id).toBe(2)
  expect(framedCpu(cpus, 0)?.id).toBe(1)
  expect(framedCpu(cpus.slice(0, 1), 0)).toBeNull()
})

test('it begins with the one word above it that an emulated push may reach, and saved registers are folded', () => {
  const saved = ['rdi', 'rsi', 'rdx', 'rcx', 'rax'].map((name) => word(name, 0, 'software'))
  const rows = frameRows([word('a', -1, 'plain'), word('b', -1, 'plain'), ...FRAME, ...saved])
  expect(rows.map((row) => (row.kind === 'word' ? row.word.label : row.words.length))).toEqual(['b', 'ss', 'rip', 5])
  expect(frameRows([word('a', -1, 'plain')])).toEqual([])
})
