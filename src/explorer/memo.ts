/**
 * What a choice does depends on the agent's own component and the shared one only. So the outcomes of every (agent, own, shared) that was
 * expanded are kept, and expanding it again, beside other states of the other agents, is a look-up.
 *
 * A list in the arena, in words: `own | shared | agent << 1 | done | length`, then for each outcome `choice | cost | violations | own
 * after | shared after`. The memo only saves time, so it may forget: it starts afresh when its share of the memory is used up, and
 * gives nearly everything away when something else needs the room.
 */
import { mix } from '../lib/hash.ts'
import { doubledSlots, loadLimit } from './components.ts'
import type { Memory } from './memory.ts'

export const OWN = 0
export const SHARED = 1
export const WHO = 2
export const LENGTH = 3
export const HEADER = 4

export const CHOICE = 0
export const COST = 1
export const VIOLATIONS = 2
export const OWN_AFTER = 3
export const SHARED_AFTER = 4
export const OUTCOME = 5

const FIRST_SLOTS = 1024
const FIRST_WORDS = 1 << 14
/** Places in the arena are 32-bit numbers. */
const LARGEST = 3 * 2 ** 30

export class Memo {
  arena: Int32Array
  hits = 0
  misses = 0
  /** How often everything was forgotten to make room. */
  cleared = 0
  private readonly memory: Memory
  private slots: Int32Array
  private mask = FIRST_SLOTS - 1
  private lists = 0
  private used = 0
  /** Hash and place of the list that is being written. */
  private pendingHash = 0
  private pendingAt = -1
  /** Bytes that this memo may take. */
  private share: number

  constructor(memory: Memory, share: number) {
    this.memory = memory
    this.share = Math.min(share, LARGEST)
    this.arena = memory.insist(FIRST_WORDS)
    this.slots = memory.insist(2 * FIRST_SLOTS)
  }

  get bytes(): number {
    return this.arena.byteLength + this.slots.byteLength
  }

  /** Where the list of this pair lies in the arena; −1 where it is not known. */
  find(agent: number, own: number, shared: number): number {
    const { slots, mask, arena } = this
    const hash = hashPair(agent, own, shared)
    let slot = hash & mask
    for (;;) {
      const entry = slots[2 * slot] as number
      if (entry === 0) {
        this.misses++
        return -1
      }
      if (slots[2 * slot + 1] === hash) {
        const at = entry - 1
        if (arena[at] === own && arena[at + SHARED] === shared && (arena[at + WHO] as number) >> 1 === agent) {
          this.hits++
          return at
        }
      }
      slot = (slot + 1) & mask
    }
  }

  /** Starts a list; `append` its outcomes, then `commit`. */
  begin(agent: number, own: number, shared: number, done: boolean): void {
    this.pendingHash = hashPair(agent, own, shared)
    this.pendingAt = this.used
    this.room(HEADER)
    const at = this.pendingAt
    this.arena[at + OWN] = own
    this.arena[at + SHARED] = shared
    this.arena[at + WHO] = (agent << 1) | (done ? 1 : 0)
    this.used = at + HEADER
  }

  append(choice: number, cost: number, violations: number, own: number, shared: number): void {
    this.room(OUTCOME)
    const { arena, used } = this
    arena[used + CHOICE] = choice
    arena[used + COST] = cost
    arena[used + VIOLATIONS] = violations
    arena[used + OWN_AFTER] = own
    arena[used + SHARED_AFTER] = shared
    this.used = used + OUTCOME
  }

  /** Ends the list and answers where it lies. */
  commit(): number {
    const at = this.pendingAt
    this.arena[at + LENGTH] = this.used - at - HEADER
    this.pendingAt = -1
    if (this.lists >= loadLimit(this.mask + 1) && !this.rehash()) return this.startAfresh(at)
    this.enter(this.pendingHash, at)
    return at
  }

  /** Forgets the list that was begun. */
  abandon(): void {
    this.used = this.pendingAt
    this.pendingAt = -1
  }

  /**
   * Gives up nearly all memory, and takes only a part of what is left from now on. Lists read before stay readable by whoever still
   * holds the old arena.
   */
  shrink(): void {
    const start = this.pendingAt
    const length = start < 0 ? 0 : this.used - start
    const words = Math.max(FIRST_WORDS, 2 * length)
    if (this.bytes <= 4 * (words + 2 * FIRST_SLOTS)) return
    const old = this.arena
    this.memory.free(old)
    this.memory.free(this.slots)
    this.arena = this.memory.insist(words)
    this.slots = this.memory.insist(2 * FIRST_SLOTS)
    this.mask = FIRST_SLOTS - 1
    this.lists = 0
    this.used = length
    this.cleared++
    this.share = Math.min(this.share, (this.memory.limit - this.memory.bytes) / 4)
    if (length === 0) return
    this.arena.set(old.subarray(start, start + length))
    this.pendingAt = 0
  }

  /** A new share, after the cap was changed or what needed the room is gone. */
  allow(share: number): void {
    this.share = Math.min(share, LARGEST)
  }

  /** Room for some more words of the pending list: by growing, by forgetting all other lists, or, where neither is enough, by insisting. */
  private room(words: number): void {
    if (this.used + words <= this.arena.length) return
    if (this.mayTake(8 * this.arena.length)) {
      const larger = this.memory.grow(this.arena, this.used + words)
      if (larger !== null) {
        this.arena = larger
        return
      }
    }
    const start = this.pendingAt
    const length = this.used - start
    if (start > 0) {
      this.forget()
      this.arena.copyWithin(0, start, start + length)
      this.pendingAt = 0
      this.used = length
      if (length + words <= this.arena.length) return
    }
    const larger = this.memory.insist(2 * this.arena.length)
    larger.set(this.arena)
    this.memory.free(this.arena)
    this.arena = larger
  }

  private rehash(): boolean {
    if (!this.mayTake(8 * this.slots.length)) return false
    const slots = doubledSlots(this.slots, this.memory)
    if (slots === null) return false
    this.slots = slots
    this.mask = slots.length / 2 - 1
    return true
  }

  /** Never at the cost of others: a growth that would make them give way is not asked for. */
  private mayTake(bytes: number): boolean {
    return this.bytes + bytes <= this.share && this.memory.fits(bytes)
  }

  private startAfresh(at: number): number {
    const length = this.used - at
    this.forget()
    this.arena.copyWithin(0, at, at + length)
    this.used = length
    this.enter(this.pendingHash, 0)
    return 0
  }

  private enter(hash: number, at: number): void {
    let slot = hash & this.mask
    while (this.slots[2 * slot] !== 0) slot = (slot + 1) & this.mask
    this.slots[2 * slot] = at + 1
    this.slots[2 * slot + 1] = hash
    this.lists++
  }

  private forget(): void {
    this.slots.fill(0)
    this.lists = 0
    this.used = 0
    this.cleared++
  }
}

function hashPair(agent: number, own: number, shared: number): number {
  return mix((Math.imul(own, 0x9e3779b1) + Math.imul(shared, 0x85ebca77) + Math.imul(agent, 0xc2b2ae3d)) | 0)
}
