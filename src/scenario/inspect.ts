/** The packed state as readonly objects with names: the only reader of it besides the machine. What each part means: snapshot.ts. */
import type { Disassemble } from '../decoder/disassemble.ts'
import { bytesToHex } from '../lib/bytes.ts'
import { hex, highHalf, joinHalves, lowHalf } from '../lib/u64.ts'
import { highestBit } from '../machine/apic.ts'
import { CHOICE_KINDS, choiceCpu, choiceKind, formatSchedule, type PackedChoice } from '../machine/choice.ts'
import type { MachineEvent } from '../machine/events.ts'
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
import { apply, choices, memoryBytes, waits } from '../machine/step.ts'
import type { Instance } from './build.ts'
import { describe, registerName, sentence, valueText } from './describe.ts'
import { inspectSites } from './inspect-sites.ts'
import { type Checker, siteMeaning } from './properties.ts'
import type { Run, Taken } from './run.ts'
import type { ChoiceView, CodeLine, CpuView, DataView, PropertyView, Snapshot, StackView, StackWord } from './snapshot.ts'
import { type StackLog, stackPointer } from './stack-log.ts'
import { stopReason } from './stop-reason.ts'

export interface Inspection {
  readonly instance: Instance
  readonly checker: Checker
  readonly disassemble: Disassemble
  readonly run: Run
  readonly stackLog: StackLog
  /** A machine for previews: its state is overwritten. */
  readonly scratch: Machine
  /** The last step and the state before it; null at the start. */
  readonly last: { readonly taken: Taken; readonly before: Int32Array } | null
}

export function inspect(view: Inspection): Snapshot {
  const { instance, run, last } = view
  const m = run.machine
  const cpus = instance.cpus.map((_, cpu) => inspectCpu(view, cpu))
  return {
    step: run.cursor,
    cpus,
    sites: inspectSites(instance, view.disassemble, m),
    data: inspectData(view),
    choices: choices(m).map((choice) => inspectChoice(view, choice)),
    properties: inspectProperties(view),
    final: cpus.every((cpu) => cpu.state === 'halted' && cpu.stores.length === 0 && (cpu.pending.length === 0 || !cpu.flags.if)),
    phase: phaseOf(view),
    said:
      last === null
        ? null
        : sentence(m.layout, last.taken.choice, describe(instance, view.disassemble, m, last.before, last.taken.choice, last.taken.events)),
    digest: run.digest,
  }
}

/** The phase of the first CPU whose program names one. */
function phaseOf(view: Inspection): string | null {
  const m = view.run.machine
  for (let cpu = 0; cpu < m.layout.cpus; cpu++) {
    const c = m.layout.parts[cpu] as number
    const rip = joinHalves(m.w[c + RIP] as number, m.w[c + RIP + 1] as number)
    const own = view.instance.program.phase(rip)
    if (own !== null) return own
    // Inside a function that the phase calls: the return addresses on its stack name it.
    const { top, sp } = stackOf(view, cpu)
    for (let at = sp; at < top && at < sp + 1024n; at += 8n) {
      const phase = view.instance.program.phase(word(m, at, 8))
      if (phase !== null) return phase
    }
  }
  return null
}

function word(m: Machine, address: bigint, size: number): bigint {
  const bytes = memoryBytes(m, lowHalf(address), highHalf(address), size)
  let value = 0n
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return value
}

function inspectCpu(view: Inspection, cpu: number): CpuView {
  const { instance, run, last, stackLog } = view
  const { program } = instance
  const m = run.machine
  m.select(cpu)
  const { w, c } = m
  const rip = joinHalves(w[c + RIP] as number, w[c + RIP + 1] as number)
  const flags = w[c + FLAGS] as number
  const status = w[c + STATUS] as number
  const line = program.line(rip)
  const box = m.layout.boxes[cpu] as number
  const has = (bit: number) => (flags & bit) !== 0
  const before = last?.before ?? null
  const count = m.bits === 64 ? 16 : 8
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
    registers: Array.from({ length: count }, (_, i) => {
      const at = c + GPR + 2 * i
      const value = joinHalves(w[at] as number, w[at + 1] as number)
      return {
        name: registerName(i, m.bits),
        value: hex(value),
        changed: before !== null && (before[at] !== w[at] || before[at + 1] !== w[at + 1]),
        symbol: program.nameOrNull(value),
      }
    }),
    flags: {
      cf: has(FLAG_CF),
      pf: has(FLAG_PF),
      af: has(FLAG_AF),
      zf: has(FLAG_ZF),
      sf: has(FLAG_SF),
      df: has(FLAG_DF),
      of: has(FLAG_OF),
      if: has(FLAG_IF),
      value: hex(flags >>> 0),
    },
    shadow: (status & STATUS_STI_SHADOW) !== 0 ? 'sti' : (status & STATUS_SS_SHADOW) !== 0 ? 'mov ss' : null,
    nmiBlocked: (status & STATUS_NMI_BLOCKED) !== 0,
    state: stopped !== null ? 'stopped' : (status & STATUS_HALTED) !== 0 ? 'halted' : 'running',
    stopReason: stopped,
    waitsFor: waitsFor(m),
    nesting: stackLog.frames(cpu).map((frame) => frame.label),
    stores: Array.from({ length: w[c + STORE_COUNT] as number }, (_, i) => {
      const at = c + STORES + i * STORE_WORDS
      const offset = w[at] as number
      const size = (w[at + 1] as number) & 0xff
      const address = m.addressOfShared(offset)
      return {
        address: hex(address),
        symbol: program.name(address),
        size,
        value: valueText(joinHalves(w[at + 2] as number, w[at + 3] as number), size),
        hot: offset < m.map.hotBytes,
      }
    }),
    pending,
    inService: vectors(w, c + ISR).map((vector) => `0x${vector.toString(16)}`),
    code: inspectCode(view, cpu, rip),
    stack: inspectStack(view, cpu),
  }
}

