/**
 * The packed state: one Int32Array that holds everything that can influence the future, and nothing else. No other file knows an offset.
 *
 *   [ CPU 0 | CPU 1 | … | shared ]           each part is a component of the explorer's `Model`
 *   CPU part:    registers, flags, status, interrupt state, work in progress, store buffer, then the bytes of the memory that only this CPU may touch
 *   shared part: the bytes of shared memory (the hot text bytes first), then for each CPU its pending interrupts and its fetch state, then the fetch
 *                state that is common to all, then what the environment may still do
 *
 * A step of CPU c reads and writes CPU part c and the shared part, never another CPU's part. Cloning is `set`, equality a loop over words.
 */

/** Word offsets inside a CPU part. 64-bit values are two words, low half first. */
export const GPR = 0
export const RIP = 32
export const FLAGS = 34
/** Bit field, see STATUS_*. */
export const STATUS = 35
/** Why the CPU stopped (STOP_*) | vector << 8; 0 while it runs. */
export const STOP = 36
export const ERROR_CODE = 37
export const CR2 = 38
export const CR3 = 40
/** In-service bits, one a vector: 8 words. */
export const ISR = 42
/** Selectors es, cs, ss, ds, fs, gs. */
export const SEGMENTS = 50
export const FS_BASE = 56
export const GS_BASE = 58
export const KERNEL_GS_BASE = 60
/** What the CPU is in the middle of; 0 at an instruction boundary. See PROGRESS_* and progress.ts. */
export const PROGRESS = 62
/** What an unfinished instruction has read of shared memory so far, in the order in which it reads; or the error code of a waiting event. */
export const LATCH = 63
/** Bytes that LATCH holds: the five words of a 64-bit IRET frame. */
export const LATCH_BYTES = 40
/** The bytes of an unfinished instruction that lies in hot memory: it has been fetched, whatever memory shows by now. */
export const LATCH_CODE = 73
export const STORE_COUNT = 77
export const STORES = 78

/** Words of one store-buffer entry: byte offset in shared memory, size and marks (STORE_*), value low, value high. */
export const STORE_WORDS = 4
export const STORE_SIZE = 0xff
/** Pieces that have not been committed yet: 1 the lower one, 2 the upper one (only where the store crosses a line). */
export const STORE_LOWER = 0x100
export const STORE_UPPER = 0x200
/** Written by a repeated string instruction: may become visible before its neighbours of the same instruction. */
export const STORE_STRING = 0x400
/** First store of its string instruction; never set on the oldest entry, where it would say nothing. */
export const STORE_STRING_START = 0x800
/** The youngest store at an SFENCE. */
export const STORE_FENCED = 0x1000

export const ES = 0
export const CS = 1
export const SS = 2
export const DS = 3
export const FS = 4
export const GS = 5

export const STATUS_HALTED = 1
/** After STI: maskable interrupts wait for one boundary. */
export const STATUS_STI_SHADOW = 2
/** After MOV/POP SS: maskable interrupts, NMI and #DB wait for one boundary. */
export const STATUS_SS_SHADOW = 4
export const STATUS_NMI_BLOCKED = 8

/** Kind of work in progress, bits 0..1: an instruction between two of its memory accesses, or an event that waits for the store buffer. */
export const PROGRESS_KIND = 3
export const PROGRESS_INSTRUCTION = 1
export const PROGRESS_EVENT = 2
/** Pieces of a line-crossing load that are still to be read: 4 the lower one, 8 the upper one. */
export const PROGRESS_LOWER = 4
export const PROGRESS_UPPER = 8
/** Bits 8..15: bytes in LATCH; or the vector of a waiting event. */
export const PROGRESS_SHIFT = 8
/** Bits 16..19: bytes in LATCH_CODE. */
export const PROGRESS_CODE_SHIFT = 16

