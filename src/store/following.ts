/** A schedule that was typed to be followed: where in it the steps stop that can happen. */

export interface Mistake {
  /** Characters of the text: the run of choices that is wrong. */
  readonly from: number
  readonly to: number
  readonly words: string
}

/** `remarks`: what the session said when it took the schedule (worker/session.ts, load); null where it took all of it. */
export function mistakeIn(text: string, remarks: readonly string[]): Mistake | null {
  for (const words of remarks) {
    const step = /^Step (\d+) of the schedule, /.exec(words)
    if (step !== null) return { ...runOf(text, Number(step[1])), words }
    const run = /^The schedule: "([^"]*)"/.exec(words)?.[1]
    if (run === undefined) continue
    const found = [...text.matchAll(/\S+/g)].find(([each]) => each === run)
    return { from: found?.index ?? 0, to: (found?.index ?? 0) + run.length, words }
  }
  return null
}

/** The run of choices ("0s*12") that this step, counted from 1, belongs to. */
function runOf(text: string, step: number): { readonly from: number; readonly to: number } {
  let before = 0
  for (const match of text.matchAll(/\S+/g)) {
    before += Number(/\*(\d+)$/.exec(match[0])?.[1] ?? 1)
    if (before >= step) return { from: match.index, to: match.index + match[0].length }
  }
  return { from: text.length, to: text.length }
}
