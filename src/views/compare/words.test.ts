import { expect, test } from 'vitest'
import type { Compared, ComparedRow, Comparison } from '../../worker/protocol.ts'
import { foldRows, summary } from './words.ts'

const run = (steps: readonly [number, string, string?][], more: Partial<Compared> = {}): Compared => ({
  steps: steps.map(([cpu, title, effect = '']) => ({ cpu, title, effect })),
  timeline: null,
  roles: ['one'],
  violated: null,
  ended: true,
  remarks: [],
  ...more,
})
const compared = (a: Compared, b: Compared, shared: number, first: Comparison['runs']['first']): Comparison => ({
  a,
  b,
  runs: { shared, cpus: [], first },
})

test('where two runs part is said in a sentence, with what each does there, and how each ends', () => {
  const a = run([
    [0, 'executes nop'],
    [1, 'executes int3'],
  ])
  const b = run([
    [0, 'executes nop'],
    [0, 'executes ret'],
  ])
  const said = summary(compared(a, { ...b, violated: { step: 2, property: 'no oops' } }, 1, { cpu: 1, row: { a: 1, b: null, differs: false } }))
  expect(said.parts).toBe('The first step is the same; then they part: in A CPU 1 executes int3, in B CPU 0 executes ret.')
  expect(said.first).toBe('The first thing that a CPU does otherwise: CPU 1 executes int3 in A only (step 2 of A).')
  expect(said.ends).toEqual(['A keeps every property; all is done after 2 steps.', 'B breaks “no oops” at step 2.'])
})

test('one step that does another thing in either run, equal runs, and runs that differ in their order only', () => {
  const [a, b] = [run([[1, 'executes mov eax, x', 'reads 0']]), run([[1, 'executes mov eax, x', 'reads 1']])]
  expect(summary(compared(a, b, 0, { cpu: 1, row: { a: 0, b: 0, differs: true } })).parts).toBe(
    'They part at the very first step: CPU 1 executes mov eax, x, in A: reads 0; in B: reads 1.',
  )
  expect(summary(compared(a, a, 1, null)).parts).toBe('Both runs are the same, all 1 step.')
  expect(summary(compared(a, run([]), 0, null)).first).toContain('only the order differs')
})

test('long stretches of equal rows are folded, but not what stands beside a difference or where one stands', () => {
  const rows: ComparedRow[] = Array.from({ length: 20 }, (_, i) => ({ a: i, b: i === 10 ? null : i, differs: false }))
  const drawn = (present: number, open: readonly number[] = []) =>
    foldRows(rows, present, new Set(open)).map((item) =>
      item.kind === 'row' ? item.row : item.kind === 'fold' ? `${item.from}-${item.to}` : item.where,
    )
  expect(drawn(-2)).toEqual(['0-9', 9, 10, 11, '12-20'])
  expect(drawn(4)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, '12-20'])
  expect(drawn(-2, [12])).toEqual(['0-9', 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
})
