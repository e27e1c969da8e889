/**
 * Runs a case on our machine and compares it with what silicon made of it: exception, address, registers, defined flags, memory.
 *
 * Flags that the manual leaves undefined are left out of the comparison, and followed: once an instruction has left a flag undefined, a case
 * in which a later one reads it proves nothing and is skipped.
 */
import { bytesToHex } from '../../../lib/bytes.ts'
import { hex, joinHalves } from '../../../lib/u64.ts'
import type { Decode, Instruction } from '../../instruction.ts'
import { CR2, ERROR_CODE, FLAG_DF, FLAGS, STATUS, STOP, STOP_EXCEPTION } from '../../layout.ts'
import type { Machine } from '../../machine.ts'
import { stepSelected } from '../../step.ts'
import { STATUS_FLAGS } from '../flags.ts'
import { createOneCpu, registerOf, ripOf, setGsBase, setRegister, setRip } from '../one-cpu.ts'
import { RCX } from '../operands.ts'
import { hasUndefinedResult, undefinedFlags } from '../undefined-flags.ts'
import { type Case, CODE, DATA, DATA_BYTES, GS_BASE, PAGE } from './case.ts'
import type { Outcome } from './harness-node.ts'

/** What an independent source says about the flags of an instruction. */
export type FlagUse = (bytes: Uint8Array, bits: 32 | 64) => { readonly flagsRead: number; readonly flagsWritten: number }

export type Verdict =
  | { readonly kind: 'same' }
  /** Something undefined was read: nothing to compare. */
  | { readonly kind: 'skipped' }
  | { readonly kind: 'unsupported'; readonly detail: string }
  | { readonly kind: 'different'; readonly detail: string }

const INT3 = 0xcc
const VECTOR_PF = 14
/** What native/silicon.c reports of a case that runs on and on. */
const NEVER_ENDED = 255
const END_OF_USER = 0x7fff_ffff_f000n
const VECTORS_WITH_ERROR_CODE = new Set([8, 10, 11, 12, 13, 14, 17])
/** An iteration of a string instruction counts; none can touch more bytes than there are. */
const MAX_STEPS = 2 * DATA_BYTES
const NAMES = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15']

export class Comparison {
  private readonly machines: Readonly<Record<32 | 64, Machine>>
  private readonly flagUse: FlagUse
  private readonly known = new WeakMap<Instruction, ReturnType<FlagUse>>()

  constructor(decode: Decode, flagUse: FlagUse) {
    this.flagUse = flagUse
    this.machines = { 32: createMachine(32, decode), 64: createMachine(64, decode) }
  }

  check(given: Case, table: Uint8Array, outcome: Outcome): Verdict {
    const m = this.machines[given.bits]
    const start = setUp(m, given, table)
    let tainted = 0
    for (let steps = 0; m.w[m.c + STOP] === 0; steps++) {
      if (steps > MAX_STEPS) return outcome.vector === NEVER_ENDED ? { kind: 'same' } : { kind: 'different', detail: 'our machine does not stop' }
      const count = m.w[m.c + 2 * RCX] as number
      const cl = count & 0xff
      const { fetched } = stepSelected(m, 0)
      if (fetched === null || fetched.fault !== null || fetched.bytes[0] === INT3) continue
      const { instruction } = fetched
      if (hasUndefinedResult(instruction, cl)) return { kind: 'skipped' }
      const use = this.factsOf(instruction, fetched.bytes, given.bits)
      if ((use.flagsRead & tainted) !== 0) return { kind: 'skipped' }
      if (m.w[m.c + STOP] === 0) tainted = (tainted & ~(keepsFlags(instruction, count) ? 0 : use.flagsWritten)) | undefinedFlags(instruction, cl)
      // A repeated comparison that faults: the manual and processors do not agree on what the flags are then.
      else if (/^(cmps|scas)/.test(instruction.mnemonic)) tainted = STATUS_FLAGS
    }
    if (((m.w[m.c + STOP] as number) & 0xff) !== STOP_EXCEPTION) return { kind: 'unsupported', detail: m.stopDetail }
    const detail = differences(m, given, outcome, tainted, start).join(', ')
    return detail === '' ? { kind: 'same' } : { kind: 'different', detail }
  }

  private factsOf(instruction: Instruction, bytes: Uint8Array, bits: 32 | 64): ReturnType<FlagUse> {
    let use = this.known.get(instruction)
    if (use === undefined) {
      use = instruction.invalid === null ? this.flagUse(bytes, bits) : { flagsRead: 0, flagsWritten: 0 }
      this.known.set(instruction, use)
    }
    return use
  }
}

