/**
 * One case of the command line's `exec`: what its JSON means, checked field by field. (The contract of the command line, section "exec".)
 *
 * Beyond the contract: `rsp0` (stack top for an event at CPL 3 whose gate has no IST) and `idt.N.dpl` (default 3: every gate may be called).
 * Unknown fields of a case are ignored, so that a file of cases may carry its expectations; unknown registers are mistakes.
 */
import { hexToBytes } from '../lib/bytes.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { highHalf, lowHalf, parseU64 } from '../lib/u64.ts'
import type { Gate } from './machine.ts'

export interface ExecRange {
  readonly start: bigint
  readonly bytes: Uint8Array
}

export interface ExecEvent {
  readonly afterStep: number
  /** -1 for an NMI. */
  readonly vector: number
}

export interface ExecCase {
  readonly id: unknown
  readonly bits: 64 | 32
  readonly cpl: 0 | 3
  readonly code: ExecRange
  readonly registers: readonly bigint[]
  readonly flags: number
  readonly mem: readonly ExecRange[]
  readonly gates: readonly (Gate | undefined)[]
  readonly ist: readonly (readonly [number, number] | undefined)[]
  readonly rsp0: readonly [number, number] | undefined
  readonly cs: number
  readonly ss: number
  /** In ascending order of `afterStep`. */
  readonly events: readonly ExecEvent[]
  readonly maxSteps: number
}

/** In the order of their numbers in machine code. */
export const REGISTERS_64 = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'] as const
export const REGISTERS_32 = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'] as const

const DEFAULT_STEPS = 1000
const DEFINED_FLAGS = 0x3f_7fd7
const FLAG_VM = 0x2_0000
const MOST_BYTES = 1 << 26

/** A mistake in a case: thrown and caught within this file only. */
class Mistake {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

export function parseCase(json: unknown): Result<ExecCase> {
  try {
    return ok(readCase(objectOf(json, 'the case')))
  } catch (thrown) {
    if (thrown instanceof Mistake) return fail(thrown.message)
    throw thrown
  }
}

type Json = Readonly<Record<string, unknown>>

function readCase(json: Json): ExecCase {
  const bits = json.bits === 64 || json.bits === 32 ? json.bits : wrong('bits', 'must be 64 or 32')
  const cpl = json.cpl === undefined || json.cpl === 0 ? 0 : json.cpl === 3 ? 3 : wrong('cpl', 'must be 0 or 3')
  const code = { start: numberOf(json.rip, 'rip', bits), bytes: bytesOf(json.code, 'code') }
  checkRange(code, 'code', bits)
  const mem = listOf(json.mem, 'mem').map((each, i) => {
    const range = objectOf(each, `mem[${i}]`)
    const read = { start: numberOf(range.addr, `mem[${i}].addr`, bits), bytes: bytesOf(range.hex, `mem[${i}].hex`) }
    checkRange(read, `mem[${i}]`, bits)
    return read
  })
  if (mem.reduce((sum, { bytes }) => sum + bytes.length, code.bytes.length) > MOST_BYTES) wrong('mem', `is larger than ${MOST_BYTES} bytes`)
  const { registers, flags } = readRegisters(json, bits)
  const ist: (readonly [number, number] | undefined)[] = []
  for (const [key, top] of Object.entries(objectOf(json.ist ?? {}, 'ist'))) {
    if (!/^[1-7]$/.test(key)) wrong(`ist.${key}`, 'is no IST entry (1 to 7)')
    ist[Number(key)] = halves(numberOf(top, `ist.${key}`, bits))
  }
  return {
    id: json.id,
    bits,
    cpl,
    code,
    registers,
    flags,
    mem,
    gates: readGates(objectOf(json.idt ?? {}, 'idt'), bits, ist),
    ist,
    rsp0: json.rsp0 === undefined ? undefined : halves(numberOf(json.rsp0, 'rsp0', bits)),
    cs: selectorOf(json.cs, 'cs', bits === 64 ? 0x10 : 0x60, cpl),
    ss: selectorOf(json.ss, 'ss', bits === 64 ? 0x18 : 0x68, cpl),
    events: readEvents(json.events),
    maxSteps: json.maxSteps === undefined ? DEFAULT_STEPS : countOf(json.maxSteps, 'maxSteps'),
  }
}

function readRegisters(json: Json, bits: 64 | 32): { registers: bigint[]; flags: number } {
  const names: readonly string[] = bits === 64 ? REGISTERS_64 : REGISTERS_32
  const registers = names.map(() => 0n)
  let flags = 2
  for (const [name, value] of Object.entries(objectOf(json.regs ?? {}, 'regs'))) {
    const field = `regs.${name}`
    const index = names.indexOf(name)
    if (index >= 0) registers[index] = numberOf(value, field, bits)
    else if (name === (bits === 64 ? 'rflags' : 'eflags')) flags = (Number(numberOf(value, field, 64) & 0xffff_ffffn) & DEFINED_FLAGS) | 2
    else wrong(field, `is no register of a ${bits}-bit case`)
  }
  if ((flags & FLAG_VM) !== 0) wrong('regs', 'set the VM flag: virtual-8086 mode is not modelled')
  return { registers, flags }
}

function readGates(json: Json, bits: 64 | 32, ist: ExecCase['ist']): (Gate | undefined)[] {
  const gates: (Gate | undefined)[] = []
  for (const [key, value] of Object.entries(json)) {
    const field = `idt.${key}`
    const vector = Number(parseU64(key) ?? -1n)
    if (vector < 0 || vector > 255) wrong(field, 'is no vector (0 to 255)')
    const gate = objectOf(value, field)
    const handler = numberOf(gate.handler, `${field}.handler`, bits)
    const type =
      gate.gate === undefined || gate.gate === 'interrupt'
        ? 'interrupt'
        : gate.gate === 'trap'
          ? 'trap'
          : wrong(`${field}.gate`, 'must be "interrupt" or "trap"')
    const slot = gate.ist === undefined ? 0 : countOf(gate.ist, `${field}.ist`)
    if (slot !== 0 && bits === 32) wrong(`${field}.ist`, 'must be 0: protected mode has no IST')
    if (slot !== 0 && ist[slot] === undefined) wrong(`${field}.ist`, `names IST ${slot}, which the case does not define`)
    const dpl = gate.dpl === undefined ? 3 : countOf(gate.dpl, `${field}.dpl`)
    if (dpl > 3) wrong(`${field}.dpl`, 'must be 0 to 3')
    gates[vector] = { handlerLo: lowHalf(handler), handlerHi: highHalf(handler), type, ist: slot, dpl }
  }
  return gates
}

function readEvents(json: unknown): ExecEvent[] {
  const events = listOf(json, 'events').map((each, i) => {
    const event = objectOf(each, `events[${i}]`)
    const afterStep = countOf(event.afterStep, `events[${i}].afterStep`)
    if (event.kind === 'nmi') return { afterStep, vector: -1 }
    if (event.kind !== 'irq') wrong(`events[${i}].kind`, 'must be "nmi" or "irq"')
    const vector = countOf(event.vector, `events[${i}].vector`)
    if (vector < 16 || vector > 255) wrong(`events[${i}].vector`, 'must be 16 to 255: an APIC sends no others')
    return { afterStep, vector }
  })
  return events.sort((a, b) => a.afterStep - b.afterStep)
}

// ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function wrong(field: string, problem: string): never {
  throw new Mistake(`${field} ${problem}`)
}

