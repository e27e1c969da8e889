/** "Did you mean …?" */

/** The nearest of `names` within two edits (one, for short words), or null. Among equals the first one wins. `suits` is asked only about near ones. */
export function nearest(word: string, names: Iterable<string>, suits: (name: string) => boolean = () => true): string | null {
  if (word.length < 2) return null
  let best: string | null = null
  let bestDistance = word.length <= 4 ? 2 : 3
  for (const name of names) {
    if (name.length < 2 || Math.abs(name.length - word.length) >= bestDistance || name === word) continue
    const distance = editDistance(word, name, bestDistance)
    if (distance < bestDistance && suits(name)) {
      best = name
      bestDistance = distance
    }
  }
  return best
}

/** Insertions, deletions, replacements and swaps of neighbours; gives up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((previous[j] as number) + 1, (row[j - 1] as number) + 1, (previous[j - 1] as number) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] as number) + 1)
      row.push(cost)
    }
    if (Math.min(...row) >= limit) return limit
    before = previous
    previous = row
  }
  return previous[b.length] as number
}
