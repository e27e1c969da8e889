/**
 * From a scenario file and parameter values to a machine at its initial state. Everything that can be wrong with a user's scenario is said here, with
 * its place; nothing is guessed.
 */
import { assemble, type Diagnostic, type Section } from '../assembler/assemble.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { highHalf, lowHalf } from '../lib/u64.ts'
import { coherent, type FetchModel, hotUnits, worst } from '../machine/fetch.ts'
import type { Decode } from '../machine/instruction.ts'
import { CS, createLayout, DS, ES, FLAGS, FS_BASE, GPR, GS_BASE, RIP, SEGMENTS, SS } from '../machine/layout.ts'
import { type Gate, Machine } from '../machine/machine.ts'
import { type AliasSpec, createMemoryMap, type RegionSpec } from '../machine/memory-map.ts'
import { evaluate, parseExpression, type Scope } from './expression.ts'
import { chooseParams, type Scenario, type ScenarioFile } from './format.ts'
import { Program } from './program.ts'
import { recordingSymbols } from './recording-input.ts'

/** A call site: which bytes a patcher changes there, from what to what. */
export interface Site {
  readonly label: string
  readonly address: bigint
  readonly length: number
  readonly old: Uint8Array
  readonly new: Uint8Array
}

export interface CpuSetup {
  readonly role: string
  readonly stackTop: bigint
}

/** A scenario with its parameters chosen: the machine that runs it, and what people and properties know of it. */
export interface Instance {
  readonly scenario: Scenario
  readonly params: Readonly<Record<string, string>>
  readonly program: Program
  readonly cpus: readonly CpuSetup[]
  readonly sites: readonly Site[]
  readonly gateNames: ReadonlyMap<number, string>
  /** Makes a fresh machine at the initial state. */
  machine(): Machine
  /** Private stacks by CPU: memory below the stack pointer is dead there (docs/machine.md). */
  readonly stacks: readonly (readonly { readonly lo: number; readonly hi: number; readonly size: number; readonly offset: number }[])[]
}

const REGISTERS = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15']

/** "text-poke.asm:12:5: unknown mnemonic …" */
export function formatDiagnostic(d: Diagnostic): string {
  return `${d.file}:${d.line}:${d.column}: ${d.message}${d.expected === undefined ? '' : `; expected ${d.expected}`}`
}

