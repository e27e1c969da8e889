/**
 * From a scenario file and parameter values to a machine at its initial state. Everything that can be wrong with a user's scenario is said here, with
 * its place; nothing is guessed.
 */
import { type Assembly, assemble, type Diagnostic, type Section } from '../assembler/assemble.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { highHalf, lowHalf } from '../lib/u64.ts'
import { type FetchModel, hotUnits } from '../machine/fetch.ts'
import { createFetchModel } from '../machine/fetch-models.ts'
import type { Decode } from '../machine/instruction.ts'
import { createLayout } from '../machine/layout.ts'
import { type Gate, Machine, type MachineConfig } from '../machine/machine.ts'
import { type AliasSpec, createMemoryMap, type Piece, type RegionSpec } from '../machine/memory-map.ts'
import { applyStart, type CpuStart, cpuStart } from './cpu-setup.ts'
import { evaluate, parseExpression, type Scope } from './expression.ts'
import type { Scenario, ScenarioFile } from './format.ts'
import { chooseParams, type Params, paramSymbols } from './params.ts'
import { Program } from './program.ts'
import { recordingSymbols } from './recording-input.ts'
import { checkRanges, checkSiteOverlaps, regionsOf } from './regions.ts'
import { type Site, startsOf } from './sites.ts'

export interface CpuSetup {
  readonly role: string
  readonly stackTop: bigint
}

/** A word of memory that the page lists. */
export interface WatchedWord {
  readonly title: string
  readonly address: bigint
  readonly size: number
}

/** A scenario with its parameters chosen: the machine that runs it, and what people and properties know of it. */
export interface Instance {
  readonly scenario: Scenario
  readonly params: Params
  readonly program: Program
  readonly cpus: readonly CpuSetup[]
  readonly sites: readonly Site[]
  readonly watch: readonly WatchedWord[]
  readonly gateNames: ReadonlyMap<number, string>
  /** Makes a fresh machine at the initial state. */
  machine(): Machine
  /** Private stacks by CPU: memory below the stack pointer is dead there (docs/machine.md). */
  readonly stacks: readonly (readonly Piece[])[]
}

/** "text-poke.asm:12:5: unknown mnemonic …" */
export function formatDiagnostic(d: Diagnostic): string {
  return `${d.file}:${d.line}:${d.column}: ${d.message}${d.expected === undefined ? '' : `; expected ${d.expected}`}`
}

export function build(scenario: Scenario, chosen: Params, decode: Decode): Result<Instance, string[]> {
  const params = chooseParams(scenario.file, chosen)
  if (!params.ok) return params
  const recorded = recordingSymbols(scenario, params.value)
  if (!recorded.ok) return fail([recorded.error])
  const defines = { ...paramSymbols(scenario.file, params.value), ...recorded.value }
  const assembled = assemble({ bits: scenario.file.bits, defines, files: scenario.sources })
  const errors = assembled.diagnostics.filter((diagnostic) => diagnostic.severity === 'error')
  if (assembled.assembly === null || errors.length > 0) return fail(errors.map(formatDiagnostic))
  return new Builder(scenario, params.value, assembled.assembly, new Program(assembled.assembly, defines), decode).build()
}

class Builder {
  private readonly scenario: Scenario
  private readonly file: ScenarioFile
  private readonly params: Params
  private readonly sections: readonly Section[]
  private readonly program: Program
  private readonly decode: Decode
  private readonly scope: Scope
  private readonly mistakes: string[] = []

  constructor(scenario: Scenario, params: Params, assembly: Assembly, program: Program, decode: Decode) {
    this.scenario = scenario
    this.file = scenario.file
    this.params = params
    this.sections = assembly.sections
    this.program = program
    this.decode = decode
    this.scope = { register: () => null, symbol: (name) => params[name] ?? program.symbol(name), memory: () => null }
  }

  build(): Result<Instance, string[]> {
    const { scenario, file, params, program, mistakes } = this
    const starts = this.starts()
    const sites = this.sites()
    const regions = regionsOf(this.sections, sites, starts.length, mistakes)
    const aliases = this.aliases(regions)
    checkRanges(regions, aliases, file.bits, mistakes)
    const { gates, gateNames } = this.gates()
    const { machine } = file
    const fetch = fetchModel(params[machine.fetch] ?? machine.fetch, Number(this.value('machine.fetchUnit', machine.fetchUnit)))
    if (!fetch.ok) mistakes.push(fetch.error)
    const kernelCs = this.selector('machine.cs', machine.cs ?? (file.bits === 64 ? 0x10 : 0x60))
    const watch = this.watch()
    const kernelSs = this.selector('machine.ss', machine.ss ?? (file.bits === 64 ? 0x18 : 0x68))
    if (mistakes.length > 0 || !fetch.ok) return fail(mistakes)

    const map = createMemoryMap(starts.length, regions, aliases)
    const layout = createLayout({
      cpus: starts.length,
      storeCapacity: machine.storeBuffer + 8,
      ownBytes: map.ownBytes,
      sharedBytes: map.sharedBytes,
      fetchWords: fetch.value.words(hotUnits(map, fetch.value.unitSize)),
      fetchSharedWords: fetch.value.sharedWords ?? 0,
    })
    const ist = starts.map((start) => start.ist)
    const rsp0 = starts.map((start) => start.rsp0)
    const config: MachineConfig = { bits: file.bits, layout, map, gates, ist, rsp0, kernelCs, kernelSs, fetch: fetch.value, decode: this.decode }
    return ok({
      scenario,
      params,
      program,
      cpus: starts.map(({ role, stackTop }) => ({ role, stackTop })),
      sites,
      gateNames,
      machine: () => machineAtStart(config, starts),
      watch,
      stacks: starts.map((_, cpu) => map.pieces.filter((piece) => piece.stack && piece.owner === cpu)),
    })
  }

