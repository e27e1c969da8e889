/** The page shown to a room: the call site, the timeline and the caption alone, and large. */
import type { Desk } from './page.ts'

export interface PresentingState {
  readonly presenting: boolean
}

export const NOT_PRESENTING: PresentingState = { presenting: false }

export interface Presenting {
  setPresenting(presenting: boolean): void
}

export function createPresenting({ store }: Desk): Presenting {
  return { setPresenting: (presenting) => store.setState({ presenting, ...(presenting ? { guide: null } : {}) }) }
}
