/**
 * The machine at one moment, for people: plain readonly objects with names and labels. Views, exports, screen-reader sentences and tests see
 * this and nothing of the packed state. Addresses and 64-bit values are "0x…" strings (they cross the worker boundary and JSON unchanged).
 */
import type { ChoiceKind, PackedChoice } from '../machine/choice.ts'
import type { Meaning } from './meaning.ts'

/** What bytes at a call site are: one of its versions, int3 (first byte CC), or a mixture of versions that is none of them. */
export type SiteMeaning = 'old' | 'new' | 'int3' | 'torn'

export interface Snapshot {
  /** Steps taken so far on this trace (= cursor). */
  readonly step: number
  readonly cpus: readonly CpuView[]
  readonly sites: readonly SiteView[]
  readonly data: readonly DataView[]
  readonly choices: readonly ChoiceView[]
  readonly properties: readonly PropertyView[]
  /** Every CPU is done (halted or at rest as the scenario says). */
  readonly final: boolean
  /** Patch phase that the patcher is in, from its assembly ("int3", "sync 1", …), or null. */
  readonly phase: string | null
  /** One sentence about what the last step did (for the live region and the captions); null at the start. */
  readonly said: string | null
  /** What that step rests on; null at the start. */
  readonly meaning: Meaning | null
  /** Digest of the state, 16 hexadecimal digits. */
  readonly digest: string
}

export interface CpuView {
  readonly id: number
  /** "patcher", "caller". */
  readonly role: string
  readonly rip: string
  /** "site", "poke_int3_handler+0x1c". */
  readonly symbol: string
  /** The innermost function's name. */
  readonly func: string | null
  readonly source: { readonly text: string; readonly file: string; readonly line: number } | null
  readonly registers: readonly RegisterView[]
  readonly flags: {
    readonly cf: boolean
    readonly pf: boolean
    readonly af: boolean
    readonly zf: boolean
    readonly sf: boolean
    readonly df: boolean
    readonly of: boolean
    readonly if: boolean
    readonly value: string
  }
  readonly shadow: 'sti' | 'mov ss' | null
  readonly nmiBlocked: boolean
  readonly state: 'running' | 'halted' | 'stopped'
  /** Why it stopped, in words; null otherwise. */
  readonly stopReason: string | null
  /** What it waits for, in words ("store buffer must drain before mfence"); null otherwise. */
  readonly waitsFor: string | null
  /** Handlers that it is in, outermost first: "#BP", "IPI 0xfb", "NMI". */
  readonly nesting: readonly string[]
  readonly stores: readonly StoreView[]
  readonly pending: readonly string[]
  readonly inService: readonly string[]
  readonly code: readonly CodeLine[]
  readonly stack: StackView
}

export interface RegisterView {
  readonly name: string
  readonly value: string
  /** Changed by the last step. */
  readonly changed: boolean
  /** Symbol that the value points to, if any. */
  readonly symbol: string | null
}

export interface StoreView {
  readonly address: string
  readonly symbol: string
  readonly size: number
  readonly value: string
  readonly hot: boolean
}

export interface CodeLine {
  readonly address: string
  readonly bytes: string
  readonly text: string
  readonly symbol: string | null
  readonly source: string | null
  readonly current: boolean
  /** Bytes as this CPU may fetch them differ from memory, or several variants exist. */
  readonly variants: number
  readonly meaning: SiteMeaning | null
}

export interface StackView {
  readonly name: string
  /** Top of the stack region (exclusive) and current stack pointer. */
  readonly top: string
  readonly sp: string
  /** From high to low addresses, down to the lowest word in use (and below, dead words are left out). */
  readonly words: readonly StackWord[]
}

export interface StackWord {
  readonly address: string
  readonly value: string
  /** "rip → callee_b", "return address into caller+0x12", "gap", "orig_rax", "r15"… */
  readonly label: string
  readonly kind: 'plain' | 'hardware' | 'software' | 'gap' | 'return'
  /** Which frame it belongs to (0 = outermost), or -1. */
  readonly frame: number
  readonly changed: boolean
  /** The word at which RSP points. */
  readonly top: boolean
  /** The word no longer holds what was put there, and who changed it: "changed by exc_int3", "overwritten by NMI". */
  readonly altered: string | null
  /** Altered where nobody should have: a word of the interrupted code, or one that holds something of another kind now. */
  readonly overwritten: boolean
}

