/** What of a stack is shown below the bytes: the frames of the handlers that a CPU is in, from high to low addresses, as they grow. */
import { useState } from 'react'
import { shownCpu } from '../../../store/selectors.ts'
import { useFacts, useView } from '../../page-context.ts'
import type { CpuView, StackWord } from '../../snapshot.ts'
import { foldStack, type StackRow } from '../Stack/words.ts'

/** Words of the interrupted code above the frame that are shown: what an emulated push may reach. */
const ABOVE = 1

/** The CPU whose frame is worth showing: the one in front, or else the first that is in a handler. */
export function framedCpu(cpus: readonly CpuView[], front: number): CpuView | null {
  const framed = cpus.filter(hasFrame)
  return framed.find(({ id }) => id === front) ?? framed[0] ?? null
}

function hasFrame({ nesting, stack }: CpuView): boolean {
  return nesting.length > 0 && stack.words.some(({ frame }) => frame >= 0)
}

/** From the word above the outermost frame downwards; saved registers folded. */
export function frameRows(words: readonly StackWord[]): readonly StackRow[] {
  const first = words.findIndex(({ frame }) => frame >= 0)
  return first < 0 ? [] : foldStack(words.slice(Math.max(0, first - ABOVE)))
}

/**
 * Is there room for a frame below the bytes? Once a CPU has been in a handler it stays until something else is opened, so that nothing jumps when one leaves.
 * Where the stack has a panel of its own, none is needed.
 */
export function useFrameRoom(): boolean {
  const { snapshot, scenario } = useView()
  const session = useFacts((state) => state.session)
  const detail = useFacts((state) => state.detail)
  const presenting = useFacts((state) => state.presenting)
  const [seen, setSeen] = useState<number | null>(null)
  const now = snapshot.cpus.some(hasFrame)
  if (now && seen !== session) setSeen(session)
  const ownPanel = detail || scenario.shows?.includes('stack') === true
  return (now || seen === session) && (presenting || !ownPanel)
}

export function useFramedCpu(): CpuView | null {
  const { snapshot } = useView()
  const front = useFacts(shownCpu)
  return framedCpu(snapshot.cpus, front)
}
