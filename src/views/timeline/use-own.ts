import { useState } from 'react'

/** The value from outside, or one of one's own where nobody outside keeps it. */
export function useOwn<T>(value: T | undefined, onChange: ((value: T) => void) | undefined, initial: T): [T, (value: T) => void] {
  const [own, setOwn] = useState(initial)
  return [value === undefined ? own : value, onChange ?? setOwn]
}