export function build(scenario: Scenario, chosen: Readonly<Record<string, string>>, decode: Decode): Result<Instance, string[]> {
  const { file } = scenario
  const chosenParams = chooseParams(file, chosen)
  if (!chosenParams.ok) return chosenParams
  const params = chosenParams.value
  const mistakes: string[] = []
  const recorded = recordingSymbols(scenario, params)
  if (!recorded.ok) return fail([recorded.error])
  const defines = { ...paramSymbols(file, params), ...recorded.value }
  const assembled = assemble({ bits: file.bits, defines, files: scenario.sources })
  const errors = assembled.diagnostics.filter((diagnostic) => diagnostic.severity === 'error')
  if (assembled.assembly === null || errors.length > 0) return fail(errors.map(formatDiagnostic))
  const program = new Program(assembled.assembly, defines)
  const scope: Scope = { register: () => null, symbol: (name) => params[name] ?? program.symbol(name), memory: () => null }
  const value = (where: string, expression: string | number): bigint => {
    if (typeof expression === 'number') return BigInt.asUintN(64, BigInt(Math.trunc(expression)))
    const parsed = parseExpression(expression)
    const result = parsed.ok ? evaluate(parsed.value, scope) : parsed
    if (result.ok) return result.value
    mistakes.push(`${where}: ${result.error}`)
    return 0n
  }
  const present = (where: string, condition: string | undefined) => condition === undefined || value(where, condition) !== 0n
  const cpus = file.cpus.filter((cpu, i) => present(`cpus.${i}.when`, cpu.when))
  if (cpus.length === 0) mistakes.push('cpus: no CPU is present with these parameters')

  const sites: Site[] = []
  for (const [i, spec] of file.sites.entries()) {
    if (!present(`sites.${i}.when`, spec.when)) continue
    const where = `sites.${i}`
    const address = value(`${where}.label`, spec.label)
    const length = Number(value(`${where}.length`, spec.length))
    const old = imageBytes(assembled.assembly.sections, address, length)
    const fresh = imageBytes(assembled.assembly.sections, value(`${where}.new`, spec.new), length)
    if (old === null || length < 1 || length > 15)
      mistakes.push(`${where}: ${spec.label} is no place in the program, or its length ${length} is not 1..15`)
    else if (fresh === null) mistakes.push(`${where}.new: ${spec.new} is no place in the program`)
    else sites.push({ label: spec.label, address, length, old, new: fresh })
  }

  const regions: RegionSpec[] = []
  for (const section of assembled.assembly.sections) {
    const region = regionOf(section, sites, cpus.length, mistakes)
    if (region !== null) regions.push(region)
  }
  overlaps(regions, mistakes)
  const aliases: AliasSpec[] = []
  for (const [i, alias] of file.aliases.entries()) {
    if (!present(`aliases.${i}.when`, alias.when)) continue
    const of = regions.find((region) => region.name === alias.of)
    if (of === undefined) mistakes.push(`aliases.${i}.of: there is no section "${alias.of}"`)
    else
      aliases.push({
        name: alias.name,
        start: value(`aliases.${i}.at`, alias.at),
        of: alias.of,
        offset: 0,
        length: of.bytes.length,
        read: true,
        write: true,
        exec: false,
      })
  }

  const gates: (Gate | undefined)[] = []
  const gateNames = new Map<number, string>()
  for (const [i, gate] of file.idt.entries()) {
    const vector = Number(value(`idt.${i}.vector`, gate.vector))
    if (vector > 255) mistakes.push(`idt.${i}.vector: ${vector} is not 0..255`)
    const handler = value(`idt.${i}.handler`, gate.handler)
    gates[vector] = { handlerLo: lowHalf(handler), handlerHi: highHalf(handler), type: gate.type, ist: gate.ist, dpl: gate.dpl }
    if (gate.name !== undefined) gateNames.set(vector, gate.name)
  }

  const machineSpec = file.machine ?? { fetch: 'coherent', fetchUnit: 1, storeBuffer: 8 }
  const fetch = fetchModel(params[machineSpec.fetch] ?? machineSpec.fetch, Number(value('machine.fetchUnit', machineSpec.fetchUnit)))
  if (!fetch.ok) mistakes.push(fetch.error)
  const setups = cpus.map((cpu, index) => {
    const registers: [number, bigint][] = [[RIP, value(`cpus.${index}.entry`, cpu.entry)]]
    for (const [name, expression] of Object.entries(cpu.registers ?? {})) {
      const register = REGISTERS.indexOf(file.bits === 64 ? name : name.replace(/^e/, 'r'))
      if (register < 0) mistakes.push(`cpus.${index}.registers: there is no register "${name}"`)
      else registers.push([GPR + 2 * register, value(`cpus.${index}.registers.${name}`, expression)])
    }
    if (cpu.gsBase !== undefined) registers.push([GS_BASE, value(`cpus.${index}.gsBase`, cpu.gsBase)])
    if (cpu.fsBase !== undefined) registers.push([FS_BASE, value(`cpus.${index}.fsBase`, cpu.fsBase)])
    const flags = Number(value(`cpus.${index}.flags`, cpu.flags ?? 0x202)) | 2
    const ist: (readonly [number, number] | undefined)[] = []
    for (const [slot, top] of Object.entries(cpu.ist ?? {})) {
      const address = value(`cpus.${index}.ist.${slot}`, top)
      ist[Number(slot)] = [lowHalf(address), highHalf(address)]
    }
    const rsp0 = cpu.rsp0 === undefined ? undefined : value(`cpus.${index}.rsp0`, cpu.rsp0)
    const stackTop = registers.find(([at]) => at === GPR + 8)?.[1] ?? 0n
    return { role: cpu.role, registers, flags, ist, rsp0: rsp0 === undefined ? undefined : ([lowHalf(rsp0), highHalf(rsp0)] as const), stackTop }
  })
  const cs = Number(value('machine.cs', machineSpec.cs ?? (file.bits === 64 ? 0x10 : 0x60)))
  const ss = Number(value('machine.ss', machineSpec.ss ?? (file.bits === 64 ? 0x18 : 0x68)))
  if (mistakes.length > 0 || !fetch.ok) return fail(mistakes)

  const map = createMemoryMap(cpus.length, regions, aliases)
  const layout = createLayout({
    cpus: cpus.length,
    storeCapacity: machineSpec.storeBuffer + 8,
    ownBytes: map.ownBytes,
    sharedBytes: map.sharedBytes,
    fetchWords: fetch.value.words(hotUnits(map, fetch.value.unitSize)),
  })
  const config = {
    bits: file.bits,
    layout,
    map,
    gates,
    ist: setups.map((setup) => setup.ist),
    rsp0: setups.map((setup) => setup.rsp0),
    kernelCs: cs,
    kernelSs: ss,
    fetch: fetch.value,
    decode,
  }
  const stacks = cpus.map((_, cpu) => map.pieces.filter((piece) => piece.stack && piece.owner === cpu))
  const machine = (): Machine => {
    const m = new Machine(config)
    m.u8.set(map.shared, layout.sharedMemory * 4)
    for (let cpu = 0; cpu < cpus.length; cpu++) {
      m.select(cpu)
      m.u8.set(map.own[cpu] as Uint8Array, (m.c + layout.ownMemory) * 4)
      const setup = setups[cpu] as (typeof setups)[number]
      for (const [at, bits] of setup.registers) {
        m.w[m.c + at] = lowHalf(bits)
        m.w[m.c + at + 1] = highHalf(bits)
      }
      m.w[m.c + FLAGS] = setup.flags
      m.w[m.c + SEGMENTS + CS] = cs
      for (const segment of [SS, DS, ES]) m.w[m.c + SEGMENTS + segment] = ss
    }
    for (let cpu = 0; cpu < cpus.length; cpu++) {
      m.select(cpu)
      m.config.fetch.refresh(m)
    }
    return m
  }
  return ok({ scenario, params, program, cpus: setups.map(({ role, stackTop }) => ({ role, stackTop })), sites, gateNames, machine, stacks })
}

