/** Sections of the program as regions of memory, and everything that can be wrong with them. */
import type { Section } from '../assembler/assemble.ts'
import { hex } from '../lib/u64.ts'
import type { AliasSpec, RegionSpec } from '../machine/memory-map.ts'
import type { Site } from './sites.ts'

/** A state holds all writable memory, and the search holds many states. */
const MOST_WRITABLE = 1 << 20
const MOST_TEXT = 1 << 26

const ATTRIBUTES = ['exec', 'shared', 'private', 'stack']

/** `exec`, `private=N` (read and written by CPU N alone), `shared` (read and written by all), `stack`; without: read only. */
export function regionsOf(sections: readonly Section[], sites: readonly Site[], cpus: number, mistakes: string[]): RegionSpec[] {
  const regions: RegionSpec[] = []
  for (const section of sections) {
    const region = regionOf(section, sites, cpus, mistakes)
    if (region !== null) regions.push(region)
  }
  const size = (which: (region: RegionSpec) => boolean) => regions.filter(which).reduce((sum, region) => sum + region.bytes.length, 0)
  if (size((region) => region.write) > MOST_WRITABLE) mistakes.push(`sections: more than ${MOST_WRITABLE} bytes of writable memory`)
  if (size((region) => !region.write) > MOST_TEXT) mistakes.push(`sections: more than ${MOST_TEXT} bytes of text and constants`)
  return regions
}

function regionOf(section: Section, sites: readonly Site[], cpus: number, mistakes: string[]): RegionSpec | null {
  const { name, address, bytes, attributes } = section
  if (bytes.length === 0) return null
  const say = (message: string) => mistakes.push(`section ${name}: ${message}`)
  for (const key of Object.keys(attributes)) if (!ATTRIBUTES.includes(key)) say(`unknown attribute "${key}"; there are ${ATTRIBUTES.join(', ')}`)
  const exec = attributes.exec !== undefined
  const shared = attributes.shared !== undefined
  const owner = attributes.private
  const stack = attributes.stack !== undefined
  const inside = sites.filter((site) => site.address >= address && site.address < address + BigInt(bytes.length))
  const common = { name, start: address, bytes, read: true, exec }
  if (stack && owner === undefined) say('only a private section can be a stack')
  if (stack && exec) say('a stack cannot hold code')
  if ((shared || owner !== undefined) && inside.length > 0)
    say(`site ${inside[0]?.label} lies in it; a site is text that nobody writes but through an alias`)
  if (shared && owner !== undefined) say('it cannot be private and shared')
  if (owner !== undefined) {
    const cpu = typeof owner === 'string' && /^\d+$/.test(owner) ? Number(owner) : -1
    if (cpu < 0 || cpu > 7) say(`private=N expects a CPU number from 0 to 7, not "${owner}"`)
    // Memory of a CPU that is not present with these parameters.
    return cpu < 0 || cpu >= cpus ? null : { ...common, write: true, storage: 'private', owner: cpu, stack }
  }
  if (shared) {
    if (exec) say('code that several CPUs write has to be a site, so that it has a fetch model; leave out "shared", and write it through an alias')
    return { ...common, write: true, storage: 'shared' }
  }
  return { ...common, write: false, storage: 'rom', hot: hotRanges(inside, address) }
}

type HotSpec = NonNullable<RegionSpec['hot']>[number]

/** A row of sites is one range, with the text between them; else each site is one. */
function hotRanges(inside: readonly Site[], start: bigint): HotSpec[] {
  const rows = new Set(inside.map(({ group }) => group))
  const ranges: HotSpec[] = inside.filter(({ group }) => group === null).map(({ address, length }) => ({ offset: Number(address - start), length }))
  for (const row of rows) {
    if (row === null) continue
    const sites = inside.filter(({ group }) => group === row)
    const [first] = sites as [Site]
    const length = (sites.length - 1) * row.stride + first.length
    ranges.push({ offset: Number(first.address - start), length, row: { stride: row.stride, used: first.length } })
  }
  return ranges.sort((a, b) => a.offset - b.offset)
}

interface Range {
  readonly what: string
  readonly start: bigint
  readonly end: bigint
}

/** Ranges that overlap, leave the address space or cross a 4 GiB boundary (where an offset would need a carry). */
export function checkRanges(regions: readonly RegionSpec[], aliases: readonly AliasSpec[], bits: 32 | 64, mistakes: string[]): void {
  const ranges = [
    ...regions.map((region) => rangeOf(`section ${region.name}`, region.start, region.bytes.length)),
    ...aliases.map((alias) => rangeOf(`alias ${alias.name}`, alias.start, alias.length)),
  ]
  for (const { what, start, end } of ranges) {
    if (start >> 32n !== (end - 1n) >> 32n) mistakes.push(`${what} crosses a 4 GiB boundary at ${hex(start)}`)
    else if (bits === 32 && end > 1n << 32n) mistakes.push(`${what} at ${hex(start)} lies beyond 32 bits`)
    else if (bits === 64 && start >> 47n !== 0n && start >> 47n !== 0x1_ffffn) mistakes.push(`${what}: ${hex(start)} is no canonical address`)
  }
  checkOverlaps(ranges, mistakes)
}

export function checkSiteOverlaps(sites: readonly Site[], mistakes: string[]): void {
  checkOverlaps(
    sites.map((site) => rangeOf(`site ${site.label}`, site.address, site.length)),
    mistakes,
  )
}

function rangeOf(what: string, start: bigint, length: number): Range {
  return { what, start, end: start + BigInt(length) }
}

function checkOverlaps(ranges: readonly Range[], mistakes: string[]): void {
  const sorted = [...ranges].sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))
  for (let i = 1; i < sorted.length; i++) {
    const before = sorted[i - 1] as Range
    const range = sorted[i] as Range
    if (before.end > range.start) mistakes.push(`${before.what} and ${range.what} overlap at ${hex(range.start)}`)
  }
}
