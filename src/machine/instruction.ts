/**
 * One decoded instruction: what `decoder` (the only importer of iced-x86) hands to the machine. Plain data, made once for each
 * (address, bytes) and then cached, so it favours clear fields over a small size.
 */

/** A general register: `index` 0..15 (rax rcx rdx rbx rsp rbp rsi rdi r8…r15), `size` in bytes; `high` marks ah, ch, dh, bh (index 0..3). */
export interface RegisterOperand {
  readonly kind: 'reg'
  readonly index: number
  readonly size: 1 | 2 | 4 | 8
  readonly high: boolean
}

/** An immediate, already sign- or zero-extended to the operation's size as the encoding says; two 32-bit halves. `size` in bytes of the operation. */
export interface ImmediateOperand {
  readonly kind: 'imm'
  readonly lo: number
  readonly hi: number
  readonly size: number
}

/** A memory operand. `base`/`index` are register numbers or -1; `rip` relative operands arrive with base -1 and the absolute address in disp. */
export interface MemoryOperand {
  readonly kind: 'mem'
  /** Width of the access in bytes (0 for lea, invlpg, multi-byte nop). */
  readonly size: number
  readonly base: number
  readonly index: number
  readonly scale: 1 | 2 | 4 | 8
  readonly dispLo: number
  readonly dispHi: number
  readonly segment: SegmentName
  readonly ripRelative: boolean
}

export type SegmentName = 'es' | 'cs' | 'ss' | 'ds' | 'fs' | 'gs'

/** A near branch target (absolute). */
export interface BranchOperand {
  readonly kind: 'branch'
  readonly lo: number
  readonly hi: number
}

export interface SegmentOperand {
  readonly kind: 'seg'
  readonly segment: SegmentName
}

export interface ControlOperand {
  readonly kind: 'cr' | 'dr'
  readonly index: number
}

/** What the machine has no word for (x87 or vector registers, far pointers); every instruction with such an operand is unsupported. */
export interface OtherOperand {
  readonly kind: 'other'
  readonly what: string
}

export type Operand = RegisterOperand | ImmediateOperand | MemoryOperand | BranchOperand | SegmentOperand | ControlOperand | OtherOperand

export interface Instruction {
  /** iced's mnemonic in lower case ("add", "cmpxchg", "iretq", "int3"); "invalid" where the bytes decode to nothing. */
  readonly mnemonic: string
  /** iced's code name ("Add_rm64_r64"): the exact form. */
  readonly code: string
  /** Length in bytes, 1..15. */
  readonly length: number
  readonly operands: readonly Operand[]
  readonly lock: boolean
  /** F3 and F2 prefixes as iced reports them for this instruction (only string instructions use them). */
  readonly rep: boolean
  readonly repne: boolean
  /** Address size in bytes of memory operands and string instructions: 8, 4 or 2. */
  readonly addressSize: number
  /** Bytes by which a push, call, int… moves the stack pointer; 0 where it does not use the stack. */
  readonly stackSize: number
  /** iced: LOCK is allowed on this form. */
  readonly lockable: boolean
  /** iced: must run at CPL 0. */
  readonly privileged: boolean
  /** iced: "serializing" on Intel / on AMD. */
  readonly serializingIntel: boolean
  readonly serializingAmd: boolean
  /** Why `mnemonic` is "invalid": no such instruction (#UD), longer than 15 bytes (#GP), or more bytes were needed than given. */
  readonly invalid: null | 'undefined' | 'too-long' | 'no-more-bytes'
}

/** Decodes the instruction that starts at `bytes[0]`, which lies at address hi:lo. Give up to 15 bytes. Pure: equal input, equal output. */
export type Decode = (bytes: Uint8Array, lo: number, hi: number, bits: 32 | 64) => Instruction
