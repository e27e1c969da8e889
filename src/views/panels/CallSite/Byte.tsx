/** A byte of the signature picture, and the words for what bytes mean. */
import { Fragment, type ReactNode } from 'react'
import { Selectable } from '../../parts/Selectable.tsx'
import type { Meaning, Origin, SiteByte, SiteView } from '../../snapshot.ts'
import { LETTERS, saying } from './words.ts'

/** A cell for each byte position of a site, with the line boundary between them where there is one. */
export function ByteCells({ site, children }: { site: SiteView; children: (at: number) => ReactNode }): ReactNode {
  return site.memory.map((_, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a byte position is its identity
    <Fragment key={at}>
      {at === site.lineBreak && <td className="line-break" />}
      {children(at)}
    </Fragment>
  ))
}

interface ByteProps {
  readonly site: SiteView
  readonly at: number
  /** As this CPU may fetch it; in memory where left out. */
  readonly cpu?: number
  readonly parts: readonly SiteByte[]
  readonly stale: boolean
  /** In the row of who has just executed the site: whether this byte was fetched for it; else null. */
  readonly ran?: boolean | null
}

/** One byte position; split where it can show several values. Pressed, it says who wrote it and who has it. */
export function Byte({ site, at, cpu, parts, stale, ran = null }: ByteProps): ReactNode {
  const means = parts.map(({ value, from }) => `${value}: ${LETTERS[from].means}`).join(', or ')
  const known = stale ? `${means} (stale: memory holds another value)` : means
  const title = ran === true ? `${known}, executed just now` : known
  const address = `0x${(BigInt(site.address) + BigInt(at)).toString(16)}`
  return (
    <Selectable
      address={address}
      size={1}
      {...(cpu === undefined ? {} : { cpu })}
      className="byte"
      title={title}
      label={`+${at}, ${title}`}
      ways={parts.length}
    >
      {parts.map(({ value, from }, i) => (
        // The first value is memory's, where that is among them: only the others are stale.
        <span key={value} className="value" data-from={from} data-stale={stale && (parts.length === 1 || i > 0)} data-ran={ran ?? undefined}>
          {value}
          <i aria-hidden="true">{LETTERS[from].letter}</i>
        </span>
      ))}
    </Selectable>
  )
}

/** `memory`: where the text is of memory's bytes. */
export function Says({ meaning, text, memory }: { meaning: Meaning; text: string; memory?: readonly SiteByte[] }): ReactNode {
  const { before, text: what, after } = saying(meaning, text, memory)
  return (
    <span className={`says-what is-${meaning}`} title={memory !== undefined && before !== '' ? before + what : undefined}>
      {before !== '' && <strong>{before}</strong>}
      {what}
      {after !== '' && <strong>{after}</strong>}
    </span>
  )
}

export function MeaningDot({ meaning }: { meaning: Meaning }): ReactNode {
  return <span className={`dot is-${meaning}`} title={meaning === 'torn' ? 'neither old nor new' : meaning} />
}

export function Sample({ from, stale = false }: { from: Origin; stale?: boolean }): ReactNode {
  return (
    <span className="byte sample" aria-hidden="true">
      <span className="value" data-from={from} data-stale={stale}>
        <i>{LETTERS[from].letter}</i>
      </span>
    </span>
  )
}
