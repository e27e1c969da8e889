/** The line of HTML that puts a moment into another page (docs/embedding.md). */

/** Pixels: call site, timeline and the way through the run of two or three CPUs, without scrolling. */
export const EMBED_HEIGHT = 560

/** `moment`: a whole address; `title`: what the frame is called to whoever cannot see it. */
export function embedSnippet(moment: string, title: string): string {
  const { origin, pathname, hash } = new URL(moment)
  const attribute = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  const source = `${origin}${pathname}?embed${hash}`
  return `<iframe src="${attribute(source)}" width="100%" height="${EMBED_HEIGHT}" title="Pokescope: ${attribute(title)}"></iframe>`
}