function vectors(w: Int32Array, at: number): number[] {
  if (highestBit(w, at) < 0) return []
  return Array.from({ length: 256 }, (_, vector) => vector).filter((vector) => ((w[at + (vector >> 5)] as number) & (1 << (vector & 31))) !== 0)
}

/** The selected CPU stands before an instruction that needs an empty store buffer. */
function waitsFor(m: Machine): string | null {
  if (m.storeCount === 0 || m.w[m.c + STOP] !== 0) return null
  const variants = fetchVariants(m, m.w[m.c + RIP] as number, m.w[m.c + RIP + 1] as number)
  const blocked = variants.find((variant) => waits(m, variant))
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
    const site = instance.sites.find((candidate) => candidate.address === address)
    return {
      address: hex(address),
      bytes: bytesToHex(bytes),
      text:
        bytes.length === 0 ? 'not mapped' : disassemble(bytes, lowHalf(address), highHalf(address), m.bits, (target) => program.nameOrNull(target)),
      symbol: program.labelAt(address),
      source: program.line(address)?.source ?? null,
      current: address === rip,
      variants: variants.length,
      meaning: site === undefined ? null : siteMeaning(site, bytes),
    }
  })
}

function stackOf(view: Inspection, cpu: number): { name: string; top: bigint; bottom: bigint; sp: bigint } {
  const m = view.run.machine
  m.select(cpu)
  const sp = stackPointer(m)
  const piece = m.map.pieces.find(
    (candidate) => candidate.kind !== 0 && candidate.hi === highHalf(sp) && (lowHalf(sp) - candidate.lo) >>> 0 <= candidate.size,
  )
  if (piece === undefined) return { name: 'not mapped', top: sp, bottom: sp, sp }
  const bottom = joinHalves(piece.lo, piece.hi)
  return { name: piece.region, top: bottom + BigInt(piece.size), bottom, sp }
}

function inspectStack(view: Inspection, cpu: number): StackView {
  const { instance, last, stackLog, scratch } = view
  const m = view.run.machine
  const { name, top, sp } = stackOf(view, cpu)
  const size = m.bits / 8
  if (last !== null) scratch.w.set(last.before)
  const words: StackWord[] = []
  for (let address = top - BigInt(size); address >= sp && words.length < 128; address -= BigInt(size)) {
    const value = word(m, address, size)
    const entry = stackLog.entry(cpu, address)
    const points = instance.program.nameOrNull(value)
    const pointed = points === null || value < 0x10000n ? '' : ` → ${points}`
    words.push({
      address: hex(address),
      value: value.toString(16).padStart(2 * size, '0'),
      label: entry === null ? (points === null || value < 0x10000n ? '' : points) : `${entry.label}${entry.kind === 'gap' ? '' : pointed}`,
      kind: entry?.kind ?? 'plain',
      frame: entry?.frame ?? -1,
      changed: last !== null && word(scratch, address, size) !== value,
      top: address === sp,
      altered: entry?.altered ?? null,
    })
  }
  return { name, top: hex(top), sp: hex(sp), words }
}

function inspectData(view: Inspection): readonly DataView[] {
  const { instance, last, scratch } = view
  const m = view.run.machine
  if (last !== null) scratch.w.set(last.before)
  return instance.scenario.file.watch.flatMap((watched) => {
    const address = instance.program.symbol(watched.label)
    if (address === null) return []
    const value = word(m, address, watched.size)
    return [
      {
        label: watched.title ?? watched.label,
        address: hex(address),
        size: watched.size,
        value: hex(value),
        changed: last !== null && word(scratch, address, watched.size) !== value,
      },
    ]
  })
}

function inspectChoice(view: Inspection, choice: PackedChoice): ChoiceView {
  const { instance, checker, scratch, run, disassemble } = view
  scratch.w.set(run.machine.w)
  const events: MachineEvent[] = []
  scratch.listener = (event) => events.push(event)
  const info = apply(scratch, choice)
  scratch.listener = null
  const mask = checker.after(scratch, info)
  const description = describe(instance, disassemble, scratch, run.machine.w, choice, events)
  return {
    choice,
    token: formatSchedule([choice]),
    cpu: choiceCpu(choice),
    kind: CHOICE_KINDS[choiceKind(choice)] as ChoiceView['kind'],
    ...description,
    violates: namesOf(checker, mask),
    visible: scratch.visible,
  }
}

function namesOf(checker: Checker, mask: number): string[] {
  return checker.properties.filter((_, bit) => (mask & (1 << bit)) !== 0).map((property) => property.id)
}

function inspectProperties(view: Inspection): readonly PropertyView[] {
  const { checker, run } = view
  const violated = run.branch.violated
  const here = violated !== null && violated.step <= run.cursor ? violated : null
  return checker.properties
    .map((property, bit) => {
      const broken = here !== null && (here.mask & (1 << bit)) !== 0
      return {
        id: property.id,
        title: property.title,
        violatedAt: broken ? here.step : null,
        detail: broken ? `by CPU ${here.cpu} at step ${here.step}` : null,
      }
    })
    .filter((property) => property.id !== 'within-model' || property.violatedAt !== null)
}
