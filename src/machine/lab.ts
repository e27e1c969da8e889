/**
 * A small machine on the bench, for tests: sections of bytes in, registers, memory and choices by name out, and all outcomes of a few instructions by
 * exhaustive search without any reduction. Tests assemble their programs; this file knows sections and symbols only.
 */
import { assert } from '../lib/assert.ts'
import { highHalf, joinHalves, lowHalf } from '../lib/u64.ts'
import { choiceCpu, formatSchedule, type PackedChoice, parseSchedule } from './choice.ts'
import type { Gate, MachineConfig } from './config.ts'
import { stop } from './delivery.ts'
import type { MachineEvent } from './events.ts'
import { ModelStop } from './fault.ts'
import { coherent, type FetchModel, hotUnits } from './fetch.ts'
import type { Decode } from './instruction.ts'
import { CS, createLayout, DS, ES, FLAGS, GPR, RIP, SEGMENTS, SS, STATUS, STOP } from './layout.ts'
import { Machine } from './machine.ts'
import { type AliasSpec, createMemoryMap, type RegionSpec } from './memory-map.ts'
import { apply, choices, isEnabled, memoryBytes, type StepInfo } from './step.ts'

export interface LabProgram {
  readonly sections: readonly { name: string; address: bigint; bytes: Uint8Array; attributes: Readonly<Record<string, string | true>> }[]
  readonly symbols: ReadonlyMap<string, bigint>
}

/** The program that an assembler made of a text; a text with mistakes is the test's mistake. */
export function assembled(result: { assembly: LabProgram | null; diagnostics: readonly { line: number; message: string }[] }): LabProgram {
  assert(result.assembly !== null, result.diagnostics.map(({ line, message }) => `line ${line}: ${message}`).join('\n'))
  return result.assembly
}

export interface LabCpu {
  readonly entry: string
  readonly registers?: Readonly<Record<string, bigint | string>>
  readonly flags?: number
  readonly cs?: number
  readonly ss?: number
  readonly ist?: Readonly<Record<number, bigint | string>>
  readonly rsp0?: bigint | string
}

export interface LabSetup {
  readonly bits?: 64 | 32
  readonly decode: Decode
  readonly program: LabProgram
  readonly cpus: readonly LabCpu[]
  /** Hot bytes of text: label or address, and length. */
  readonly hot?: readonly (readonly [at: string | bigint, length: number])[]
  /** Writable mappings of text sections at other addresses. */
  readonly aliases?: readonly { readonly of: string; readonly at: bigint }[]
  readonly gates?: Readonly<Record<number, { readonly handler: string | bigint } & Partial<Pick<Gate, 'type' | 'ist' | 'dpl'>>>>
  readonly fetch?: FetchModel
  readonly storeBuffer?: number
  readonly more?: Partial<Pick<MachineConfig, 'tearing' | 'splitLock' | 'environment' | 'dataSelectors'>>
}

const NAMES = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15']

export function registerIndex(name: string): number {
  const index = NAMES.indexOf(name.replace(/^e/, 'r'))
  assert(index >= 0, `there is no register ${name}`)
  return index
}

export class Lab {
  readonly m: Machine
  readonly symbols: ReadonlyMap<string, bigint>
  readonly events: MachineEvent[] = []

