/** A pass over the known states, done in slices so that whoever drives it can stop between them. */
export interface Pass {
  /** Works on for about `budget` transitions. `refused`: memory does not allow this pass. */
  run(budget: number): PassStatus
  /** Gives its memory back. */
  dispose(): void
}

export type PassStatus = 'more' | 'done' | 'refused'
