/**
 * What the address asks of an embedded page, behind "?": `embed` or `embed=1`, `panels=site,timeline,stack` (what is shown, in this order), `theme=dark`, and
 * `origin=https://host` (once for each) for whose messages are obeyed. docs/embedding.md.
 */
import type { Theme } from './state.ts'

export interface EmbedOptions {
  readonly panels: readonly string[]
  /** null: as the system has it. */
  readonly theme: Theme | null
  /** null: whoever has put the page into theirs. */
  readonly origins: readonly string[] | null
  /** What could not be read, as sentences. */
  readonly remarks: readonly string[]
}

/** What makes the page: what is fetched, what came of it, and how to move (the transport is always there). */
const SIGNATURE: readonly string[] = ['site', 'timeline']
const PANELS: readonly string[] = [
  ...SIGNATURE,
  'cpus',
  'choices',
  'stack',
  'story',
  'strategy',
  'verdict',
  'ablation',
  'branches',
  'data',
  'recording',
  'counts',
]
const THEMES: readonly Theme[] = ['light', 'dark', 'contrast', 'projector']

export function embedOptions(search: string): EmbedOptions {
  const asked = new URLSearchParams(search)
  const remarks: string[] = []
  const wanted = [...new Set((asked.get('panels') ?? '').split(',').filter((id) => id !== ''))]
  const panels = wanted.filter((id) => PANELS.includes(id))
  for (const id of wanted) if (!PANELS.includes(id)) remarks.push(`There is no panel “${id.slice(0, 20)}”; there are ${PANELS.join(', ')}.`)
  const theme = asked.get('theme')
  const known = THEMES.find((each) => each === theme) ?? null
  if (theme !== null && known === null) remarks.push(`There is no theme “${theme.slice(0, 20)}”; there are ${THEMES.join(', ')}.`)
  const origins = asked.getAll('origin').map((origin) => originOf(origin))
  if (origins.includes(null)) remarks.push('An origin of the address is none, as in https://example.org: nobody is obeyed in its place.')
  return {
    panels: panels.length === 0 ? SIGNATURE : panels,
    theme: known,
    origins: origins.length === 0 ? null : origins.filter((origin) => origin !== null),
    remarks,
  }
}

/** As the browser names it in messages. */
function originOf(text: string): string | null {
  try {
    const { origin, protocol } = new URL(text)
    return protocol === 'https:' || protocol === 'http:' ? origin : null
  } catch {
    return null
  }
}
