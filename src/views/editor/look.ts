/** The editor in the colours of the page: variables of theme.css only, so that every theme reaches it. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: tags.docString, color: 'var(--new)' },
  { tag: tags.labelName, color: 'var(--old)', fontWeight: '650' },
  { tag: tags.propertyName, color: 'var(--old)' },
  { tag: tags.keyword, color: 'var(--kernel)', fontWeight: '650' },
  { tag: tags.modifier, color: 'var(--attention)', fontWeight: '650' },
  { tag: tags.operatorKeyword, color: 'var(--text)', fontWeight: '650' },
  { tag: tags.special(tags.variableName), color: 'var(--int3)' },
  { tag: tags.typeName, color: 'var(--muted)' },
  { tag: tags.string, color: 'var(--new)' },
  { tag: tags.number, color: 'var(--kernel)' },
])

const theme = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--surface)', color: 'var(--text)', fontSize: 'var(--size)' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--old-bg)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--lane) 70%, transparent)' },
  '.cm-gutters': { backgroundColor: 'var(--lane)', color: 'var(--muted)', borderRight: '1px solid var(--line)' },
  '.cm-bytes': { paddingInline: '0.375rem', minWidth: '9rem', whiteSpace: 'pre', fontSize: 'var(--size-small)' },
  '.cm-bytes .cm-address': { color: 'var(--muted)' },
  '.cm-bytes .cm-byte': { color: 'var(--text)' },
  '.cm-changed .cm-gutterElement': { width: '4px', padding: '0' },
  '.cm-tooltip, .cm-panels': { backgroundColor: 'var(--surface)', color: 'var(--text)', border: '1px solid var(--line-strong)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { maxHeight: 'none', fontFamily: 'var(--mono)' },
  '.cm-panel.cm-search': { fontFamily: 'var(--sans)' },
  '.cm-panel.cm-search input, .cm-panel.cm-search button, .cm-panel.cm-search label': { fontSize: 'var(--size-small)' },
  '.cm-completionDetail': { color: 'inherit', opacity: '1' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--violation)', textUnderlineOffset: '3px' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--attention)', textUnderlineOffset: '3px' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--violation)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--attention)' },
  '.cm-searchMatch': { backgroundColor: 'var(--attention-bg)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--neutral-bg)' },
  '.cm-textfield': { backgroundColor: 'var(--page)', color: 'var(--text)', border: '1px solid var(--line-strong)' },
  '.cm-button': { backgroundImage: 'none', backgroundColor: 'var(--page)', color: 'var(--text)', border: '1px solid var(--line)' },
})

export const LOOK = [theme, syntaxHighlighting(colours)]
