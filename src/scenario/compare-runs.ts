/**
 * Two runs side by side: what each CPU executed in one is laid against what it executed in the other, by the longest common subsequence, and what differs is
 * marked. The runs may be of one machine, or of two that were built from other parameters, strategies or scenarios: steps are known by names, not by addresses.
 *
 *     CPU 0      A  B          CPU 1      A  B
 *     mov [..]   1  1  same    call f     3  2  same
 *     int3       2  -  only A  load x     4  4  differs: reads 0 | reads 1
 */
import { commonSubsequence } from '../lib/common-subsequence.ts'

/** What one step did, for people and for comparing. */
export interface ToldStep {
  readonly cpu: number
  /** The same for steps that stand at the same place of the program (or do the same thing to it) in either run. */
  readonly key: string
  /** The same where it did the same. */
  readonly sense: string
  /** "executes call callee_a". */
  readonly title: string
  /** "rax = 0x1 · ZF 0→1". */
  readonly effect: string
}

/** `a`, `b`: indices of steps; null where the run has none. */
export interface ComparedRow {
  readonly a: number | null
  readonly b: number | null
  /** Both have it, and it did another thing. */
  readonly differs: boolean
}

export interface ComparedCpu {
  readonly cpu: number
  readonly rows: readonly ComparedRow[]
  /** False where the two are so different that the end was not aligned. */
  readonly whole: boolean
}

export interface FirstDifference {
  readonly cpu: number
  readonly row: ComparedRow
}

export interface RunComparison {
  /** Steps from the start that are the same in both, in the same order. */
  readonly shared: number
  readonly cpus: readonly ComparedCpu[]
  /**
   * The earliest step that a CPU does otherwise than in the other run, whatever the order of the CPUs; null where each does the same in both, as far as both go:
   * that one run goes on longer is no difference of what it does.
   */
  readonly first: FirstDifference | null
}

export function compareRuns(a: readonly ToldStep[], b: readonly ToldStep[], cpus: number): RunComparison {
  let shared = 0
  while (shared < a.length && shared < b.length && isSame(a[shared] as ToldStep, b[shared] as ToldStep)) shared++
  const numbers = new Map<string, number>()
  const all = Array.from({ length: cpus }, (_, cpu) => compareCpu(a, b, cpu, numbers))
  return { shared, cpus: all, first: firstOf(all) }
}

function isSame(a: ToldStep, b: ToldStep): boolean {
  return a.cpu === b.cpu && a.key === b.key && a.sense === b.sense
}

function compareCpu(a: readonly ToldStep[], b: readonly ToldStep[], cpu: number, numbers: Map<string, number>): ComparedCpu {
  const own = (steps: readonly ToldStep[]) => steps.flatMap((step, i) => (step.cpu === cpu ? [i] : []))
  const keys = (steps: readonly ToldStep[], indices: readonly number[]) =>
    Int32Array.from(indices, (i) => {
      const { key } = steps[i] as ToldStep
      if (!numbers.has(key)) numbers.set(key, numbers.size)
      return numbers.get(key) as number
    })
  const inA = own(a)
  const inB = own(b)
  const { pairs, whole } = commonSubsequence(keys(a, inA), keys(b, inB))
  const rows: ComparedRow[] = []
  let x = 0
  let y = 0
  const upTo = (toX: number, toY: number) => {
    for (; x < toX; x++) rows.push({ a: inA[x] as number, b: null, differs: false })
    for (; y < toY; y++) rows.push({ a: null, b: inB[y] as number, differs: false })
  }
  for (const [i, j] of pairs) {
    upTo(i, j)
    const left = inA[x++] as number
    const right = inB[y++] as number
    rows.push({ a: left, b: right, differs: !isSame(a[left] as ToldStep, b[right] as ToldStep) })
  }
  upTo(inA.length, inB.length)
  return { cpu, rows, whole }
}

/** Of the first differences of all CPUs, the one that comes first in either run. */
function firstOf(cpus: readonly ComparedCpu[]): FirstDifference | null {
  let first: FirstDifference | null = null
  for (const { cpu, rows } of cpus) {
    const at = rows.findIndex(isDifference)
    const row = rows[at]
    if (row === undefined || isTail(rows, at)) continue
    if (first === null || whenOf(row) < whenOf(first.row)) first = { cpu, row }
  }
  return first
}

/** Does only one run go on from here? */
function isTail(rows: readonly ComparedRow[], from: number): boolean {
  const rest = rows.slice(from)
  return rest.every(({ a }) => a === null) || rest.every(({ b }) => b === null)
}

export function isDifference({ a, b, differs }: ComparedRow): boolean {
  return differs || a === null || b === null
}

function whenOf({ a, b }: ComparedRow): number {
  return Math.min(a ?? Number.POSITIVE_INFINITY, b ?? Number.POSITIVE_INFINITY)
}
