/** How each CPU starts: registers, flags, selectors, stacks, as a scenario file says. */
import { highHalf, lowHalf } from '../lib/u64.ts'
import { CS, DS, ES, FLAGS, FS_BASE, GPR, GS_BASE, RIP, SEGMENTS, SS } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import type { ScenarioFile } from './format.ts'

export type Halves = readonly [lo: number, hi: number]

export interface CpuStart {
  readonly role: string
  /** Word offset in the CPU's part, and value. */
  readonly registers: readonly (readonly [at: number, value: bigint])[]
  readonly flags: number
  readonly ist: readonly (Halves | undefined)[]
  readonly rsp0: Halves | undefined
  /** The stack pointer at the start. */
  readonly stackTop: bigint
}

const REGISTERS = ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di']
const RSP = GPR + 8
/** Interrupts on; bit 1 is always set. */
const FLAGS_AT_START = 0x202

/** `value` evaluates an expression of the file and notes what is wrong with it under the given place. */
export function cpuStart(
  cpu: ScenarioFile['cpus'][number],
  where: string,
  bits: 32 | 64,
  value: (where: string, expression: string | number) => bigint,
  mistakes: string[],
): CpuStart {
  const wide = (place: string, expression: string | number) => (bits === 64 ? value(place, expression) : value(place, expression) & 0xffff_ffffn)
  const registers: [number, bigint][] = [[RIP, wide(`${where}.entry`, cpu.entry)]]
  for (const [name, expression] of Object.entries(cpu.registers ?? {})) {
    const index = registerIndex(name, bits)
    if (index < 0) mistakes.push(`${where}.registers: there is no register "${name}"`)
    else registers.push([GPR + 2 * index, wide(`${where}.registers.${name}`, expression)])
  }
  if (cpu.gsBase !== undefined) registers.push([GS_BASE, wide(`${where}.gsBase`, cpu.gsBase)])
  if (cpu.fsBase !== undefined) registers.push([FS_BASE, wide(`${where}.fsBase`, cpu.fsBase)])
  const ist: (Halves | undefined)[] = []
  for (const [slot, top] of Object.entries(cpu.ist ?? {})) {
    if (!/^[1-7]$/.test(slot)) mistakes.push(`${where}.ist: "${slot}" is not 1..7`)
    else ist[Number(slot)] = halves(wide(`${where}.ist.${slot}`, top))
  }
  return {
    role: cpu.role,
    registers,
    flags: Number(value(`${where}.flags`, cpu.flags ?? FLAGS_AT_START) & 0xffff_ffffn) | 2,
    ist,
    rsp0: cpu.rsp0 === undefined ? undefined : halves(wide(`${where}.rsp0`, cpu.rsp0)),
    stackTop: registers.find(([at]) => at === RSP)?.[1] ?? 0n,
  }
}

/** rax…r15 in 64-bit mode, eax…edi in 32-bit mode; -1 for anything else. */
function registerIndex(name: string, bits: 32 | 64): number {
  const numbered = /^r(8|9|1[0-5])$/.exec(name)
  if (numbered !== null) return bits === 64 ? Number(numbered[1]) : -1
  return name[0] === (bits === 64 ? 'r' : 'e') ? REGISTERS.indexOf(name.slice(1)) : -1
}

function halves(value: bigint): Halves {
  return [lowHalf(value), highHalf(value)]
}

/** Writes the selected CPU's registers. */
export function applyStart(m: Machine, start: CpuStart): void {
  for (const [at, bits] of start.registers) {
    m.w[m.c + at] = lowHalf(bits)
    m.w[m.c + at + 1] = highHalf(bits)
  }
  m.w[m.c + FLAGS] = start.flags
  m.w[m.c + SEGMENTS + CS] = m.config.kernelCs
  for (const segment of [SS, DS, ES]) m.w[m.c + SEGMENTS + segment] = m.config.kernelSs
}