  constructor(setup: LabSetup) {
    const { bits = 64, program, cpus, fetch = coherent } = setup
    this.symbols = program.symbols
    const hot = (setup.hot ?? []).map(([at, length]) => ({ at: this.address(at), length }))
    const map = createMemoryMap(
      cpus.length,
      program.sections.filter((section) => section.bytes.length > 0).map((section) => regionOf(section, hot)),
      (setup.aliases ?? []).map(({ of, at }, i): AliasSpec => {
        const length = program.sections.find((section) => section.name === of)?.bytes.length ?? 0
        return { name: `alias ${i}`, start: at, of, offset: 0, length, read: true, write: true, exec: false }
      }),
    )
    const layout = createLayout({
      cpus: cpus.length,
      storeCapacity: (setup.storeBuffer ?? 8) + 8,
      ownBytes: map.ownBytes,
      sharedBytes: map.sharedBytes,
      fetchWords: fetch.words(hotUnits(map, fetch.unitSize)),
      fetchSharedWords: fetch.sharedWords?.(hotUnits(map, fetch.unitSize)) ?? 0,
    })
    const gates: (Gate | undefined)[] = []
    for (const [vector, gate] of Object.entries(setup.gates ?? {})) {
      const handler = this.address(gate.handler)
      gates[Number(vector)] = {
        handlerLo: lowHalf(handler),
        handlerHi: highHalf(handler),
        type: gate.type ?? 'interrupt',
        ist: gate.ist ?? 0,
        dpl: gate.dpl ?? 0,
      }
    }
    const halves = (at: bigint | string) => [lowHalf(this.address(at)), highHalf(this.address(at))] as const
    const kernelCs = bits === 64 ? 0x10 : 0x60
    const kernelSs = bits === 64 ? 0x18 : 0x68
    this.m = new Machine({
      bits,
      layout,
      map,
      gates,
      ist: cpus.map((cpu) => Array.from({ length: 8 }, (_, i) => (cpu.ist?.[i] === undefined ? undefined : halves(cpu.ist[i])))),
      rsp0: cpus.map((cpu) => (cpu.rsp0 === undefined ? undefined : halves(cpu.rsp0))),
      kernelCs,
      kernelSs,
      fetch,
      decode: setup.decode,
      ...setup.more,
    })
    const { m } = this
    m.u8.set(map.shared, layout.sharedMemory * 4)
    for (const [cpu, spec] of cpus.entries()) {
      m.select(cpu)
      m.u8.set(map.own[cpu] as Uint8Array, (m.c + layout.ownMemory) * 4)
      this.setWide(RIP, this.address(spec.entry))
      for (const [name, value] of Object.entries(spec.registers ?? {})) this.setWide(GPR + 2 * registerIndex(name), this.address(value))
      m.w[m.c + FLAGS] = spec.flags ?? 0x202
      m.w[m.c + SEGMENTS + CS] = spec.cs ?? kernelCs
      for (const segment of [SS, DS, ES]) m.w[m.c + SEGMENTS + segment] = spec.ss ?? kernelSs
    }
    for (let cpu = 0; cpu < cpus.length; cpu++) {
      m.select(cpu)
      fetch.refresh(m)
    }
    m.select(0)
  }

  address(at: string | bigint): bigint {
    if (typeof at === 'bigint') return at
    const address = this.symbols.get(at)
    assert(address !== undefined, `there is no symbol ${at}`)
    return address
  }

  private setWide(at: number, value: bigint): void {
    this.m.w[this.m.c + at] = lowHalf(value)
    this.m.w[this.m.c + at + 1] = this.m.bits === 64 ? highHalf(value) : 0
  }

