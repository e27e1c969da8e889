/** Beside each line of assembly: the address and the bytes that it became. */
import { type Extension, RangeSet, StateEffect, StateField, type Text } from '@codemirror/state'
import { GutterMarker, gutter } from '@codemirror/view'
import { byteCount } from '../../lib/bytes.ts'
import type { CheckedParts } from '../../worker/protocol.ts'

type Row = CheckedParts['bytes'][number]

const setBytes = StateEffect.define<RangeSet<BytesMarker>>()

/** They move with their lines until the next check has come. */
const rows = StateField.define<RangeSet<BytesMarker>>({
  create: () => RangeSet.empty,
  update: (value, transaction) => transaction.effects.find((effect) => effect.is(setBytes))?.value ?? value.map(transaction.changes),
})

/** As many as most instructions have: the text needs the room. */
const SHOWN = 6

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
    element.title = `${address}: ${pairs.join(' ')}${length > pairs.length ? ' …' : ''} (${byteCount(length)}${items > 1 ? `, ${items} items` : ''})`
    element.append(where, what)
    return element
  }
}

/** The bytes of one file beside its lines. */
export function bytesBeside(doc: Text, bytes: readonly Row[]): StateEffect<RangeSet<BytesMarker>> {
  const markers = bytes.filter(({ line }) => line <= doc.lines).map((row) => new BytesMarker(row).range(doc.line(row.line).from))
  return setBytes.of(RangeSet.of(markers, true))
}

export const bytesGutter: Extension = [rows, gutter({ class: 'cm-bytes', markers: (view) => view.state.field(rows) })]
