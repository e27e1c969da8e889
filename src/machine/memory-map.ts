/**
 * Which addresses are mapped, with what permission, and where their bytes live. There is no paging beyond this table: a byte is mapped
 * readable, writable and executable as its region says, or it faults (#PF).
 *
 * Storage of a region:
 *   rom      never changes; not part of the state
 *   private  only one CPU may touch it: stores take effect at once, since nobody else can observe when (docs/machine.md)
 *   shared   data that several CPUs see, through store buffers (x86-TSO)
 * Text is rom except its *hot* ranges (the bytes that a patcher writes), which are shared and carry fetch state. Two regions may show the
 * same bytes with different permission (an alias), as the kernel's text_poke writes text through another mapping.
 */
import { assert } from '../lib/assert.ts'
import { hex, highHalf, lowHalf } from '../lib/u64.ts'
import type { CachedFetch } from './fetch.ts'

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
  /** Byte ranges of a rom region that a patcher may write. */
  readonly hot?: readonly { readonly offset: number; readonly length: number }[]
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
  /** What fetching gave, by offset in the piece (a cache of the program text, no state). */
  readonly fetched: (CachedFetch | undefined)[]
}

/** A range of hot bytes: `first` is its index among all hot bytes (= its byte offset in shared memory). */
export interface HotRange {
  readonly lo: number
  readonly hi: number
  readonly first: number
  readonly length: number
}

export interface MemoryMap {
  readonly pieces: readonly Piece[]
  readonly rom: Uint8Array
  readonly hot: readonly HotRange[]
  readonly hotBytes: number
  readonly ownBytes: readonly number[]
  readonly sharedBytes: number
  /** Initial contents. */
  readonly own: readonly Uint8Array[]
  readonly shared: Uint8Array
}

interface Chunk {
  readonly start: number
  readonly end: number
  readonly kind: 0 | 1 | 2 | 3
  readonly offset: number
  readonly owner: number
}

export function createMemoryMap(cpus: number, regions: readonly RegionSpec[], aliases: readonly AliasSpec[]): MemoryMap {
  const rom = new ByteList()
  const own = Array.from({ length: cpus }, () => new ByteList())
  const shared = new ByteList()
  const hot: HotRange[] = []
  const chunksOf = new Map<string, readonly Chunk[]>()
  // Hot bytes come first in shared memory, so that an index among hot bytes is also an offset.
  for (const region of regions) {
    for (const range of region.hot ?? []) {
      assert(region.storage === 'rom', `region ${region.name} is writable data and has hot ranges`)
      const start = region.start + BigInt(range.offset)
      hot.push({ lo: lowHalf(start), hi: highHalf(start), first: shared.length, length: range.length })
      shared.add(region.bytes.subarray(range.offset, range.offset + range.length), range.length)
    }
  }
  const hotBytes = shared.length
  shared.pad()
  let hotIndex = 0
  for (const region of regions) {
    const chunks: Chunk[] = []
    const size = region.bytes.length
    if (region.storage === 'rom') {
      let at = 0
      const addRom = (end: number) => {
        if (end > at) {
          chunks.push({ start: at, end, kind: ROM, offset: rom.length, owner: -1 })
          rom.add(region.bytes.subarray(at, end))
        }
      }
      for (const range of [...(region.hot ?? [])]) {
        assert(range.offset >= at, `hot ranges of ${region.name} are not in ascending order`)
        addRom(range.offset)
        chunks.push({ start: range.offset, end: range.offset + range.length, kind: HOT, offset: (hot[hotIndex++] as HotRange).first, owner: -1 })
        at = range.offset + range.length
      }
      addRom(size)
    } else {
      const into = region.storage === 'shared' ? shared : (own[region.owner ?? 0] as ByteList)
      into.pad()
      chunks.push({
        start: 0,
        end: size,
        kind: region.storage === 'shared' ? SHARED : PRIVATE,
        offset: into.length,
        owner: region.storage === 'shared' ? -1 : (region.owner ?? 0),
      })
      into.add(region.bytes)
    }
    chunksOf.set(region.name, chunks)
  }
  const pieces: Piece[] = []
  const addPieces = (
    name: string,
    start: bigint,
    from: number,
    length: number,
    chunks: readonly Chunk[],
    access: { read: boolean; write: boolean; exec: boolean; stack?: boolean },
  ) => {
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
        fetched: [],
      })
    }
  }
  for (const region of regions) addPieces(region.name, region.start, 0, region.bytes.length, chunksOf.get(region.name) ?? [], region)
  for (const alias of aliases) addPieces(alias.name, alias.start, alias.offset, alias.length, chunksOf.get(alias.of) ?? [], alias)
  return {
    pieces,
    rom: rom.bytes(),
    hot,
    hotBytes,
    ownBytes: own.map((list) => list.length),
    sharedBytes: shared.length,
    own: own.map((list) => list.bytes()),
    shared: shared.bytes(),
  }
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
