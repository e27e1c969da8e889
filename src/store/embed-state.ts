/** What a host is told of the moment that an embedded page shows. */
import { standing, violatedAt } from './selectors.ts'
import type { PageState } from './state.ts'

export interface EmbedState {
  readonly scenario: string
  readonly title: string
  readonly params: Readonly<Record<string, string>>
  /** Steps taken, and steps that are known. */
  readonly step: number
  readonly steps: number
  /** What the last step did; null at the start. */
  readonly said: string | null
  /** Of the machine's state: two pages that show the same one say the same. */
  readonly digest: string
  /** What stands behind "#" in the link of this moment. */
  readonly link: string
  readonly playing: boolean
  /** The one word of the transport. */
  readonly standing: string
  /** Step at which something was violated for the first time; null where nothing was. */
  readonly violatedAt: number | null
  readonly violations: readonly { readonly property: string; readonly title: string; readonly step: number }[]
  /** What can happen next; `step` takes the name. */
  readonly choices: readonly { readonly choice: string; readonly cpu: number; readonly kind: string; readonly title: string }[]
}

/** null before the first view. */
export function embedState(state: PageState): EmbedState | null {
  const { view } = state
  if (view === null) return null
  const { scenario, params, cursor, length, fragment, snapshot } = view
  return {
    scenario: scenario.id,
    title: scenario.title,
    params,
    step: cursor,
    steps: length,
    said: snapshot.said,
    digest: snapshot.digest,
    link: fragment,
    playing: state.playing,
    standing: standing(state),
    violatedAt: violatedAt(state),
    violations: snapshot.properties.flatMap(({ id, title, violatedAt: step }) => (step === null ? [] : [{ property: id, title, step }])),
    choices: snapshot.choices.map(({ token, cpu, kind, title }) => ({ choice: token, cpu, kind, title })),
  }
}
