/**
 * The packed state: one Int32Array that holds everything that can influence the future, and nothing else. No other file knows an offset.
 *
 *   [ CPU 0 | CPU 1 | … | shared ]           each part is a component of the explorer's `Model`
 *   CPU part:    registers, flags, status, interrupt state, store buffer, then the bytes of the memory that only this CPU may touch
 *   shared part: the bytes of shared memory (the hot text bytes first), then for each CPU its pending interrupts and its fetch state
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
/** Values of the memory pieces that an unfinished instruction has loaded already. */
export const LATCH = 62
export const STORE_COUNT = 66
export const STORES = 67

/** Words of one store-buffer entry: byte offset in shared memory, size | pieces still to commit << 8, value low, value high. */
export const STORE_WORDS = 4

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
/** Bits 8…: pieces that the unfinished instruction has loaded. */
export const STATUS_MICRO_SHIFT = 8

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
export const FLAG_ID = 0x20_0000

/** Pending-interrupt words in a CPU's box of the shared part: 8 words of request bits, then the NMI latch. */
export const BOX_IRR = 0
export const BOX_NMI = 8
export const BOX_FETCH = 9

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
}): Layout {
  const { cpus, storeCapacity, ownBytes, sharedBytes, fetchWords } = sizes
  const ownMemory = STORES + storeCapacity * STORE_WORDS
  const widths = Array.from({ length: cpus }, (_, cpu) => ownMemory + words(ownBytes[cpu] ?? 0))
  const boxWords = BOX_FETCH + fetchWords
  widths.push(words(sharedBytes) + cpus * boxWords)
  const parts: number[] = []
  let at = 0
  for (const width of widths) {
    parts.push(at)
    at += width
  }
  const sharedMemory = parts[cpus] as number
  const boxes = Array.from({ length: cpus }, (_, cpu) => sharedMemory + words(sharedBytes) + cpu * boxWords)
  return { cpus, storeCapacity, parts, widths, ownMemory, sharedMemory, boxes, fetchWords, words: at }
}

function words(bytes: number): number {
  return (bytes + 3) >> 2
}
