/**
 * A run as a few pictures with a sentence each, one below the other: an HTML page of its own that prints well, for a hand-out or a slide. Light, and legible without
 * colour, like the pictures themselves.
 */
import type { Snapshot } from '../scenario/snapshot.ts'
import { escaped, pictureSvg } from './picture.ts'

export interface Frame {
  readonly heading: string
  /** What it means; may be empty. */
  readonly says: string
  readonly snapshot: Snapshot
  /** Whose stack is drawn below the bytes, where it has one that tells something; null for none. */
  readonly cpu: number | null
}

export interface Storyboard {
  readonly title: string
  /** A sentence or two on what happens. */
  readonly summary: string
  /** The whole address of this run. */
  readonly link: string
  readonly site: number
  readonly frames: readonly Frame[]
}

export function storyboardHtml({ title, summary, link, site, frames }: Storyboard): string {
  const sections = frames.map(({ heading, says, snapshot, cpu }, i) => {
    const picture = pictureSvg(snapshot, { site, cpu })
    return `<section>
<h2>${i + 1}. ${escaped(heading)}</h2>
<p>${escaped(says)}</p>
${withOwnIds(picture, i)}</section>`
  })
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c1d21; font: 1rem/1.45 system-ui, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.125rem; margin-bottom: 0; }
p { margin: 0.25rem 0 0.5rem; }
section { break-inside: avoid; margin: 1.5rem 0; border-top: 1px solid #8f8b80; }
svg { max-width: 100%; height: auto; }
a { color: inherit; overflow-wrap: anywhere; }
</style>
<h1>${escaped(title)}</h1>
<p>${escaped(summary)}</p>
${sections.join('\n')}
<p>Step through it: <a href="${escaped(link)}">${escaped(link)}</a></p>
</html>
`
}

/** Several drawings in one document must not share the name of a pattern. */
function withOwnIds(svg: string, number: number): string {
  return svg.replaceAll('id="stale"', `id="stale-${number}"`).replaceAll('url(#stale)', `url(#stale-${number})`)
}