/** Does this execution write no flags although the instruction can? So it is with a count of 0. */
function keepsFlags({ mnemonic, operands, rep, repne }: Instruction, rcx: number): boolean {
  if (rep || repne) return true
  const last = operands[operands.length - 1]
  const target = operands[0]
  if (!/^(sh|sa|ro|rc)[lr]d?$/.test(mnemonic) || (target?.kind !== 'reg' && target?.kind !== 'mem')) return false
  return ((last?.kind === 'imm' ? last.lo : rcx) & (target.size === 8 ? 63 : 31)) === 0
}

/** The memory of native/silicon.c. */
export function createMachine(bits: 32 | 64, decode: Decode): Machine {
  return createOneCpu({
    bits,
    decode,
    code: { start: CODE, bytes: new Uint8Array(PAGE) },
    data: [
      { name: 'data', start: DATA, bytes: new Uint8Array(2 * PAGE), write: true },
      { name: 'constants', start: DATA + 2 * PAGE, bytes: new Uint8Array(PAGE), write: false },
    ],
  })
}

/** Resets the machine to the start of the case; returns the initial bytes of DATA. */
export function setUp(m: Machine, given: Case, table: Uint8Array): Uint8Array {
  const { w, c } = m
  const own = (c + m.layout.ownMemory) * 4
  const start = table.slice(given.tableOffset, given.tableOffset + DATA_BYTES)
  const view = new DataView(start.buffer)
  for (const { offset, value } of given.patches) view.setBigUint64(offset, value, true)
  m.u8.fill(INT3, own, own + PAGE)
  m.u8.set(given.code, own + given.codeOffset)
  m.u8.set(start, own + PAGE)
  w[c + STOP] = 0
  w[c + STATUS] = 0
  w[c + FLAGS] = given.flags
  for (let i = 0; i < 16; i++) setRegister(m, i, given.bits === 32 && i >= 8 ? 0n : (given.registers[i] as bigint))
  setGsBase(m, BigInt(GS_BASE))
  setRip(m, CODE + given.codeOffset)
  return start
}

function differences(m: Machine, given: Case, outcome: Outcome, tainted: number, start: Uint8Array): string[] {
  const { w, c } = m
  const found: string[] = []
  const compare = (what: string, ours: bigint | number, theirs: bigint | number) => {
    if (ours !== theirs) found.push(`${what} ${hex(ours)} instead of ${hex(theirs)}`)
  }
  const vector = (w[c + STOP] as number) >> 8
  compare('vector', vector, outcome.vector)
  if (vector === outcome.vector && VECTORS_WITH_ERROR_CODE.has(vector)) {
    const cr2 = joinHalves(w[c + CR2] as number, w[c + CR2 + 1] as number)
    // Above the last page of programs Linux claims that a page is present, to say nothing about its own mappings.
    const ignored = vector === VECTOR_PF && outcome.cr2 >= END_OF_USER ? 1 : 0
    compare('error code', (w[c + ERROR_CODE] as number) | ignored, outcome.errorCode | ignored)
    if (vector === VECTOR_PF) compare('cr2', cr2, outcome.cr2)
  }
  compare('rip', ripOf(m), outcome.rip)
  const mask = given.bits === 32 ? 0xffff_ffffn : ~0n
  for (let i = 0; i < (given.bits === 32 ? 8 : 16); i++) {
    compare(NAMES[i] as string, registerOf(m, i), BigInt.asUintN(64, (outcome.registers[i] as bigint) & mask))
  }
  const defined = (STATUS_FLAGS | FLAG_DF) & ~tainted
  compare('flags', (w[c + FLAGS] as number) & defined, outcome.flags & defined)
  const expected = start
  for (const { offset, value } of outcome.changes) expected[offset] = value
  const ours = m.u8.subarray((c + m.layout.ownMemory) * 4 + PAGE, (c + m.layout.ownMemory) * 4 + PAGE + DATA_BYTES)
  const at = ours.findIndex((byte, i) => byte !== expected[i])
  if (at >= 0) {
    const first = at & ~7
    found.push(
      `memory at ${hex(DATA + first)}: ${bytesToHex(ours.subarray(first, first + 16))} instead of ${bytesToHex(expected.subarray(first, first + 16))}`,
    )
  }
  return found
}

/** A case in one line, for a failure message. */
export function describeCase(given: Case): string {
  const registers = [...given.registers].map((value, i) => `${NAMES[i]}=${value.toString(16)}`).join(' ')
  return `${given.bits}-bit ${bytesToHex(given.code)} (${given.about}) at ${hex(CODE + given.codeOffset)}, flags ${hex(given.flags)}, ${registers}`
}
