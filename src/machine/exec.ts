/**
 * Runs one case of the command line's `exec` on a machine of one CPU: the bytes go into private memory (4 KiB pages, readable, writable, executable),
 * events arrive when they are due, and the run ends with a stop reason. docs/machine.md says what the machine itself does.
 *
 * Where the contract leaves a choice open: code is loaded after the other ranges, so it wins where they overlap; an NMI is taken in the shadow
 * of STI (it may be); a triple fault is reported as exception 8 with a detail; an event at CPL 3 that finds no stack for ring 0 is "unsupported".
 */
import { bytesToHex } from '../lib/bytes.ts'
import { hex, hexOfHalves, highHalf, lowHalf } from '../lib/u64.ts'
import { pendingIrq, requestIrq, requestNmi } from './apic.ts'
import { deliverIrq, deliverNmi } from './delivery.ts'
import { type ExecCase, type ExecRange, REGISTERS_32, REGISTERS_64 } from './exec-case.ts'
import { coherent } from './fetch.ts'
import type { Decode } from './instruction.ts'
import {
  CR2,
  CS,
  createLayout,
  DS,
  ERROR_CODE,
  ES,
  FLAGS,
  GPR,
  RIP,
  SEGMENTS,
  SS,
  STATUS,
  STATUS_HALTED,
  STOP,
  STOP_EXCEPTION,
  STOP_SHUTDOWN,
} from './layout.ts'
import { Machine, VECTOR_PF } from './machine.ts'
import { createMemoryMap, type MemoryMap, type RegionSpec } from './memory-map.ts'
import { runPlain } from './plain-run.ts'
import { deliverableIrq, deliverableNmi, stepSelected } from './step.ts'

export interface ExecResult {
  readonly id: unknown
  readonly stop: 'exception' | 'steps' | 'halt' | 'unsupported'
  readonly vector?: number
  readonly error?: number
  readonly cr2?: string
  readonly detail?: string
  readonly regs: Readonly<Record<string, string>>
  readonly mem: readonly { readonly addr: string; readonly hex: string }[]
  readonly steps: number
}

/** Deliveries in a row without an instruction that retires: a handler that faults on a stack of its own would go on for ever. */
const MOST_DELIVERIES = 200_000
const PAGE = 4096
/** Memory maps that are kept for the next case: batches use the same addresses again and again. */
const MOST_MAPS = 16

/** Answers with a function that runs cases one after another and keeps what they have decoded. */
export function createExecutor(decode: Decode): (spec: ExecCase) => ExecResult {
  const maps = new Map<string, MemoryMap>()

  function mapOf(spec: ExecCase): MemoryMap {
    const regions = regionsOf([spec.code, ...spec.mem])
    const key = `${spec.bits} ${regions.map(({ first, pages }) => `${first}+${pages}`).join(' ')}`
    let map = maps.get(key)
    if (map === undefined) {
      map = createMemoryMap(1, regions.map(toRegion), [])
      if (maps.size === MOST_MAPS) maps.delete(maps.keys().next().value as string)
      maps.set(key, map)
    }
    return map
  }

  return (spec) => {
    const m = createMachine(spec, mapOf(spec), decode)
    const { steps, detail } = runCase(m, spec)
    return resultOf(m, spec, steps, detail)
  }
}

// ── memory ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Pages {
  /** Number of the first page: address / 4096, exact in a double. */
  readonly first: number
  readonly pages: number
}

/** The pages that the ranges touch, neighbours joined, cut at multiples of 4 GiB (no piece of memory crosses one). */
function regionsOf(ranges: readonly ExecRange[]): Pages[] {
  const touched = ranges
    .filter(({ bytes }) => bytes.length > 0)
    .map(({ start, bytes }) => ({ first: Number(start >> 12n), end: Number((start + BigInt(bytes.length - 1)) >> 12n) + 1 }))
    .sort((a, b) => a.first - b.first)
  const regions: { first: number; pages: number }[] = []
  for (const { first, end } of touched) {
    let at = first
    const last = regions[regions.length - 1]
    if (last !== undefined && at <= last.first + last.pages && Math.floor(at / 0x10_0000) === Math.floor(last.first / 0x10_0000)) {
      last.pages = Math.max(last.pages, Math.min(end, nextBoundary(last.first)) - last.first)
      at = last.first + last.pages
    }
    while (at < end) {
      const stop = Math.min(end, nextBoundary(at))
      regions.push({ first: at, pages: stop - at })
      at = stop
    }
  }
  return regions
}

/** The next page number that is a multiple of 4 GiB. */
function nextBoundary(page: number): number {
  return (Math.floor(page / 0x10_0000) + 1) * 0x10_0000
}

function toRegion({ first, pages }: Pages, index: number): RegionSpec {
  const bytes = new Uint8Array(pages * PAGE)
  return { name: `pages ${index}`, start: BigInt(first) * BigInt(PAGE), bytes, read: true, write: true, exec: true, storage: 'private' }
}

/** The parts of a range: where they lie in the state, and in the range. */
function* partsOf(m: Machine, { start, bytes }: ExecRange): Generator<{ from: number; at: number; length: number }> {
  const base = (m.c + m.layout.ownMemory) * 4
  for (let from = 0; from < bytes.length; ) {
    const address = start + BigInt(from)
    const piece = m.find(lowHalf(address), highHalf(address))
    if (piece === null) throw new Error(`internal error: ${hex(address)} is not mapped`)
    const offset = (lowHalf(address) - piece.lo) >>> 0
    const length = Math.min(bytes.length - from, piece.size - offset)
    yield { from, at: base + piece.offset + offset, length }
    from += length
  }
}

