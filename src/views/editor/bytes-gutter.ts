/** Beside each line of assembly: the address and the bytes that it became. */
import { type Extension, StateEffect, StateField } from '@codemirror/state'
import { GutterMarker, gutter } from '@codemirror/view'
import type { CheckedParts } from '../../worker/protocol.ts'

type Row = CheckedParts['bytes'][number]

export const setBytes = StateEffect.define<ReadonlyMap<number, Row>>()

/** By line. Stale while a check is under way: lines that were added push them down until then. */
const rows = StateField.define<ReadonlyMap<number, Row>>({
  create: () => new Map(),
  update: (value, transaction) => transaction.effects.find((effect) => effect.is(setBytes))?.value ?? value,
})

const SHOWN = 8

class BytesMarker extends GutterMarker {
  private readonly row: Row

  constructor(row: Row) {
    super()
    this.row = row
  }

  override eq(other: BytesMarker): boolean {
    return other.row.address === this.row.address && other.row.bytes === this.row.bytes && other.row.length === this.row.length
  }

  override toDOM(): HTMLElement {
    const { address, bytes, length, items } = this.row
    const element = document.createElement('span')
    const where = document.createElement('span')
    where.className = 'cm-address'
    // The last digits tell lines apart; all of it is in the title.
    where.textContent = `${address.replace(/^0x/, '').padStart(4, '0').slice(-4)} `
    const what = document.createElement('span')
    what.className = 'cm-byte'
    const pairs = bytes.match(/../g) ?? []
    what.textContent = pairs.slice(0, SHOWN).join(' ') + (length > SHOWN ? ' …' : '')
    element.title = `${address}: ${pairs.join(' ')}${length > pairs.length ? ' …' : ''} (${length} bytes${items > 1 ? `, ${items} items` : ''})`
    element.append(where, what)
    return element
  }
}

export const bytesGutter: Extension = [
  rows,
  gutter({
    class: 'cm-bytes',
    lineMarker(view, line) {
      const row = view.state.field(rows).get(view.state.doc.lineAt(line.from).number)
      return row === undefined ? null : new BytesMarker(row)
    },
    lineMarkerChange: (update) => update.startState.field(rows) !== update.state.field(rows),
  }),
]