  // ── looking ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  word(at: number, cpu = 0): number {
    return this.m.w[(this.m.layout.parts[cpu] as number) + at] as number
  }

  wide(at: number, cpu = 0): bigint {
    return joinHalves(this.word(at, cpu), this.word(at + 1, cpu))
  }

  reg(name: string, cpu = 0): bigint {
    return name === 'rip' ? this.wide(RIP, cpu) : this.wide(GPR + 2 * registerIndex(name), cpu)
  }

  setReg(name: string, value: bigint, cpu = 0): void {
    this.m.select(cpu)
    this.setWide(name === 'rip' ? RIP : GPR + 2 * registerIndex(name), value)
  }

  flags(cpu = 0): number {
    return this.word(FLAGS, cpu)
  }

  status(cpu = 0): number {
    return this.word(STATUS, cpu)
  }

  /** Reason and vector for which the CPU stopped, or null. */
  stopped(cpu = 0): { reason: number; vector: number } | null {
    const stopped = this.word(STOP, cpu)
    return stopped === 0 ? null : { reason: stopped & 0xff, vector: stopped >> 8 }
  }

  /** A number in memory, as everybody can see it. */
  memory(at: string | bigint, size = 8): bigint {
    const address = this.address(at)
    const bytes = memoryBytes(this.m, lowHalf(address), highHalf(address), size)
    return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
  }

  /** `count` words from an address up. */
  words(at: string | bigint, count: number, size = this.m.bits / 8): bigint[] {
    return Array.from({ length: count }, (_, i) => this.memory(this.address(at) + BigInt(i * size), size))
  }

  // ── moving ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What can happen next, as text: "0s 0d.1 1i". */
  choices(): string {
    return choices(this.m)
      .map((choice) => formatSchedule([choice]))
      .join(' ')
  }

  /** Takes choices, each of which must be enabled; keeps their events. Answers with the kind of the last step. */
  take(schedule: string): StepInfo['kind'] {
    const parsed = parseSchedule(schedule)
    assert(parsed.error === null, parsed.error ?? '')
    let kind: StepInfo['kind'] = 'retired'
    for (const choice of parsed.schedule) {
      assert(isEnabled(this.m, choice), `${formatSchedule([choice])} is not enabled, but ${this.choices()}`)
      this.m.listener = (event) => this.events.push(event)
      kind = apply(this.m, choice).kind
      this.m.listener = null
    }
    return kind
  }

  /** Runs one CPU alone until it halts, stops or stands at the label; stores become visible at once. */
  run(cpu = 0, until?: string): void {
    for (let steps = 0; steps < 10_000; steps++) {
      if (until !== undefined && this.reg('rip', cpu) === this.address(until)) return
      const own = choices(this.m).filter((choice) => choiceCpu(choice) === cpu)
      const drain = own.find((choice) => formatSchedule([choice]).includes('d'))
      const next = drain ?? own.find((choice) => formatSchedule([choice]).includes('s'))
      if (next === undefined) return
      apply(this.m, next)
    }
    throw new Error('10,000 steps')
  }

  /** Every final state (nothing can happen any more) that is reachable from here, as text, each once. The machine is as before afterwards. */
  outcomes(look: (lab: Lab) => string, most = 2_000_000): string[] {
    const { m } = this
    const start = m.w.slice()
    const seen = new Set<string>([start.join()])
    const work = [start]
    const found = new Set<string>()
    while (work.length > 0) {
      const state = work.pop() as Int32Array
      m.w.set(state)
      const next = choices(m)
      if (next.length === 0) found.add(look(this))
      for (const choice of next) {
        m.w.set(state)
        this.applied(choice)
        const key = m.w.join()
        if (seen.has(key)) continue
        assert(seen.size < most, `more than ${most} states`)
        seen.add(key)
        work.push(m.w.slice())
      }
    }
    m.w.set(start)
    this.states = seen.size
    return [...found].sort()
  }

  /** States that the last `outcomes` visited. */
  states = 0

  private applied(choice: PackedChoice): void {
    try {
      apply(this.m, choice)
    } catch (thrown) {
      if (!(thrown instanceof ModelStop)) throw thrown
      stop(this.m, thrown.reason, 0, 0, thrown.detail)
    }
  }
}

function regionOf(section: LabProgram['sections'][number], hot: readonly { at: bigint; length: number }[]): RegionSpec {
  const { name, address: start, bytes, attributes } = section
  const exec = attributes.exec !== undefined
  if (attributes.private !== undefined) {
    const owner = Number(attributes.private)
    return { name, start, bytes, read: true, write: true, exec, storage: 'private', owner, stack: attributes.stack !== undefined }
  }
  if (attributes.shared !== undefined) return { name, start, bytes, read: true, write: true, exec, storage: 'shared' }
  const own = hot.filter(({ at }) => at >= start && at < start + BigInt(bytes.length))
  return {
    name,
    start,
    bytes,
    read: true,
    write: false,
    exec,
    storage: 'rom',
    hot: own.map(({ at, length }) => ({ offset: Number(at - start), length })),
  }
}
