/** What a panel says of itself; index.ts lists them all. */
import type { ComponentType } from 'react'

/** What the room that a panel needs depends on. */
export interface Seen {
  readonly cpus: number
  readonly sites: number
  /** Letters are large: words take two lines where one did. */
  readonly large: boolean
  /** Somebody wants to be asked before the CPUs' bytes are shown. */
  readonly asking: boolean
  /** A frame is shown below the bytes. */
  readonly framed: boolean
}

export interface Panel {
  readonly id: string
  readonly title: string
  /**
   * `main`: one below the other, in the wide column. `side`: the narrow column. `tabs`: panels that share one place of the narrow column.
   */
  readonly region: 'main' | 'side' | 'tabs'
  /** `first`: there from the first sight. `detail`: with "more detail". `asked`: only where the scenario shows it. */
  readonly level: 'first' | 'detail' | 'asked'
  /** Rems that it needs to be of use, its title included. A column that has less than its panels need scrolls; what it has more is shared in proportion. */
  room(seen: Seen): number
  /** It takes no more than it needs. */
  readonly snug?: boolean
  readonly Body: ComponentType
  /** What stands at the right of the title: a few words. */
  readonly Hint?: ComponentType
}
