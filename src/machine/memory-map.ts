/**
 * Which addresses are mapped, with what permission, and where their bytes live. There is no paging beyond this table: a byte is mapped
 * readable, writable and executable as its region says, or it faults (#PF).
 *
 * Storage of a region:
 *   rom      never changes; not part of the state
 *   private  only one CPU may touch it: stores take effect at once, since nobody else can observe when (docs/machine.md)
 *   shared   data that several CPUs see, through store buffers (x86-TSO)
 * Text is rom except its *hot* ranges (the bytes that a patcher writes), which are shared and carry fetch state. Shared memory that is executable
 * is hot as a whole. Two regions may show the same bytes with different permission (an alias), as the kernel's text_poke writes text through
 * another mapping.
 */
import { assert } from '../lib/assert.ts'
import { hex, highHalf, lowHalf } from '../lib/u64.ts'
import type { CachedFetch, DecodedHot, RememberedFetch } from './fetch.ts'

export interface RegionSpec {
  readonly name: string
  readonly start: bigint
  readonly bytes: Uint8Array
  readonly read: boolean
  readonly write: boolean
  readonly exec: boolean
  readonly storage: 'rom' | 'private' | 'shared'
  /** For private storage: the CPU that owns it. */
  readonly owner?: number
  /** A private stack: what lies below the owner's stack pointer is dead, and reading it ends the run (docs/machine.md). */
  readonly stack?: boolean
  /** Byte ranges of a rom region that a patcher may write, in any order. */
  readonly hot?: readonly { readonly offset: number; readonly length: number; readonly row?: HotRow }[]
}

/** A range that is a row of sites: of every `stride` bytes the first `used` may be written; the others are hot as well, and nobody may write them. */
export interface HotRow {
  readonly stride: number
  readonly used: number
}

export interface AliasSpec {
  readonly name: string
  readonly start: bigint
  /** The name of the region whose bytes it shows, from `offset` on. */
  readonly of: string
  readonly offset: number
  readonly length: number
  readonly read: boolean
  readonly write: boolean
  readonly exec: boolean
}

export const ROM = 0
export const PRIVATE = 1
export const SHARED = 2
/** Shared, and text that a patcher writes: fetch sees it through the fetch model. */
export const HOT = 3

/** Slots of `recent`, a power of two. */
export const RECENT = 256

/** A run of mapped bytes with one kind of storage. Never crosses a 4 GiB boundary. */
export interface Piece {
  readonly region: string
  readonly lo: number
  readonly hi: number
  readonly size: number
  readonly kind: 0 | 1 | 2 | 3
  readonly owner: number
  readonly stack: boolean
  readonly read: boolean
  readonly write: boolean
  readonly exec: boolean
  /** Byte offset in the rom image, in the owner's private memory, or in shared memory. */
  readonly offset: number
  /** Hot text that is a row of sites; null elsewhere. It begins at offset `rowStart` of shared memory. */
  readonly row: HotRow | null
  readonly rowStart: number
  /** What fetching gave, by offset in the piece (a cache of the program text, no state). */
  readonly fetched: (CachedFetch | undefined)[]
  /** Decoded instructions of hot text by offset in the piece, then by the bytes of their window (a cache as well). */
  readonly decoded: (Map<string, DecodedHot> | undefined)[]
  /** What fetching at a hot address gave lately, and on what it depended (a cache as well). */
  readonly remembered: (RememberedFetch[] | undefined)[]
  /** Instructions that were fetched at a hot address where fetch shows what memory holds (a cache as well). */
  readonly shown: (CachedFetch[] | undefined)[]
}

/** A range of hot bytes: `first` is its index among all hot bytes (= its byte offset in shared memory). */
export interface HotRange {
  readonly lo: number
  readonly hi: number
  readonly first: number
  readonly length: number
}

