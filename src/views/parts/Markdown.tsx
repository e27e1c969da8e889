import { Fragment, type ReactNode } from 'react'
import { type Block, type Inline, parseInline, parseMarkdown } from '../markdown.ts'

export function Markdown({ source }: { source: string }): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: a text that never changes in place
  return parseMarkdown(source).map((block, i) => <BlockView key={i} block={block} />)
}

/** One line, without a paragraph around it. */
export function InlineMarkdown({ source }: { source: string }): ReactNode {
  return <Inlines inlines={parseInline(source)} />
}

function BlockView({ block }: { block: Block }): ReactNode {
  if (block.kind === 'heading') {
    return (
      <h3>
        <Inlines inlines={block.inlines} />
      </h3>
    )
  }
  if (block.kind === 'paragraph') {
    return (
      <p>
        <Inlines inlines={block.inlines} />
      </p>
    )
  }
  const List = block.ordered ? 'ol' : 'ul'
  return (
    <List>
      {block.items.map((item, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a text that never changes in place
        <li key={i}>
          <Inlines inlines={item} />
        </li>
      ))}
    </List>
  )
}

function Inlines({ inlines }: { inlines: readonly Inline[] }): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: a text that never changes in place
  return inlines.map((inline, i) => <Fragment key={i}>{inlineView(inline)}</Fragment>)
}

function inlineView(inline: Inline): ReactNode {
  switch (inline.kind) {
    case 'text':
      return inline.text
    case 'strong':
      return <strong>{inline.text}</strong>
    case 'emphasis':
      return <em>{inline.text}</em>
    case 'code':
      return <code>{inline.text}</code>
    case 'link':
      return (
        // A share link stays in this page: it opens what it names, and Back returns.
        <a href={inline.to} {...(inline.to.startsWith('#') ? {} : { target: '_blank', rel: 'noreferrer' })}>
          {inline.text}
        </a>
      )
  }
}