function objectOf(value: unknown, field: string): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : wrong(field, 'must be a JSON object')
}

function listOf(value: unknown, field: string): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : wrong(field, 'must be a list')
}

function bytesOf(value: unknown, field: string): Uint8Array {
  return (typeof value === 'string' ? hexToBytes(value) : null) ?? wrong(field, 'must be bytes in hexadecimal, two digits each')
}

/** An unsigned number of as many bits; negative ones wrap. */
function numberOf(value: unknown, field: string, bits: 64 | 32): bigint {
  const number = parseU64(value) ?? wrong(field, `must be a number or a "0x…" string of at most ${bits} bits`)
  if (bits === 64 || number < 1n << 32n) return number
  // -1 is 0xffffffff.
  return BigInt.asIntN(64, number) < 0n && BigInt.asIntN(64, number) >= -(1n << 31n)
    ? BigInt.asUintN(32, number)
    : wrong(field, 'has more than 32 bits')
}

function countOf(value: unknown, field: string): number {
  const number = parseU64(value)
  return number !== null && number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : wrong(field, 'must be an integer that is not negative')
}

function selectorOf(value: unknown, field: string, kernel: number, cpl: 0 | 3): number {
  if (value === undefined) return kernel | cpl
  const selector = countOf(value, field)
  if (selector > 0xffff || selector < 4) return wrong(field, 'must be a selector of 16 bits that is not null')
  return (selector & 3) === cpl
    ? selector
    : wrong(field, `must end in the privilege level of the case (its low two bits are ${selector & 3}, not ${cpl})`)
}

/** A range lies inside one half of the canonical addresses, or inside 4 GiB. */
function checkRange({ start, bytes }: ExecRange, field: string, bits: 64 | 32): void {
  const last = start + BigInt(Math.max(0, bytes.length - 1))
  if (bits === 32 && last >= 1n << 32n) wrong(field, 'reaches beyond 4 GiB')
  if (bits === 64 && (last >= 1n << 64n || start >> 47n !== last >> 47n || (start >> 47n !== 0n && start >> 47n !== 0x1_ffffn))) {
    wrong(field, 'is not at a canonical address')
  }
}

function halves(value: bigint): readonly [number, number] {
  return [lowHalf(value), highHalf(value)]
}