function load(m: Machine, range: ExecRange): void {
  for (const { from, at, length } of partsOf(m, range)) m.u8.set(range.bytes.subarray(from, from + length), at)
}

function read(m: Machine, range: ExecRange): { addr: string; hex: string } {
  let text = ''
  for (const { at, length } of partsOf(m, range)) text += bytesToHex(m.u8.subarray(at, at + length))
  return { addr: hex(range.start), hex: text }
}

// ── running ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function createMachine(spec: ExecCase, map: MemoryMap, decode: Decode): Machine {
  const { bits, cpl, cs, ss } = spec
  const layout = createLayout({ cpus: 1, storeCapacity: 1, ownBytes: map.ownBytes, sharedBytes: 0, fetchWords: 0 })
  const kernelCs = cpl === 0 ? cs : bits === 64 ? 0x10 : 0x60
  const kernelSs = cpl === 0 ? ss : bits === 64 ? 0x18 : 0x68
  const m = new Machine({ bits, layout, map, gates: spec.gates, ist: [spec.ist], rsp0: [spec.rsp0], kernelCs, kernelSs, fetch: coherent, decode })
  m.select(0)
  for (const range of spec.mem) load(m, range)
  load(m, spec.code)
  const { w, c } = m
  for (const [i, value] of spec.registers.entries()) {
    w[c + GPR + 2 * i] = lowHalf(value)
    w[c + GPR + 2 * i + 1] = highHalf(value)
  }
  w[c + RIP] = lowHalf(spec.code.start)
  w[c + RIP + 1] = highHalf(spec.code.start)
  w[c + FLAGS] = spec.flags
  w[c + SEGMENTS + CS] = cs
  w[c + SEGMENTS + SS] = ss
  // Flat data segments; 64-bit mode ignores them, and kernels leave them null there.
  if (bits === 32) w[c + SEGMENTS + DS] = w[c + SEGMENTS + ES] = ss
  return m
}

interface Ended {
  readonly steps: number
  readonly detail: string | null
}

/** Boundary by boundary: what is due becomes pending; NMI, then the highest interrupt, then instructions up to the next thing that is due. */
function runCase(m: Machine, { events, maxSteps }: ExecCase): Ended {
  const { w, c } = m
  let steps = 0
  let due = 0
  let deliveries = 0
  while (w[c + STOP] === 0) {
    for (; due < events.length; due++) {
      const event = events[due] as ExecCase['events'][number]
      if (event.afterStep > steps) break
      if (event.vector < 0) requestNmi(m, 0)
      else requestIrq(m, 0, event.vector)
    }
    const nmi = deliverableNmi(m)
    const irq = !nmi && deliverableIrq(m) >= 0
    if (!nmi && !irq && ((w[c + STATUS] as number) & STATUS_HALTED) !== 0) break
    if (steps >= maxSteps) break
    if (++deliveries > MOST_DELIVERIES) return { steps, detail: `no instruction retired in ${MOST_DELIVERIES} deliveries` }
    if (nmi) deliverNmi(m)
    else if (irq) deliverIrq(m, pendingIrq(m))
    else {
      const until = Math.min(maxSteps, events[due]?.afterStep ?? maxSteps)
      const plain = runPlain(m, until - steps)
      steps += plain
      if (plain > 0) deliveries = 0
      if (steps === until || w[c + STOP] !== 0) continue
      const { kind } = stepSelected(m, 0)
      if (kind === 'retired') steps++
      if (kind === 'retired' || kind === 'iteration') deliveries = 0
    }
  }
  return { steps, detail: null }
}

function resultOf(m: Machine, spec: ExecCase, steps: number, detail: string | null): ExecResult {
  const { w, c } = m
  const stop = (w[c + STOP] as number) & 0xff
  const vector = (w[c + STOP] as number) >> 8
  const regs: Record<string, string> = {}
  const names = spec.bits === 64 ? REGISTERS_64 : REGISTERS_32
  for (const [i, name] of names.entries())
    regs[name] = hexOfHalves(w[c + GPR + 2 * i] as number, spec.bits === 64 ? (w[c + GPR + 2 * i + 1] as number) : 0)
  regs[spec.bits === 64 ? 'rip' : 'eip'] = hexOfHalves(w[c + RIP] as number, spec.bits === 64 ? (w[c + RIP + 1] as number) : 0)
  regs[spec.bits === 64 ? 'rflags' : 'eflags'] = hexOfHalves(w[c + FLAGS] as number, 0)
  const rest = { regs, mem: [...spec.mem, spec.code].map((range) => read(m, range)), steps }
  const { id } = spec
  if (stop === 0) {
    const halted = ((w[c + STATUS] as number) & STATUS_HALTED) !== 0 && !deliverableNmi(m) && deliverableIrq(m) < 0
    return { id, stop: halted ? 'halt' : 'steps', ...(detail === null ? {} : { detail }), ...rest }
  }
  if (stop === STOP_SHUTDOWN)
    return { id, stop: 'exception', vector: 8, error: 0, detail: 'triple fault: the double fault could not be delivered', ...rest }
  if (stop !== STOP_EXCEPTION) return { id, stop: 'unsupported', detail: m.stopDetail, ...rest }
  const error = w[c + ERROR_CODE] as number
  const cr2 = vector === VECTOR_PF ? { cr2: hexOfHalves(w[c + CR2] as number, spec.bits === 64 ? (w[c + CR2 + 1] as number) : 0) } : {}
  return { id, stop: 'exception', vector, ...(error >= 0 ? { error } : {}), ...cr2, ...rest }
}