/**
 * Parameters as assembler symbols: NAME is the chosen value, NAME_VALUE each possible one. on/off are 1/0, numbers themselves, other words their place in the list.
 */
function paramSymbols(file: ScenarioFile, params: Readonly<Record<string, string>>): Record<string, bigint> {
  const symbols: Record<string, bigint> = {}
  for (const param of file.params) {
    const numberOf = (value: string) =>
      value === 'on' ? 1n : value === 'off' ? 0n : /^\d+$/.test(value) ? BigInt(value) : BigInt(param.values.indexOf(value))
    const symbol = param.name.toUpperCase()
    symbols[symbol] = numberOf(params[param.name] as string)
    for (const value of param.values) symbols[`${symbol}_${value.toUpperCase().replaceAll('-', '_')}`] = numberOf(value)
  }
  return symbols
}

export function fetchModel(name: string, unit: number): Result<FetchModel> {
  if (name === 'coherent') return ok(coherent)
  if (name !== 'worst') return fail(`machine.fetch: there is no fetch model "${name}"; there are coherent and worst`)
  if (![1, 8, 16, 32, 64].includes(unit)) return fail(`machine.fetchUnit: ${unit} is not 1, 8, 16, 32 or 64`)
  return ok(worst(unit))
}

/** Section attributes: `exec`, `private=N` (read and written by CPU N alone), `shared` (read and written by all), `stack`; without: read only. */
function regionOf(section: Section, sites: readonly Site[], cpus: number, mistakes: string[]): RegionSpec | null {
  const { name, address, bytes, attributes } = section
  if (bytes.length === 0) return null
  const exec = attributes['exec'] !== undefined
  const end = address + BigInt(bytes.length)
  const hot = sites
    .filter((site) => site.address >= address && site.address < end)
    .map((site) => ({ offset: Number(site.address - address), length: site.length }))
    .sort((a, b) => a.offset - b.offset)
  const owner = attributes['private']
  if (owner !== undefined) {
    const cpu = Number(owner)
    if (owner === true || !Number.isInteger(cpu) || cpu < 0 || cpu > 7) {
      mistakes.push(`section ${name}: private=N expects a CPU number, not "${owner}"`)
      return null
    }
    if (cpu >= cpus) return null
    return { name, start: address, bytes, read: true, write: true, exec, storage: 'private', owner: cpu, stack: attributes['stack'] !== undefined }
  }
  if (attributes['shared'] !== undefined) return { name, start: address, bytes, read: true, write: true, exec, storage: 'shared' }
  return { name, start: address, bytes, read: true, write: false, exec, storage: 'rom', hot }
}

function overlaps(regions: readonly RegionSpec[], mistakes: string[]): void {
  const sorted = [...regions].sort((a, b) => (a.start < b.start ? -1 : 1))
  for (let i = 1; i < sorted.length; i++) {
    const before = sorted[i - 1] as RegionSpec
    const region = sorted[i] as RegionSpec
    if (before.start + BigInt(before.bytes.length) > region.start)
      mistakes.push(`sections ${before.name} and ${region.name} overlap at 0x${region.start.toString(16)}`)
  }
}

/** The program image's bytes at an address, or null where they do not lie in one section. */
function imageBytes(sections: readonly Section[], address: bigint, length: number): Uint8Array | null {
  for (const section of sections) {
    const offset = address - section.address
    if (offset >= 0n && offset + BigInt(length) <= BigInt(section.bytes.length)) return section.bytes.slice(Number(offset), Number(offset) + length)
  }
  return null
}
