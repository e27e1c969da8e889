/**
 * From a scenario file and parameter values to a machine at its initial state. Everything that can be wrong with a user's scenario is said here, with
 * its place; nothing is guessed.
 */
import { type Assembly, assemble, type Diagnostic } from '../assembler/assemble.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import type { MachineConfig } from '../machine/config.ts'
import { type FetchModel, hotUnits } from '../machine/fetch.ts'
import { createFetchModel } from '../machine/fetch-models.ts'
import type { Decode } from '../machine/instruction.ts'
import { createLayout } from '../machine/layout.ts'
import { Machine } from '../machine/machine.ts'
import { createMemoryMap, type Piece } from '../machine/memory-map.ts'
import {
  type ResolvedNote,
  readAliases,
  readCpus,
  readEnvironment,
  readGates,
  readNotes,
  readSites,
  readWatch,
  type WatchedWord,
} from './build-parts.ts'
import { applyStart, type CpuStart } from './cpu-setup.ts'
import type { Scenario, ScenarioFile } from './format.ts'
import { chooseParams, type Params, paramSymbols } from './params.ts'
import { Program } from './program.ts'
import { Reader } from './reader.ts'
import { recordingSymbols } from './recording-input.ts'
import { checkRanges, regionsOf } from './regions.ts'
import type { Site } from './sites.ts'

export interface CpuSetup {
  readonly role: string
  readonly stackTop: bigint
}

/** A scenario with its parameters chosen: the machine that runs it, and what people and properties know of it. */
export interface Instance {
  readonly scenario: Scenario
  readonly params: Params
  readonly program: Program
  readonly cpus: readonly CpuSetup[]
  readonly sites: readonly Site[]
  readonly watch: readonly WatchedWord[]
  readonly notes: readonly ResolvedNote[]
  readonly gateNames: ReadonlyMap<number, string>
  /** Makes a fresh machine at the initial state. */
  machine(): Machine
  /** Private stacks by CPU: memory below the stack pointer is dead there (docs/machine.md). */
  readonly stacks: readonly (readonly Piece[])[]
}

/** Buffer entries beyond the store buffer's size: what one instruction may add to it (machine/step.ts). */
const STORE_ROOM = 8

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
  return instanceOf(scenario, params.value, assembled.assembly, new Program(assembled.assembly, defines), decode)
}

function instanceOf(scenario: Scenario, params: Params, assembly: Assembly, program: Program, decode: Decode): Result<Instance, string[]> {
  const { file } = scenario
  const { bits, machine } = file
  const reader = new Reader(file, params, program)
  const { mistakes } = reader
  mistakes.push(...ambiguousNames(file, program))
  const starts = readCpus(reader)
  const sites = readSites(reader, assembly.sections, decode)
  const regions = regionsOf(assembly.sections, sites, starts.length, mistakes)
  const aliases = readAliases(reader, regions)
  checkRanges(regions, aliases, bits, mistakes)
  const { gates, gateNames } = readGates(reader)
  const watch = readWatch(reader)
  const notes = readNotes(reader)
  const environment = readEnvironment(reader, starts.length)
  const fetch = fetchModel(params[machine.fetch] ?? machine.fetch, Number(reader.value('machine.fetchUnit', machine.fetchUnit)))
  if (!fetch.ok) mistakes.push(fetch.error)
  const tearing = oneOf('machine.tearing', params[machine.tearing] ?? machine.tearing, ['intel', 'amd'], mistakes)
  const splitLock = oneOf('machine.splitLock', params[machine.splitLock] ?? machine.splitLock, ['allowed', 'fault'], mistakes)
  const kernelCs = reader.selector('machine.cs', machine.cs ?? (bits === 64 ? 0x10 : 0x60))
  const kernelSs = reader.selector('machine.ss', machine.ss ?? (bits === 64 ? 0x18 : 0x68))
  const dataSelectors = machine.dataSelectors.map((selector, i) => reader.selector(`machine.dataSelectors.${i}`, selector))
  if (mistakes.length > 0 || !fetch.ok) return fail(mistakes)

  const map = createMemoryMap(starts.length, regions, aliases)
  const config: MachineConfig = {
    bits,
    layout: createLayout({
      cpus: starts.length,
      storeCapacity: machine.storeBuffer + STORE_ROOM,
      ownBytes: map.ownBytes,
      sharedBytes: map.sharedBytes,
      fetchWords: fetch.value.words(hotUnits(map, fetch.value.unitSize)),
      fetchSharedWords: fetch.value.sharedWords?.(hotUnits(map, fetch.value.unitSize)) ?? 0,
    }),
    map,
    gates,
    ist: starts.map((start) => start.ist),
    rsp0: starts.map((start) => start.rsp0),
    kernelCs,
    kernelSs,
    dataSelectors,
    fetch: fetch.value,
    decode,
    tearing,
    splitLock,
    ...(environment === null ? {} : { environment }),
  }
  return ok({
    scenario,
    params,
    program,
    cpus: starts.map(({ role, stackTop }) => ({ role, stackTop })),
    sites,
    watch,
    notes,
    gateNames,
    machine: () => machineAtStart(config, starts),
    stacks: starts.map((_, cpu) => map.pieces.filter((piece) => piece.stack && piece.owner === cpu)),
  })
}

/** In an expression a parameter and its values are words; a label of the same name would hide behind them, or before them. */
function ambiguousNames({ params }: ScenarioFile, program: Program): string[] {
  return params.flatMap(({ name, values }) =>
    [name, ...values].filter((word) => program.symbol(word) !== null).map((word) => `params.${name}: the program has a symbol "${word}" too`),
  )
}

/** The value, if it is one of these; else the first of them, and a mistake. */
function oneOf<T extends string>(where: string, value: string, values: readonly [T, ...T[]], mistakes: string[]): T {
  const found = values.find((each) => each === value)
  if (found === undefined) mistakes.push(`${where}: "${value}" is neither ${values.join(' nor ')}, nor a parameter`)
  return found ?? values[0]
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
