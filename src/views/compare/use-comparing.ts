/** How the parts of the comparison reach its facts. */
import { useStore } from 'zustand'
import { type CompareState, type Comparing, comparingOf } from '../../store/comparing.ts'
import { usePage } from '../page-context.ts'

export function useComparing(): Comparing {
  return comparingOf(usePage())
}

/** `select` must return a fact: it is compared by identity. */
export function useCompared<T>(select: (state: CompareState) => T): T {
  return useStore(useComparing().store, select)
}