export interface MemoryMap {
  /** In the order of the regions, then of the aliases. */
  readonly pieces: readonly Piece[]
  /** The same in ascending order of address. */
  readonly sorted: readonly Piece[]
  /** Pieces found lately, by the line of the address (a cache). */
  readonly recent: (Piece | null)[]
  readonly rom: Uint8Array
  readonly hot: readonly HotRange[]
  readonly hotBytes: number
  readonly ownBytes: readonly number[]
  readonly sharedBytes: number
  /** For each byte of shared memory: its place in its 64-byte line, and the piece that maps it first (its place in `pieces`, -1 for padding). */
  readonly lineOf: Uint8Array
  readonly pieceOf: Int32Array
  /** Initial contents. */
  readonly own: readonly Uint8Array[]
  readonly shared: Uint8Array
}

interface Chunk {
  readonly start: number
  readonly end: number
  readonly row?: HotRow | undefined
  readonly rowStart?: number
  readonly kind: 0 | 1 | 2 | 3
  readonly offset: number
  readonly owner: number
}

interface Access {
  readonly read: boolean
  readonly write: boolean
  readonly exec: boolean
  readonly stack?: boolean
}

/** Two mappings of one byte lie at the same place of a page, so an alias must start at the same place of its line as what it shows. */
const LINE = 64n

export function createMemoryMap(cpus: number, regions: readonly RegionSpec[], aliases: readonly AliasSpec[]): MemoryMap {
  const rom = new ByteList()
  const own = Array.from({ length: cpus }, () => new ByteList())
  const shared = new ByteList()
  const hot: HotRange[] = []
  const chunksOf = new Map<string, readonly Chunk[]>()
  // Hot bytes come first in shared memory, so that an index among hot bytes is also an offset.
  for (const region of regions) {
    for (const range of hotRanges(region)) {
      const start = region.start + BigInt(range.offset)
      hot.push({ lo: lowHalf(start), hi: highHalf(start), first: shared.length, length: range.length })
      shared.add(region.bytes.subarray(range.offset, range.offset + range.length), range.length)
    }
  }
  const hotBytes = shared.length
  shared.pad()
  let hotIndex = 0
  for (const region of regions) {
    const size = region.bytes.length
    const chunks: Chunk[] = []
    if (region.storage === 'rom' || isHot(region)) {
      let at = 0
      const addRom = (end: number) => {
        if (end <= at) return
        chunks.push({ start: at, end, kind: ROM, offset: rom.length, owner: -1 })
        rom.add(region.bytes.subarray(at, end))
      }
      for (const { offset, length, row } of hotRanges(region)) {
        addRom(offset)
        at = offset + length
        const { first } = hot[hotIndex++] as HotRange
        chunks.push({ start: offset, end: at, kind: HOT, offset: first, owner: -1, row, rowStart: first })
      }
      addRom(size)
    } else {
      const isShared = region.storage === 'shared'
      const into = isShared ? shared : (own[region.owner ?? 0] as ByteList)
      into.pad()
      chunks.push({ start: 0, end: size, kind: isShared ? SHARED : PRIVATE, offset: into.length, owner: isShared ? -1 : (region.owner ?? 0) })
      into.add(region.bytes)
    }
    chunksOf.set(region.name, chunks)
  }
  const pieces: Piece[] = []
  for (const region of regions) pieces.push(...piecesOf(region, 0, region.bytes.length, chunksOf.get(region.name) ?? [], region))
  for (const alias of aliases) {
    const of = regions.find((region) => region.name === alias.of)
    assert(of !== undefined, `${alias.name} shows ${alias.of}, which is no region`)
    assert((alias.start - of.start - BigInt(alias.offset)) % LINE === 0n, `${alias.name} does not start at the same place of a line as what it shows`)
    pieces.push(...piecesOf(alias, alias.offset, alias.length, chunksOf.get(alias.of) ?? [], alias))
  }
  return {
    pieces,
    sorted: [...pieces].sort((a, b) => (a.hi >>> 0) - (b.hi >>> 0) || (a.lo >>> 0) - (b.lo >>> 0)),
    recent: Array.from({ length: RECENT }, () => null),
    rom: rom.bytes(),
    hot,
    hotBytes,
    ownBytes: own.map((list) => list.length),
    sharedBytes: shared.length,
    ...indexShared(pieces, shared.length),
    own: own.map((list) => list.bytes()),
    shared: shared.bytes(),
  }
}

