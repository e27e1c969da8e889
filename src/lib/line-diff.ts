/** Which lines of a text differ from those of another: the fewest, by Myers' method. */

export interface DiffLine {
  readonly kind: 'same' | 'gone' | 'new'
  readonly text: string
  /** From 1, in the old and the new text; null where it is not in that text. */
  readonly before: number | null
  readonly after: number | null
}

/** Beyond so many differences the texts count as wholly different between their common start and end. */
const MOST = 2000

export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split('\n')
  const b = after.split('\n')
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  const kept = keptLines(a.slice(start, a.length - end), b.slice(start, b.length - end))
  const lines: DiffLine[] = []
  let i = 0
  let j = 0
  const upTo = (toA: number, toB: number) => {
    for (; i < toA; i++) lines.push({ kind: 'gone', text: a[i] as string, before: i + 1, after: null })
    for (; j < toB; j++) lines.push({ kind: 'new', text: b[j] as string, before: null, after: j + 1 })
  }
  const same = () => lines.push({ kind: 'same', text: a[i] as string, before: ++i, after: ++j })
  while (i < start) same()
  for (const [x, y] of kept) {
    upTo(start + x, start + y)
    same()
  }
  upTo(a.length - end, b.length - end)
  while (i < a.length) same()
  return lines
}

/** Pairs of indices of the lines that both have, in order. */
function keptLines(a: readonly string[], b: readonly string[]): [number, number][] {
  const furthest = new Map<number, number>([[1, 0]])
  const trace: Map<number, number>[] = []
  for (let d = 0; d <= Math.min(MOST, a.length + b.length); d++) {
    trace.push(new Map(furthest))
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (furthest.get(k - 1) as number) < (furthest.get(k + 1) as number))
      let x = down ? (furthest.get(k + 1) as number) : (furthest.get(k - 1) as number) + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      furthest.set(k, x)
      if (x >= a.length && x - k >= b.length) return walkBack(trace, a.length, b.length)
    }
  }
  return []
}

function walkBack(trace: readonly Map<number, number>[], toX: number, toY: number): [number, number][] {
  const pairs: [number, number][] = []
  let x = toX
  let y = toY
  for (let d = trace.length - 1; d >= 0; d--) {
    const furthest = trace[d] as Map<number, number>
    const k = x - y
    const down = k === -d || (k !== d && (furthest.get(k - 1) as number) < (furthest.get(k + 1) as number))
    const beforeX = d === 0 ? 0 : (furthest.get(down ? k + 1 : k - 1) as number)
    const beforeY = d === 0 ? 0 : beforeX - (down ? k + 1 : k - 1)
    while (x > beforeX && y > beforeY) pairs.push([--x, --y])
    x = beforeX
    y = beforeY
  }
  return pairs.reverse()
}
