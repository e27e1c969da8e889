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
import { highHalf, lowHalf } from '../lib/u64.ts'
import { RIP, STOP, STOP_EXCEPTION, STOP_SHUTDOWN } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import type { StepInfo } from '../machine/step.ts'
import type { Instance } from './build.ts'
import { type Expression, evaluate, parseExpression, type Scope, unknownName } from './expression.ts'
import { type PropertySpec, WITHIN_MODEL } from './format.ts'
import { createScope, firstUnknown } from './scope.ts'
import { type Site, siteMeaning } from './sites.ts'

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

interface SitePlace {
  readonly site: Site
  readonly lo: number
  readonly hi: number
}

/** So many are looked through. */
const FEW_SITES = 4

const TITLES: Readonly<Record<string, string>> = {
  'whole-instruction': 'what runs at the site is the old, the new or the int3 version',
  'no-deadlock': 'a final state stays reachable',
  [WITHIN_MODEL]: 'the run stays within what the machine models',
}

export class Checker {
  readonly properties: readonly Property[]
  /** The last `after` evaluated a condition over memory: its answer depends on what other CPUs have done (docs/search.md). */
  looked = false
  private readonly instance: Instance
  private readonly labels = new Map<number, LabelCheck[]>()
  /** In ascending order of address. */
  private readonly sites: readonly SitePlace[]
  /** Bits of the properties that speak of torn instructions, of unhandled exceptions, and of the model's end. */
  private readonly whole: number
  private readonly stops: number
  private readonly within: number
  private readonly scope: Scope
  private machine: Machine | null = null

  private constructor(instance: Instance, specs: readonly PropertySpec[]) {
    this.instance = instance
    this.properties = [...specs, { kind: WITHIN_MODEL, id: WITHIN_MODEL, title: undefined }].map(({ id, kind, title }) => ({
      id,
      title: title ?? TITLES[kind] ?? id,
    }))
    const bitsOf = (holds: (spec: PropertySpec) => boolean) => specs.reduce((bits, spec, i) => (holds(spec) ? bits | (1 << i) : bits), 0)
    this.whole = bitsOf((spec) => spec.kind === 'whole-instruction')
    this.within = 1 << specs.length
    // Where no property speaks of exceptions, one that nobody handles must not look like a good end.
    this.stops = bitsOf((spec) => spec.kind === 'never' && spec.stops) || this.within
    this.sites = [...instance.sites]
      .sort((a, b) => (a.address < b.address ? -1 : 1))
      .map((site) => ({ site, lo: lowHalf(site.address), hi: highHalf(site.address) }))
    this.scope = createScope(instance, () => this.machine as Machine)
  }

  static create(instance: Instance): Result<Checker, string[]> {
    const specs = instance.scenario.file.properties
    const checker = new Checker(instance, specs)
    const mistakes = specs.flatMap((spec, i) => checker.watch(spec, 1 << i, `properties.${i}`))
    return mistakes.length > 0 ? fail(mistakes) : ok(checker)
  }

  /** Bit mask of the properties that the step just taken by the selected CPU violates. */
  after(m: Machine, info: StepInfo): number {
    this.looked = false
    // A store that becomes visible moves no CPU and stops none.
    if (info.kind === 'drained') return 0
    const { w, c } = m
    let violated = 0
    const stopped = w[c + STOP] as number
    if (stopped !== 0) violated |= (stopped & 0xff) === STOP_EXCEPTION || (stopped & 0xff) === STOP_SHUTDOWN ? this.stops : this.within
    // A torn instruction may well be one that the machine does not model: the violation is then the tear, not the model's end.
    if (this.whole !== 0 && info.fetched?.hot === true && this.isTorn(info, info.fetched.bytes)) violated = (violated & ~this.within) | this.whole
    // Only who moves arrives: not an instruction that pauses or repeats, nor somebody to whom an interrupt is on its way.
    if (stopped !== 0 || (info.kind !== 'retired' && info.kind !== 'event')) return violated
    const checks = this.labels.get(w[c + RIP] as number)
    if (checks !== undefined) for (const check of checks) if (check.hi === w[c + RIP + 1] && !this.passes(m, check)) violated |= check.bit
    return violated
  }

  /** Takes the labels of a property under watch; says what is wrong with it. */
  private watch(spec: PropertySpec, bit: number, where: string): string[] {
    if (spec.kind === 'never') return spec.at.flatMap((label, i) => this.watchLabel(label, { bit, roles: null, holds: null }, `${where}.at.${i}`))
    if (spec.kind !== 'assert') return []
    const { file } = this.instance.scenario
    const mistakes = (spec.roles ?? [])
      .filter((role) => !file.cpus.some((cpu) => cpu.role === role))
      .map((role) => `${where}.roles: there is no role "${role}"`)
    const holds = parseExpression(spec.holds)
    if (!holds.ok) return [...mistakes, `${where}.holds: ${holds.error}`]
    const unknown = firstUnknown(holds.value, file, (name) => this.instance.program.symbol(name) !== null)
    if (unknown !== null) mistakes.push(`${where}.holds: ${unknownName(unknown)}`)
    return [...mistakes, ...this.watchLabel(spec.at, { bit, roles: spec.roles ?? null, holds: holds.value }, `${where}.at`)]
  }

  private watchLabel(label: string, check: Omit<LabelCheck, 'hi'>, where: string): string[] {
    const address = this.instance.program.symbol(label)
    if (address === null) return [`${where}: there is no label "${label}"`]
    const list = this.labels.get(lowHalf(address)) ?? []
    list.push({ ...check, hi: highHalf(address) })
    this.labels.set(lowHalf(address), list)
    return []
  }

  /** A condition that cannot be evaluated (it reads where nothing is mapped) does not hold. */
  private passes(m: Machine, { roles, holds }: LabelCheck): boolean {
    if (roles !== null && !roles.includes((this.instance.cpus[m.cpu] as { role: string }).role)) return true
    if (holds === null) return false
    this.machine = m
    if (holds.readsMemory) this.looked = true
    const result = evaluate(holds, this.scope)
    return result.ok && result.value !== 0n
  }

  private isTorn(info: StepInfo, bytes: Uint8Array): boolean {
    const near = this.sites.length <= FEW_SITES ? this.sites : this.sitesNear(info, bytes.length)
    for (const { site, lo, hi } of near) {
      if (info.hi !== hi) continue
      const offset = (info.lo - lo) >>> 0
      if (offset < site.length) return siteMeaning(site, bytes, offset) === 'torn'
      // An instruction that starts before the site and runs into it.
      if ((lo - info.lo) >>> 0 < bytes.length) return true
    }
    return false
  }

  /** Of many sites, in ascending order: those that an instruction of this length may touch. */
  private sitesNear({ lo, hi }: StepInfo, length: number): readonly SitePlace[] {
    const { sites } = this
    let from = 0
    let end = sites.length
    while (from < end) {
      const middle = (from + end) >> 1
      const site = sites[middle] as SitePlace
      if (site.hi >>> 0 < hi >>> 0 || (site.hi === hi && site.lo >>> 0 <= lo >>> 0)) from = middle + 1
      else end = middle
    }
    const first = Math.max(0, from - 1)
    while (from < sites.length && ((sites[from] as SitePlace).lo - lo) >>> 0 < length) from++
    return sites.slice(first, from)
  }
}