function isHot(region: RegionSpec): boolean {
  return region.storage === 'shared' && region.exec
}

/** The hot ranges of a region in ascending order; those that touch or overlap become one, so that a store into them stays one store. */
function hotRanges(region: RegionSpec): { offset: number; length: number; row?: HotRow | undefined }[] {
  if (isHot(region)) return region.bytes.length === 0 ? [] : [{ offset: 0, length: region.bytes.length }]
  const merged: { offset: number; length: number; row?: HotRow | undefined }[] = []
  for (const { offset, length, row } of [...(region.hot ?? [])].sort((a, b) => a.offset - b.offset)) {
    assert(region.storage === 'rom', `region ${region.name} is data and has hot ranges`)
    const last = merged[merged.length - 1]
    if (last !== undefined && row === undefined && last.row === undefined && offset <= last.offset + last.length)
      last.length = Math.max(last.length, offset + length - last.offset)
    else if (length > 0) merged.push({ offset, length, row })
  }
  return merged
}

/** The pieces that show bytes `from` to `from + length` of the chunks at `start`. */
function piecesOf({ name, start }: { name: string; start: bigint }, from: number, length: number, chunks: readonly Chunk[], access: Access): Piece[] {
  const pieces: Piece[] = []
  for (const chunk of chunks) {
    const first = Math.max(chunk.start, from)
    const end = Math.min(chunk.end, from + length)
    if (end <= first) continue
    const address = start + BigInt(first - from)
    assert(highHalf(address) === highHalf(address + BigInt(end - first - 1)), `${name} crosses a 4 GiB boundary at ${hex(address)}`)
    pieces.push({
      region: name,
      lo: lowHalf(address),
      hi: highHalf(address),
      size: end - first,
      kind: chunk.kind,
      owner: chunk.owner,
      stack: access.stack === true,
      read: access.read,
      write: access.write,
      exec: access.exec,
      offset: chunk.offset + first - chunk.start,
      row: chunk.row ?? null,
      rowStart: chunk.rowStart ?? 0,
      fetched: [],
      decoded: [],
      remembered: [],
      shown: chunk.kind === HOT ? new Array(end - first) : [],
    })
  }
  return pieces
}

function indexShared(pieces: readonly Piece[], bytes: number): { lineOf: Uint8Array; pieceOf: Int32Array } {
  const lineOf = new Uint8Array(bytes)
  const pieceOf = new Int32Array(bytes).fill(-1)
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind !== HOT && piece.kind !== SHARED) continue
    for (let i = 0; i < piece.size; i++) {
      if (pieceOf[piece.offset + i] !== -1) continue
      pieceOf[piece.offset + i] = index
      lineOf[piece.offset + i] = (piece.lo + i) & 63
    }
  }
  return { lineOf, pieceOf }
}

/** Bytes that grow. */
class ByteList {
  length = 0
  private held = new Uint8Array(256)

  /** `length`: how many there are to be, with zeros behind the given ones. */
  add(bytes: Uint8Array, length = bytes.length): void {
    if (this.length + length > this.held.length) {
      const larger = new Uint8Array(Math.max(2 * this.held.length, this.length + length))
      larger.set(this.held)
      this.held = larger
    }
    this.held.set(bytes, this.length)
    this.length += length
  }

  /** Keeps regions aligned to 8 bytes in the state, so that aligned accesses are word accesses. */
  pad(): void {
    this.add(new Uint8Array(-this.length & 7))
  }

  bytes(): Uint8Array {
    return this.held.slice(0, this.length)
  }
}
