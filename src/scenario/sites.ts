/** Call sites: which bytes a patcher changes there, and what bytes that a CPU fetched there are. */
import { highHalf, lowHalf } from '../lib/u64.ts'
import type { Decode } from '../machine/instruction.ts'
import type { SiteMeaning } from './snapshot.ts'

export interface Site {
  readonly label: string
  readonly address: bigint
  readonly length: number
  readonly old: Uint8Array
  readonly new: Uint8Array
  /** Where the instructions of each version start: at 0, and at more places where the slot holds several. */
  readonly oldStarts: readonly number[]
  readonly newStarts: readonly number[]
  /** What it holds for a while between old and new, where it is written more than once. */
  readonly between: readonly SiteVersion[]
  /** The row of sites at equal distances that it belongs to; null where it stands alone. */
  readonly group: SiteGroup | null
}

export interface SiteVersion {
  readonly bytes: Uint8Array
  readonly starts: readonly number[]
}

/** Sites at `first`, `first + stride`, …; the bytes between them are text as well, and nobody writes them. */
export interface SiteGroup {
  readonly first: bigint
  readonly count: number
  readonly stride: number
}

/** Finds the site that an address lies in, by bisection. */
export class SiteIndex {
  private readonly sorted: readonly Site[]

  constructor(sites: readonly Site[]) {
    this.sorted = [...sites].sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0))
  }

  /** The last site that begins at this address or before. */
  before(address: bigint): Site | null {
    let from = 0
    let end = this.sorted.length
    while (from < end) {
      const middle = (from + end) >> 1
      if ((this.sorted[middle] as Site).address <= address) from = middle + 1
      else end = middle
    }
    return this.sorted[from - 1] ?? null
  }

  /** The site that begins here. */
  from(address: bigint): Site | null {
    const site = this.before(address)
    return site?.address === address ? site : null
  }

  at(address: bigint): Site | null {
    const site = this.before(address)
    return site !== null && address < site.address + BigInt(site.length) ? site : null
  }
}

const indices = new WeakMap<readonly Site[], SiteIndex>()

/** The index of a list of sites that does not change: made once. */
export function indexOf(sites: readonly Site[]): SiteIndex {
  let index = indices.get(sites)
  if (index === undefined) indices.set(sites, (index = new SiteIndex(sites)))
  return index
}

/** Offsets of the instructions in a version, as far as its bytes are any. */
export function startsOf(bytes: Uint8Array, address: bigint, bits: 32 | 64, decode: Decode): number[] {
  const starts: number[] = []
  for (let at = 0; at < bytes.length; ) {
    starts.push(at)
    const here = address + BigInt(at)
    const { length, invalid } = decode(bytes.subarray(at), lowHalf(here), highHalf(here), bits)
    if (invalid !== null || length === 0) break
    at += length
  }
  return starts
}

/** What the given bytes, fetched `offset` bytes into the site, are: an instruction of one of its versions, the breakpoint, or none of them. */
export function siteMeaning(site: Site, bytes: Uint8Array, offset = 0): SiteMeaning {
  if (site.newStarts.includes(offset) && standsIn(site.new, bytes, offset)) return 'new'
  if (site.oldStarts.includes(offset) && standsIn(site.old, bytes, offset)) return 'old'
  if (site.between.some((version) => version.starts.includes(offset) && standsIn(version.bytes, bytes, offset))) return 'new'
  return offset === 0 && bytes[0] === 0xcc ? 'int3' : 'torn'
}

function standsIn(version: Uint8Array, bytes: Uint8Array, offset: number): boolean {
  return bytes.length > 0 && offset + bytes.length <= version.length && bytes.every((byte, i) => byte === version[offset + i])
}
