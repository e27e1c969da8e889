/** What some bytes of a call site are now, in memory and for each CPU that may still fetch them as they were. */
import { type DetailRow, row } from './detail-row.ts'

/** A call site at one moment: of each byte, what memory holds and what a CPU that comes there may fetch. Values are two hexadecimal digits. */
export interface SiteNow {
  readonly label: string
  readonly address: string
  readonly memory: readonly { readonly value: string }[]
  readonly cpus: readonly { readonly cpu: number; readonly bytes: readonly { readonly values: readonly { readonly value: string }[] }[] }[]
}

export interface BytesNow {
  /** "site + 1"; null where the bytes lie in no site. */
  readonly label: string | null
  /** "cc", or "e8 or cc" as one CPU has it. */
  readonly value: string | null
  readonly rows: readonly DetailRow[]
}

const NOTHING: BytesNow = { label: null, value: null, rows: [] }

/** `cpu`: as whom they are looked at; null for memory. */
export function siteRows(sites: readonly SiteNow[], address: string, size: number, cpu: number | null): BytesNow {
  const start = BigInt(address)
  const site = sites.find((each) => BigInt(each.address) <= start && start < BigInt(each.address) + BigInt(each.memory.length))
  if (site === undefined) return NOTHING
  const at = Number(start - BigInt(site.address))
  const label = at === 0 ? site.label : `${site.label} + ${at}`
  const held = site.memory.slice(at, at + size).map(({ value }) => value)
  const memory = held.join(' ')
  // Several bytes are told of as memory has them: which of their values go together is the site's to say.
  if (size > 1 || held.length < size) return { label, value: memory, rows: [] }
  const views = site.cpus.map((each) => ({ cpu: each.cpu, values: (each.bytes[at]?.values ?? []).map(({ value }) => value) }))
  const own = views.find((each) => each.cpu === cpu)
  const others = views.filter(({ values }) => values.some((value) => value !== memory))
  return {
    label,
    value: own === undefined ? memory : own.values.join(' or '),
    rows: [
      ...(own === undefined ? [] : [row('in memory', memory)]),
      others.length === 0
        ? row('every CPU fetches', memory)
        : row('may still fetch', others.map((each) => `CPU ${each.cpu} (${each.values.join(' or ')})`).join(', ')),
    ],
  }
}
