/**
 * What an instruction family exports. A record says which instructions it covers, what they do in one line, where the manual defines them,
 * and their ordered micro-ops: interleaving with other CPUs is possible exactly between memory micro-ops, so the list is the concurrency claim.
 */
import type { Instruction } from '../instruction.ts'
import type { Machine } from '../machine.ts'

export type MicroOp = 'load' | 'compute' | 'store' | 'locked' | 'fence' | 'serialize' | 'branch' | 'raise' | 'deliver'

/**
 * Runs the instruction on the machine's selected CPU. Throws before anything has changed: Machine.fault, a ModelStop, or (from m.load) Machine.pause, after
 * which it is run again from its start. So all loads of an instruction come before its first store and before it changes registers.
 */
export type Execute = (m: Machine) => void

export interface InstructionRecord {
  /** iced mnemonics in lower case. */
  readonly mnemonics: readonly string[]
  readonly meaning: string
  /** Where it is defined: "SDM 2A ADD". */
  readonly manual: string
  readonly microOps: readonly MicroOp[]
  /**
   * Waits for an empty store buffer: fences, serialising instructions, instructions that always deliver an exception; a function where it depends on
   * the form (MOV to a control register). LOCK and XCHG with memory are added by the registry.
   */
  readonly drains?: boolean | ((instruction: Instruction) => boolean)
  /** The same where it depends on registers (WRMSR). */
  readonly drainsNow?: (m: Machine) => boolean
  /** RF survives it (IRET loads RF for the next instruction; every other instruction clears it). */
  readonly keepsRf?: boolean
  /** Makes the code that executes this form, or null where the form is not supported. Called once an instruction, then cached. */
  bind(instruction: Instruction, bits: 32 | 64): Execute | null
}
