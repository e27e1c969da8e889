/** What cannot happen throws. (What a user supplies is a `Result`, what the model does is state.) */

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`internal error: ${message}`)
}

/** Exhaustiveness: a `switch` that forgets a case does not compile. */
export function never(value: never): never {
  throw new Error(`internal error: unexpected ${JSON.stringify(value)}`)
}
