/** The longest common subsequence of two rows of numbers, by Myers' method, with a bound on how different they may be. */

export interface Common {
  /** Pairs of indices of what both have, in order. */
  readonly pairs: readonly (readonly [number, number])[]
  /** False where the rows are too different: what lies behind the last pair then was not compared. */
  readonly whole: boolean
}

/** Memory grows with the square of it: 16 MB at most. */
const MOST = 2000

/** `most`: elements that only one of the rows has, beyond which the rest is given up. */
export function commonSubsequence(a: ArrayLike<number>, b: ArrayLike<number>, most = MOST): Common {
  const pairs: [number, number][] = []
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) pairs.push([start, start++])
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  const toX = a.length - end
  const toY = b.length - end
  const { trace, x, y } = search(a, b, start, toX, toY, most)
  const whole = x === toX && y === toY
  pairs.push(...walkBack(trace, start, x, y))
  if (whole) for (let i = 0; i < end; i++) pairs.push([toX + i, toY + i])
  return { pairs, whole }
}

/**
 * Goes through numbers of differences; on each diagonal k = x - y only the furthest point counts.
 *
 *     furthest[k + d + 1] after d differences, kept for every d
 */
function search(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  start: number,
  toX: number,
  toY: number,
  most: number,
): { readonly trace: readonly Int32Array[]; readonly x: number; readonly y: number } {
  const trace: Int32Array[] = []
  let before = new Int32Array(3)
  before[1] = start
  const bound = Math.min(most, toX + toY - 2 * start)
  let best = { x: start, y: start }
  for (let d = 0; d <= bound; d++) {
    const now = new Int32Array(2 * d + 3)
    for (let k = -d; k <= d; k += 2) {
      let x = d === 0 ? start : arrival(before, d, k)
      let y = x - k
      while (x < toX && y < toY && a[x] === b[y]) {
        x++
        y++
      }
      now[k + d + 1] = x
      if (x <= toX && y <= toY && x + y > best.x + best.y) best = { x, y }
      if (x >= toX && y >= toY) {
        trace.push(now)
        return { trace, x: toX, y: toY }
      }
    }
    trace.push(now)
    before = now
  }
  // Only those differences that lead to the best point are walked back.
  const last = trace.findIndex((row, d) => Math.abs(best.x - best.y) <= d && row[best.x - best.y + d + 1] === best.x)
  return { trace: trace.slice(0, last + 1), ...best }
}

/** Where the d-th difference arrives on diagonal k: from the diagonal above (a step down) or from the one below (a step to the right). */
function arrival(before: Int32Array, d: number, k: number): number {
  return comesFromAbove(before, d, k) ? at(before, d - 1, k + 1) : at(before, d - 1, k - 1) + 1
}

function comesFromAbove(before: Int32Array, d: number, k: number): boolean {
  return k === -d || (k !== d && at(before, d - 1, k - 1) < at(before, d - 1, k + 1))
}

function at(row: Int32Array, d: number, k: number): number {
  return row[k + d + 1] as number
}

function walkBack(trace: readonly Int32Array[], start: number, toX: number, toY: number): [number, number][] {
  const pairs: [number, number][] = []
  let x = toX
  let y = toY
  for (let d = trace.length - 1; d >= 0; d--) {
    const k = x - y
    const before = trace[d - 1]
    const above = before !== undefined && comesFromAbove(before, d, k)
    const fromK = above ? k + 1 : k - 1
    const fromX = before === undefined ? start : at(before, d - 1, fromK)
    const fromY = before === undefined ? start : fromX - fromK
    while (x > fromX && y > fromY) pairs.push([--x, --y])
    x = fromX
    y = fromY
  }
  return pairs.reverse()
}
