/**
 * Properties: what must hold in every interleaving. They look at the machine, they never change it, and a run ends at its first violation.
 *
 *   whole-instruction  what is executed at a site is byte for byte the old, the new or the int3 version, and nobody executes from inside it
 *   assert             whenever a CPU arrives at a label, a condition over its registers (and memory) holds
 *   never              no CPU arrives at these labels; with `stops`: no CPU stops on an exception nobody handles
 *   no-deadlock        from every reachable state a final state stays reachable (judged after the search, explorer/stuck.ts)
 *   within-model       always there: the run stays within what the machine models (an unsupported instruction is no proof of anything)
 */
import { fail, ok, type Result } from '../lib/result.ts'
import { highHalf, joinHalves, lowHalf } from '../lib/u64.ts'
import { GPR, RIP, STOP, STOP_EXCEPTION, STOP_SHUTDOWN } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { memoryBytes, type StepInfo } from '../machine/step.ts'
import type { Instance, Site } from './build.ts'
import { type Expression, evaluate, parseExpression, type Scope } from './expression.ts'
import type { SiteMeaning } from './snapshot.ts'

export interface Property {
  readonly id: string
  readonly title: string
}

interface LabelCheck {
  readonly hi: number
  readonly bit: number
  readonly roles: readonly string[] | null
  /** null: arriving here is the violation. */
  readonly holds: Expression | null
}

const TITLES: Readonly<Record<string, string>> = {
  'whole-instruction': 'what runs at the site is the old, the new or the int3 version',
  'no-deadlock': 'a final state stays reachable',
  'within-model': 'the run stays within what the machine models',
}

export class Checker {
  private readonly instance: Instance
  readonly properties: readonly Property[]
  private readonly labels = new Map<number, LabelCheck[]>()
  private readonly sites: readonly { readonly site: Site; readonly lo: number; readonly hi: number }[]
  private readonly wholeInstruction: number
  private readonly stops: number
  private readonly withinModel: number
  private readonly scope: Scope
  private machine: Machine | null = null

  private constructor(instance: Instance, properties: Property[], bits: { whole: number; stops: number; within: number }) {
    this.instance = instance
    this.properties = properties
    this.wholeInstruction = bits.whole
    this.stops = bits.stops
    this.withinModel = bits.within
    this.sites = instance.sites.map((site) => ({ site, lo: lowHalf(site.address), hi: highHalf(site.address) }))
    this.scope = createScope(instance, () => this.machine as Machine)
  }

  static create(instance: Instance): Result<Checker, string[]> {
    const mistakes: string[] = []
    const properties: Property[] = []
    const bits = { whole: 0, stops: 0, within: 0 }
    const pending: [bigint, LabelCheck][] = []
    for (const [i, spec] of instance.scenario.file.properties.entries()) {
      const bit = 1 << properties.length
      properties.push({ id: spec.id, title: spec.title ?? TITLES[spec.kind] ?? spec.id })
      const address = (label: string): bigint => {
        const found = instance.program.symbol(label)
        if (found === null) mistakes.push(`properties.${i}.at: there is no label "${label}"`)
        return found ?? 0n
      }
      if (spec.kind === 'whole-instruction') bits.whole |= bit
      else if (spec.kind === 'never') {
        if (spec.stops) bits.stops |= bit
        for (const label of spec.at) pending.push([address(label), { hi: 0, bit, roles: null, holds: null }])
      } else if (spec.kind === 'assert') {
        const parsed = parseExpression(spec.holds)
        if (!parsed.ok) mistakes.push(`properties.${i}.holds: ${parsed.error}`)
        else pending.push([address(spec.at), { hi: 0, bit, roles: spec.roles ?? null, holds: parsed.value }])
      }
    }
    bits.within = 1 << properties.length
    properties.push({ id: 'within-model', title: TITLES['within-model'] as string })
    if (properties.length > 30) mistakes.push('properties: at most 29')
    if (mistakes.length > 0) return fail(mistakes)
    const checker = new Checker(instance, properties, bits)
    for (const [at, check] of pending) {
      const list = checker.labels.get(lowHalf(at)) ?? []
      list.push({ ...check, hi: highHalf(at) })
      checker.labels.set(lowHalf(at), list)
    }
    const probe = checker.probe()
    return probe === null ? ok(checker) : fail([probe])
  }

  /** Evaluates every condition once on the initial state, so that a misspelt register is a message and not a surprise in the search. */
  private probe(): string | null {
    this.machine = this.instance.machine()
    this.machine.select(0)
    for (const checks of this.labels.values()) {
      for (const check of checks) {
        if (check.holds === null) continue
        const result = evaluate(check.holds, this.scope)
        if (!result.ok) return `property ${this.properties[Math.log2(check.bit)]?.id}: ${result.error}`
      }
    }
    return null
  }

