/** One CPU as people see it: registers, flags, what it waits for, its store buffer, the code around it. */
import { bytesToHex } from '../lib/bytes.ts'
import { hex, highHalf, joinHalves, lowHalf } from '../lib/u64.ts'
import { highestBit } from '../machine/apic.ts'
import { fetchVariants } from '../machine/fetch.ts'
import {
  BOX_IRR,
  BOX_NMI,
  FLAG_AF,
  FLAG_CF,
  FLAG_DF,
  FLAG_IF,
  FLAG_OF,
  FLAG_PF,
  FLAG_SF,
  FLAG_ZF,
  FLAGS,
  GPR,
  ISR,
  RIP,
  STATUS,
  STATUS_HALTED,
  STATUS_NMI_BLOCKED,
  STATUS_SS_SHADOW,
  STATUS_STI_SHADOW,
  STOP,
  STORE_COUNT,
  STORE_WORDS,
  STORES,
} from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { memoryBytes, stepVariants, waits } from '../machine/step.ts'
import { registerName, valueText } from './describe.ts'
import { inspectStack } from './inspect-stack.ts'
import type { Inspection } from './inspection.ts'
import type { Program } from './program.ts'
import { indexOf, siteMeaning } from './sites.ts'
import type { CodeLine, CpuView, RegisterView, StoreView } from './snapshot.ts'
import { stopReason } from './stop-reason.ts'

export function inspectCpu(view: Inspection, cpu: number): CpuView {
  const { instance, run, last, stackLog } = view
  const { program } = instance
  const m = run.machine
  m.select(cpu)
  const { w, c } = m
  const rip = joinHalves(w[c + RIP] as number, w[c + RIP + 1] as number)
  const status = w[c + STATUS] as number
  const line = program.line(rip)
  const box = m.layout.boxes[cpu] as number
  const stopped = stopReason(m, cpu)
  const pending = vectors(w, box + BOX_IRR).map((vector) => `${instance.gateNames.get(vector) ?? 'IRQ'} 0x${vector.toString(16)}`)
  if (w[box + BOX_NMI] !== 0) pending.push('NMI')
  return {
    id: cpu,
    role: (instance.cpus[cpu] as { role: string }).role,
    rip: hex(rip),
    symbol: program.name(rip),
    func: program.func(rip),
    source: line === null || line.source === null ? null : { text: line.source, file: line.file, line: line.line },
    registers: registersOf(m, program, last?.before ?? null),
    flags: flagsOf(w[c + FLAGS] as number),
    shadow: (status & STATUS_STI_SHADOW) !== 0 ? 'sti' : (status & STATUS_SS_SHADOW) !== 0 ? 'mov ss' : null,
    nmiBlocked: (status & STATUS_NMI_BLOCKED) !== 0,
    state: stopped !== null ? 'stopped' : (status & STATUS_HALTED) !== 0 ? 'halted' : 'running',
    stopReason: stopped,
    waitsFor: waitsFor(m),
    nesting: stackLog.frames(cpu).map((frame) => frame.label),
    stores: storesOf(m, program),
    pending,
    inService: vectors(w, c + ISR).map((vector) => `0x${vector.toString(16)}`),
    code: inspectCode(view, cpu, rip),
    stack: inspectStack(view, cpu),
  }
}

/** The selected CPU's general registers. */
function registersOf({ w, c, bits }: Machine, program: Program, before: Int32Array | null): RegisterView[] {
  return Array.from({ length: bits === 64 ? 16 : 8 }, (_, i) => {
    const at = c + GPR + 2 * i
    const value = joinHalves(w[at] as number, w[at + 1] as number)
    return {
      name: registerName(i, bits),
      value: hex(value),
      changed: before !== null && (before[at] !== w[at] || before[at + 1] !== w[at + 1]),
      symbol: program.nameOrNull(value),
    }
  })
}

function flagsOf(flags: number): CpuView['flags'] {
  const has = (bit: number) => (flags & bit) !== 0
  return {
    cf: has(FLAG_CF),
    pf: has(FLAG_PF),
    af: has(FLAG_AF),
    zf: has(FLAG_ZF),
    sf: has(FLAG_SF),
    df: has(FLAG_DF),
    of: has(FLAG_OF),
    if: has(FLAG_IF),
    value: hex(flags >>> 0),
  }
}

/** The selected CPU's store buffer, oldest first. */
function storesOf(m: Machine, program: Program): StoreView[] {
  const { w, c } = m
  return Array.from({ length: w[c + STORE_COUNT] as number }, (_, i) => {
    const at = c + STORES + i * STORE_WORDS
    const offset = w[at] as number
    const size = (w[at + 1] as number) & 0xff
    const address = m.addressOfShared(offset)
    const value = valueText(joinHalves(w[at + 2] as number, w[at + 3] as number), size)
    return { address: hex(address), symbol: program.name(address), size, value, hot: offset < m.map.hotBytes }
  })
}

function vectors(w: Int32Array, at: number): number[] {
  if (highestBit(w, at) < 0) return []
  return Array.from({ length: 256 }, (_, vector) => vector).filter((vector) => ((w[at + (vector >> 5)] as number) & (1 << (vector & 31))) !== 0)
}

/** The selected CPU stands before an instruction that needs an empty store buffer. */
function waitsFor(m: Machine): string | null {
  if (m.storeCount === 0 || m.w[m.c + STOP] !== 0) return null
  const blocked = stepVariants(m).find((variant) => waits(m, variant))
  return blocked === undefined ? null : `${blocked.instruction.mnemonic} waits until the store buffer is empty`
}

function inspectCode(view: Inspection, cpu: number, rip: bigint): readonly CodeLine[] {
  const { instance, disassemble } = view
  const { program } = instance
  const m = view.run.machine
  m.select(cpu)
  return program.around(rip, 3, 5).map((address) => {
    const variants = fetchVariants(m, lowHalf(address), highHalf(address))
    // Of several variants the column shows the stalest that is not what memory holds; the list of choices shows them all.
    const memory = bytesToHex(memoryBytes(m, lowHalf(address), highHalf(address), 15))
    const shown = variants.find((variant) => !memory.startsWith(bytesToHex(variant.bytes))) ?? variants[0]
    const bytes = shown?.bytes ?? new Uint8Array(0)
    const site = indexOf(instance.sites).from(address)
    return {
      address: hex(address),
      bytes: bytesToHex(bytes),
      text:
        bytes.length === 0 ? 'not mapped' : disassemble(bytes, lowHalf(address), highHalf(address), m.bits, (target) => program.nameOrNull(target)),
      symbol: program.labelAt(address),
      source: program.line(address)?.source ?? null,
      current: address === rip,
      variants: variants.length,
      meaning: site === null ? null : siteMeaning(site, bytes),
    }
  })
}
