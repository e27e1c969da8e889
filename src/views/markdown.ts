/**
 * The little Markdown that stories use: paragraphs, "- " and "1. " lists, "## " headings, and in a line **strong**, *emphasis*, `code` and
 * [text](https://…). Anything else is plain text; nothing is ever taken for HTML.
 */

export type Inline =
  | { readonly kind: 'text' | 'strong' | 'emphasis' | 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly to: string }

export type Block =
  | { readonly kind: 'paragraph'; readonly inlines: readonly Inline[] }
  | { readonly kind: 'heading'; readonly inlines: readonly Inline[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }

const MARKS = /\*\*(?<strong>[^*]+)\*\*|\*(?<emphasis>[^*\s][^*]*)\*|`(?<code>[^`]+)`|\[(?<text>[^\]]+)\]\((?<to>(?:https?:\/\/|#v=)[^)\s]+)\)/g

export function parseInline(text: string): readonly Inline[] {
  const inlines: Inline[] = []
  let end = 0
  for (const match of text.matchAll(MARKS)) {
    if (match.index > end) inlines.push({ kind: 'text', text: text.slice(end, match.index) })
    const { strong, emphasis, code, text: label, to } = match.groups as Record<string, string | undefined>
    if (strong !== undefined) inlines.push({ kind: 'strong', text: strong })
    else if (emphasis !== undefined) inlines.push({ kind: 'emphasis', text: emphasis })
    else if (code !== undefined) inlines.push({ kind: 'code', text: code })
    else inlines.push({ kind: 'link', text: label as string, to: to as string })
    end = match.index + match[0].length
  }
  if (end < text.length) inlines.push({ kind: 'text', text: text.slice(end) })
  return inlines
}

export function parseMarkdown(source: string): readonly Block[] {
  return source
    .replaceAll('\r', '')
    .split(/\n\s*\n/)
    .flatMap((chunk) => blocksOf(chunk.split('\n').filter((line) => line.trim() !== '')))
}

/** A chunk between blank lines: a heading, a list, a paragraph, or a paragraph that a list follows at once. */
function blocksOf(lines: readonly string[]): Block[] {
  const blocks: Block[] = []
  let paragraph: string[] = []
  let items: string[] = []
  let ordered = false
  const flush = () => {
    if (paragraph.length > 0) blocks.push({ kind: 'paragraph', inlines: parseInline(paragraph.join(' ')) })
    if (items.length > 0) blocks.push({ kind: 'list', ordered, items: items.map(parseInline) })
    paragraph = []
    items = []
  }
  for (const line of lines) {
    const heading = /^#{1,4}\s+(.*)$/.exec(line)
    const item = /^\s*(?:([-*])|\d+[.)])\s+(.*)$/.exec(line)
    if (heading !== null) {
      flush()
      blocks.push({ kind: 'heading', inlines: parseInline(heading[1] as string) })
    } else if (item !== null) {
      if (items.length === 0) flush()
      ordered = item[1] === undefined
      items.push(item[2] as string)
    } else if (items.length > 0 && /^\s/.test(line)) {
      items[items.length - 1] += ` ${line.trim()}`
    } else {
      if (items.length > 0) flush()
      paragraph.push(line.trim())
    }
  }
  flush()
  return blocks
}
