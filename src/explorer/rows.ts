/**
 * Rows of a fixed width, growing one chunk at a time: nothing is copied when a search is large, and no second copy has to fit under the
 * cap. Row i lies in `chunks[i >> bits]` from `(i & mask) * width` on, never across two chunks. Only the last chunk may be short.
 */
import type { Memory } from './memory.ts'

/** Words of a full chunk, about: 1 MiB. */
const CHUNK = 1 << 18
/** Words of the first chunk, about, so that a small search of wide rows asks for little; and its rows at most. */
const FIRST_CHUNK = 1 << 12
const FIRST_ROWS = 256

export class Rows {
  readonly width: number
  readonly bits: number
  readonly mask: number
  readonly chunks: Int32Array[]
  /** Rows that there is room for. */
  capacity: number
  private readonly memory: Memory

  constructor(width: number, memory: Memory) {
    this.width = width
    this.bits = 31 - Math.clz32(Math.max(1, Math.floor(CHUNK / Math.max(1, width))))
    this.mask = (1 << this.bits) - 1
    this.memory = memory
    this.capacity = Math.min(FIRST_ROWS, this.mask + 1, Math.max(8, Math.floor(FIRST_CHUNK / Math.max(1, width))))
    this.chunks = [memory.insist(this.capacity * width)]
  }

  get bytes(): number {
    return this.chunks.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** Makes room for at least one more row; false where memory does not allow it. Nobody has to give way while a modest growth is possible. */
  grow(): boolean {
    const used = this.capacity & this.mask
    const wanted = this.chunks.length > 1 || used === 0 ? this.mask + 1 : Math.min(this.mask + 1, 2 * used)
    const modest = used + ((wanted - used + 7) >> 3)
    if (this.extend(used, wanted) || this.extend(used, modest)) return true
    this.memory.relieve()
    return this.extend(used, wanted) || this.extend(used, modest)
  }

  /** A short last chunk, of `used` rows, is replaced by a longer one; after a full one (`used` is 0) another begins. */
  private extend(used: number, rows: number): boolean {
    const chunk = this.memory.tryAllocate(rows * this.width)
    if (chunk === null) return false
    const last = this.chunks[this.chunks.length - 1]
    if (used > 0 && last !== undefined) {
      chunk.set(last)
      this.memory.free(last)
      this.chunks.pop()
    }
    this.chunks.push(chunk)
    this.capacity += rows - used
    return true
  }
}