export const STOP_EXCEPTION = 1
export const STOP_UNSUPPORTED = 2
export const STOP_SHUTDOWN = 3
/** A CPU touched memory that the scenario declares private to another one. */
export const STOP_PRIVATE = 4
/** A store to text that the scenario does not declare hot. */
export const STOP_COLD_TEXT = 5
/** More distinct values of one fetch unit than the fetch model keeps. */
export const STOP_FETCH_SET = 6
/** A CPU read its private stack below the stack pointer, where an interrupt may have written anything. */
export const STOP_DEAD_STACK = 7

export const FLAG_CF = 1
export const FLAG_PF = 4
export const FLAG_AF = 16
export const FLAG_ZF = 64
export const FLAG_SF = 128
export const FLAG_TF = 0x100
export const FLAG_IF = 0x200
export const FLAG_DF = 0x400
export const FLAG_OF = 0x800
export const FLAG_IOPL = 0x3000
export const FLAG_NT = 0x4000
export const FLAG_RF = 0x1_0000
export const FLAG_VM = 0x2_0000
export const FLAG_AC = 0x4_0000
export const FLAG_VIF = 0x8_0000
export const FLAG_VIP = 0x10_0000
export const FLAG_ID = 0x20_0000

/** Pending-interrupt words in a CPU's box of the shared part: 8 words of request bits, then the NMI latch. */
export const BOX_IRR = 0
export const BOX_NMI = 8
export const BOX_FETCH = 9

/** The environment's word: how many NMIs may still arrive, and how many timer interrupts. */
export const BUDGET_NMI = 0xffff
export const BUDGET_TIMER_SHIFT = 16

export interface Layout {
  readonly cpus: number
  readonly storeCapacity: number
  /** Word offset of each CPU part; entry `cpus` is the shared part. */
  readonly parts: readonly number[]
  /** Words of each part, as the explorer's `widths`. */
  readonly widths: readonly number[]
  /** Word offset, inside a CPU part, of its private memory. */
  readonly ownMemory: number
  /** Word offset of shared memory in the whole state (= start of the shared part). */
  readonly sharedMemory: number
  /** Word offset in the whole state of each CPU's box. */
  readonly boxes: readonly number[]
  readonly fetchWords: number
  /** Word offset in the whole state of the fetch state that all CPUs have in common. */
  readonly fetchShared: number
  readonly fetchSharedWords: number
  /** Word offset in the whole state of what the environment may still do (BUDGET_*). */
  readonly environment: number
  /** Words of the whole state. */
  readonly words: number
}

/** Derives all offsets. Byte sizes are rounded up to words. */
export function createLayout(sizes: {
  cpus: number
  storeCapacity: number
  ownBytes: readonly number[]
  sharedBytes: number
  fetchWords: number
  fetchSharedWords?: number
}): Layout {
  const { cpus, storeCapacity, ownBytes, sharedBytes, fetchWords, fetchSharedWords = 0 } = sizes
  const ownMemory = STORES + storeCapacity * STORE_WORDS
  const widths = Array.from({ length: cpus }, (_, cpu) => ownMemory + words(ownBytes[cpu] ?? 0))
  const boxWords = BOX_FETCH + fetchWords
  widths.push(words(sharedBytes) + cpus * boxWords + fetchSharedWords + 1)
  const parts: number[] = []
  let at = 0
  for (const width of widths) {
    parts.push(at)
    at += width
  }
  const sharedMemory = parts[cpus] as number
  const boxes = Array.from({ length: cpus }, (_, cpu) => sharedMemory + words(sharedBytes) + cpu * boxWords)
  const fetchShared = sharedMemory + words(sharedBytes) + cpus * boxWords
  const environment = fetchShared + fetchSharedWords
  return { cpus, storeCapacity, parts, widths, ownMemory, sharedMemory, boxes, fetchWords, fetchShared, fetchSharedWords, environment, words: at }
}

function words(bytes: number): number {
  return (bytes + 3) >> 2
}
