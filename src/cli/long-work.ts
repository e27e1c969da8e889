/** Long work of a verb: in slices, with a word about it every second, until it ends or the user has had enough. */
import type { CliIo } from './io.ts'

/** Milliseconds between two looks at whether the user has had enough. */
const PAUSE_MS = 15
const TELL_MS = 1000

/** `work` does a slice and answers false when there is nothing left; `cancel` makes the next slice the last. */
export async function workOn(work: () => boolean, cancel: () => void, tell: () => string, io: CliIo): Promise<void> {
  let told = performance.now()
  let paused = told
  while (work()) {
    const now = performance.now()
    if (now - told >= TELL_MS) {
      io.err(`${tell()}\n`)
      told = now
    }
    if (now - paused < PAUSE_MS) continue
    if ((await io.stopAsked?.()) === true) cancel()
    paused = performance.now()
  }
}

/** "1,234,567" per second, in words that fit a line of progress. */
export function rateOf(transitions: number, seconds: number): string {
  return `${Math.round(transitions / Math.max(seconds, 0.001) / 1000)} k transitions/s`
}
