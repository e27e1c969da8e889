/** One fact of what is selected; `to`: another thing that it names. */
import type { Selection } from './selection.ts'

export interface DetailRow {
  readonly label: string
  readonly text: string
  readonly to: Selection | null
}

export function row(label: string, text: string, to: Selection | null = null): DetailRow {
  return { label, text, to }
}
