/** What a panel says of itself; index.ts lists them all. */
import type { ComponentType } from 'react'

export interface Panel {
  readonly id: string
  readonly title: string
  /**
   * `main`: one below the other, in the wide column. `side`: the narrow column. `tabs`: panels that share one place of the narrow column.
   */
  readonly region: 'main' | 'side' | 'tabs'
  /** `first`: there from the first sight. `detail`: with "more detail". `asked`: only where the scenario shows it. */
  readonly level: 'first' | 'detail' | 'asked'
  readonly Body: ComponentType
  /** What stands at the right of the title: a few words. */
  readonly Hint?: ComponentType
}