/** One byte position of a site as one CPU may fetch it. */
export interface FetchByte {
  /** Distinct values it may show, ascending; the first one is that of memory when that is among them. */
  readonly values: readonly SiteByte[]
  readonly stale: boolean
}

/** Two digits, and the version that they belong to; `both`: old and new agree here; `between`: neither, but a version that the site holds for a while; `other`: none. */
export interface SiteByte {
  readonly value: string
  readonly from: 'old' | 'new' | 'int3' | 'both' | 'between' | 'other'
}

export interface SiteView {
  readonly label: string
  readonly address: string
  readonly length: number
  /** Index of the first byte that lies in the next 64-byte line; null where the site lies inside one line. */
  readonly lineBreak: number | null
  readonly memory: readonly SiteByte[]
  readonly memoryMeaning: SiteMeaning
  /** All instructions, “push 1; sti; jmp a”, where the versions have several; “int3” where that is in front. */
  readonly memoryText: string
  readonly oldText: string
  readonly newText: string
  /** What it holds for a while between old and new; mostly empty. */
  readonly between: readonly string[]
  readonly cpus: readonly SiteCpuView[]
}

export interface SiteCpuView {
  readonly cpu: number
  readonly bytes: readonly FetchByte[]
  /** Everything that this CPU may execute at the site now. */
  readonly variants: readonly { readonly bytes: string; readonly text: string; readonly meaning: SiteMeaning; readonly stale: boolean }[]
  /** It stands at the site now. */
  readonly here: boolean
  /** The store to this site that is still in this CPU's store buffer, if any. */
  readonly pendingStore: string | null
  /** Its copies of the 64-byte lines that the site touches, one or two; empty where nobody keeps account of them. A reading aid, no part of the state. */
  readonly lines: readonly LineCopyView[]
  /** What it executed when it came through last; null where it did not, or where nobody keeps account of it. */
  readonly pass: PassView | null
}

/** The bytes that a CPU had fetched when it last executed the site, which may be in nobody's memory any more. */
export interface PassView {
  /** Steps taken when it was over. */
  readonly step: number
  /** The last step was this one. */
  readonly now: boolean
  /** By position in the site; null where it fetched none. */
  readonly values: readonly (SiteByte | null)[]
  readonly bytes: string
  readonly text: string
  readonly meaning: SiteMeaning
  /** Memory held something else then. */
  readonly stale: boolean
}

export interface LineCopyView {
  readonly state: CacheState
  /** What it was before the last step, where that changed it. */
  readonly before: CacheState | null
  /** It came here as instructions. */
  readonly instructions: boolean
}

/** Modified, owned (MOESI), exclusive, shared, forwarding (MESIF), invalid. */
export type CacheState = 'M' | 'O' | 'E' | 'S' | 'F' | 'I'

/** A labelled word of shared memory. */
export interface DataView {
  readonly label: string
  readonly address: string
  readonly size: number
  readonly value: string
  readonly changed: boolean
  /** What each CPU holds of its line; empty where nobody keeps account. */
  readonly lines: readonly CacheState[]
}

export interface ChoiceView {
  readonly choice: PackedChoice
  /** As in a schedule: "1s.2". */
  readonly token: string
  readonly cpu: number
  readonly kind: ChoiceKind
  /** "executes call callee_a", "takes IPI 0xfb", "store cc → site becomes visible". */
  readonly title: string
  /** What is special about it: "stale bytes", "waits", symbol and source line; or null. */
  readonly detail: string | null
  /** What it would change, in a few words ("ZF 0→1", "pushes 5 words", "acks 2→1"). */
  readonly effect: string
  readonly meaning: SiteMeaning | null
  /** Properties that it would violate. */
  readonly violates: readonly string[]
  /** Could matter to other CPUs, or depends on them; false for purely local work. */
  readonly visible: boolean
}

export interface PropertyView {
  readonly id: string
  readonly title: string
  /** Step at which this trace violated it, or null. */
  readonly violatedAt: number | null
  readonly detail: string | null
}