  /** Bit mask of the properties that the step just taken by the selected CPU violates. */
  after(m: Machine, info: StepInfo): number {
    const { w, c } = m
    let violated = 0
    const stopped = w[c + STOP] as number
    if (stopped !== 0 && info.kind !== 'drained') {
      const reason = stopped & 0xff
      violated |= reason === STOP_EXCEPTION || reason === STOP_SHUTDOWN ? this.stops : this.withinModel
    }
    const fetched = info.fetched
    // A torn instruction may well be one that the machine does not model: the violation is then the tear, not the model's end.
    if (this.wholeInstruction !== 0 && fetched !== null && fetched.hot && this.tornAt(info))
      violated = (violated & ~this.withinModel) | this.wholeInstruction
    if (info.kind === 'drained') return violated
    const checks = this.labels.get(w[c + RIP] as number)
    if (checks !== undefined && stopped === 0) {
      for (const check of checks) {
        if (check.hi !== w[c + RIP + 1]) continue
        if (check.roles !== null && !check.roles.includes((this.instance.cpus[m.cpu] as { role: string }).role)) continue
        if (check.holds === null) violated |= check.bit
        else {
          this.machine = m
          const result = evaluate(check.holds, this.scope)
          if (!result.ok || result.value === 0n) violated |= check.bit
        }
      }
    }
    return violated
  }

  private tornAt(info: StepInfo): boolean {
    const bytes = info.fetched?.bytes as Uint8Array
    for (const { site, lo, hi } of this.sites) {
      if (info.hi !== hi) continue
      const offset = (info.lo - lo) >>> 0
      if (offset < site.length) return offset !== 0 || siteMeaning(site, bytes) === 'torn'
      // An instruction that starts before the site and runs into it.
      if ((lo - info.lo) >>> 0 < bytes.length) return true
    }
    return false
  }
}

/** What the given bytes, fetched at the site's first byte, are: one of its versions, the breakpoint, or none of them. */
export function siteMeaning(site: Site, bytes: Uint8Array): SiteMeaning {
  if (startsWith(site.new, bytes)) return 'new'
  if (startsWith(site.old, bytes)) return 'old'
  return bytes[0] === 0xcc ? 'int3' : 'torn'
}

/** Is `bytes` exactly the instruction `version`, or (for slots that hold several instructions) its first one? */
function startsWith(version: Uint8Array, bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.length <= version.length && bytes.every((byte, i) => byte === version[i])
}

const NAMES = ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di']

/** Registers, symbols, parameters and memory of the machine's selected CPU, by name. */
export function createScope(instance: Instance, machine: () => Machine): Scope {
  const cache = new Map<string, { index: number; mask: bigint } | null>()
  return {
    register(name) {
      let found = cache.get(name)
      if (found === undefined) cache.set(name, (found = registerByName(name)))
      if (found === null) {
        if (name === 'rip') {
          const m = machine()
          return joinHalves(m.w[m.c + RIP] as number, m.w[m.c + RIP + 1] as number)
        }
        return null
      }
      const m = machine()
      return joinHalves(m.w[m.c + GPR + 2 * found.index] as number, m.w[m.c + GPR + 2 * found.index + 1] as number) & found.mask
    },
    symbol(name) {
      if (name === 'stack_top') return (instance.cpus[machine().cpu] as { stackTop: bigint }).stackTop
      if (name === 'cpu') return BigInt(machine().cpu)
      return instance.params[name] ?? instance.program.symbol(name)
    },
    memory(address, size) {
      const m = machine()
      for (let i = 0n; i < BigInt(size); i++) if (m.find(lowHalf(address + i), highHalf(address + i)) === null) return null
      let value = 0n
      const bytes = memoryBytes(m, lowHalf(address), highHalf(address), size)
      for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
      return value
    },
  }
}

function registerByName(name: string): { index: number; mask: bigint } | null {
  const wide = /^([re]?)(ax|cx|dx|bx|sp|bp|si|di)$/.exec(name)
  if (wide !== null)
    return { index: NAMES.indexOf(wide[2] as string), mask: wide[1] === 'r' ? (1n << 64n) - 1n : wide[1] === 'e' ? 0xffff_ffffn : 0xffffn }
  const numbered = /^r(8|9|1[0-5])([dwb]?)$/.exec(name)
  if (numbered !== null) {
    const mask = { '': (1n << 64n) - 1n, d: 0xffff_ffffn, w: 0xffffn, b: 0xffn }[numbered[2] as '' | 'd' | 'w' | 'b']
    return { index: Number(numbered[1]), mask }
  }
  const byte = /^([abcd])l$/.exec(name)
  return byte === null ? null : { index: NAMES.indexOf(`${byte[1]}x`), mask: 0xffn }
}
