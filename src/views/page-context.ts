/** How components reach the page: `useFacts` to show, `usePage` to act. */
import { createContext, useContext } from 'react'
import { useStore } from 'zustand'
import type { Page } from '../store/page.ts'
import type { PageState } from '../store/state.ts'
import type { View } from '../worker/protocol.ts'

export const PageContext = createContext<Page | null>(null)

export function usePage(): Page {
  const page = useContext(PageContext)
  if (page === null) throw new Error('internal error: a component stands outside the page')
  return page
}

/** `select` must return a fact, or something as stable as one: it is compared by identity. */
export function useFacts<T>(select: (state: PageState) => T): T {
  return useStore(usePage().store, select)
}

/** For what is drawn only once there is a view. */
export function useView(): View {
  const view = useFacts((state) => state.view)
  if (view === null) throw new Error('internal error: a panel is drawn without a view')
  return view
}