  /** Evaluates an expression of the file; what is wrong with it is noted under `where`. */
  private readonly value = (where: string, expression: string | number): bigint => {
    if (typeof expression === 'number') return BigInt.asUintN(64, BigInt(expression))
    const parsed = parseExpression(expression)
    const result = parsed.ok ? evaluate(parsed.value, this.scope) : parsed
    if (result.ok) return result.value
    this.mistakes.push(`${where}: ${result.error}`)
    return 0n
  }

  /** Does the condition of an optional part hold (or is there none)? */
  private present(where: string, condition: string | undefined): boolean {
    return condition === undefined || this.value(`${where}.when`, condition) !== 0n
  }

  private starts(): CpuStart[] {
    const { file, mistakes } = this
    const starts = file.cpus.flatMap((cpu, i) =>
      this.present(`cpus.${i}`, cpu.when) ? [cpuStart(cpu, `cpus.${i}`, file.bits, this.value, mistakes)] : [],
    )
    if (starts.length === 0) mistakes.push('cpus: no CPU is present with these parameters')
    return starts
  }

  private sites(): Site[] {
    const { file, mistakes, decode } = this
    const sites: Site[] = []
    for (const [i, spec] of file.sites.entries()) {
      const where = `sites.${i}`
      if (!this.present(where, spec.when)) continue
      const address = this.value(`${where}.label`, spec.label)
      const length = Number(this.value(`${where}.length`, spec.length))
      const old = imageBytes(this.sections, address, length)
      const fresh = imageBytes(this.sections, this.value(`${where}.new`, spec.new), length)
      if (length < 1 || length > 15) mistakes.push(`${where}.length: ${length} is not 1..15`)
      else if (old === null) mistakes.push(`${where}.label: ${spec.label} is no place in the program`)
      else if (fresh === null) mistakes.push(`${where}.new: ${spec.new} is no place in the program`)
      else {
        const oldStarts = startsOf(old, address, file.bits, decode)
        const newStarts = startsOf(fresh, address, file.bits, decode)
        sites.push({ label: spec.label, address, length, old, new: fresh, oldStarts, newStarts })
      }
    }
    checkSiteOverlaps(sites, mistakes)
    return sites
  }

  private aliases(regions: readonly RegionSpec[]): AliasSpec[] {
    const aliases: AliasSpec[] = []
    for (const [i, alias] of this.file.aliases.entries()) {
      const where = `aliases.${i}`
      if (!this.present(where, alias.when)) continue
      const of = regions.find((region) => region.name === alias.of)
      const start = this.value(`${where}.at`, alias.at)
      if (of === undefined) this.mistakes.push(`${where}.of: there is no section "${alias.of}"`)
      else aliases.push({ name: alias.name, start, of: alias.of, offset: 0, length: of.bytes.length, read: true, write: true, exec: false })
    }
    return aliases
  }

  private gates(): { gates: (Gate | undefined)[]; gateNames: Map<number, string> } {
    const gates: (Gate | undefined)[] = []
    const gateNames = new Map<number, string>()
    for (const [i, gate] of this.file.idt.entries()) {
      const where = `idt.${i}`
      if (!this.present(where, gate.when)) continue
      const vector = Number(this.value(`${where}.vector`, gate.vector))
      const handler = this.value(`${where}.handler`, gate.handler)
      if (vector > 255) this.mistakes.push(`${where}.vector: ${vector} is not 0..255`)
      else if (gates[vector] !== undefined) this.mistakes.push(`${where}.vector: vector ${vector} has a gate already`)
      else {
        gates[vector] = { handlerLo: lowHalf(handler), handlerHi: highHalf(handler), type: gate.type, ist: gate.ist, dpl: gate.dpl }
        if (gate.name !== undefined) gateNames.set(vector, gate.name)
      }
    }
    return { gates, gateNames }
  }

  private watch(): WatchedWord[] {
    const words: WatchedWord[] = []
    for (const [i, { label, size, title, when }] of this.file.watch.entries()) {
      const where = `watch.${i}`
      if (this.present(where, when)) words.push({ title: title ?? label, address: this.value(`${where}.label`, label), size })
    }
    return words
  }

  private selector(where: string, expression: string | number): number {
    const selector = Number(this.value(where, expression))
    if (selector > 0xffff || selector < 4 || (selector & 3) !== 0) this.mistakes.push(`${where}: ${selector} is no selector of privilege level 0`)
    return selector
  }
}

function machineAtStart(config: MachineConfig, starts: readonly CpuStart[]): Machine {
  const { layout, map } = config
  const m = new Machine(config)
  m.u8.set(map.shared, layout.sharedMemory * 4)
  for (const [cpu, start] of starts.entries()) {
    m.select(cpu)
    m.u8.set(map.own[cpu] as Uint8Array, (m.c + layout.ownMemory) * 4)
    applyStart(m, start)
  }
  for (let cpu = 0; cpu < starts.length; cpu++) {
    m.select(cpu)
    config.fetch.refresh(m)
  }
  return m
}

export function fetchModel(name: string, unit: number): Result<FetchModel> {
  const model = createFetchModel(name, unit)
  return model.ok ? model : fail(`machine.fetch: ${model.error}`)
}

/** The program image's bytes at an address, or null where they do not lie in one section. */
function imageBytes(sections: readonly Section[], address: bigint, length: number): Uint8Array | null {
  for (const section of sections) {
    const offset = address - section.address
    if (offset >= 0n && offset + BigInt(length) <= BigInt(section.bytes.length)) return section.bytes.slice(Number(offset), Number(offset) + length)
  }
  return null
}
