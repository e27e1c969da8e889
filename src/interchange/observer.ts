/**
 * The recorder's eyes on a run of ours: which steps would a recorder of the real kernel have noted, and with which values? The scenario file says where to look
 * (`recording.compare`: labels, and expressions over registers on arrival there); everything is read off the machine's state, so that a search can ask at
 * any state, in any order.
 */
import { bytesToHex } from '../lib/bytes.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { highHalf, joinHalves, lowHalf } from '../lib/u64.ts'
import { pendingIrq } from '../machine/apic.ts'
import { choiceKind, IRQ, type PackedChoice, STEP } from '../machine/choice.ts'
import { BOX_IRR, FLAG_IF, FLAGS, GPR, RIP } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { apply, memoryBytes, type StepInfo } from '../machine/step.ts'
import type { Instance } from '../scenario/build.ts'
import { type Expression, evaluate, parseExpression, type Scope } from '../scenario/expression.ts'
import type { ScenarioFile } from '../scenario/format.ts'
import { createScope, readWord } from '../scenario/scope.ts'
import type { RecordedSite } from './recording.ts'

export type CompareSpec = NonNullable<NonNullable<ScenarioFile['recording']>['compare']>

/** What the recorder would have noted of a step, beside the CPU. Bytes are lower-case hexadecimal. */
export type Observation =
  | { readonly event: 'batch begin' | 'sync begin' | 'sync taken' | 'sync done' | 'batch end' }
  | {
      readonly event: 'write int3' | 'write tail' | 'write first byte'
      readonly site: bigint
      readonly offset: number
      readonly stored: string
      readonly bytes: string
    }
  | { readonly event: 'sync ipi sent'; readonly mask: bigint }
  | { readonly event: 'sync ipi taken'; readonly inUser: boolean }
  | ({ readonly event: 'int3 hit'; readonly mine: boolean; readonly bytes: string } & Trap)
  | {
      readonly event: 'int3 return'
      readonly handled: boolean
      readonly resume: bigint
      readonly sp: bigint
      readonly pushed: bigint
      /** Of every site. */
      readonly bytes: ReadonlyMap<bigint, string>
    }

/** What an int3 interrupted. */
export interface Trap {
  readonly site: bigint
  readonly ifBefore: boolean
  readonly sp: bigint
}

type Labelled = 'begin' | 'int3' | 'tail' | 'first' | 'syncBegin' | 'syncTaken' | 'syncDone' | 'hit' | 'handled' | 'refused' | 'end'

const RSP = GPR + 8

export interface Observed {
  readonly info: StepInfo
  readonly observation: Observation | null
  /** The step was an int3 at a site: what it interrupted. (The recorder notes it when the handler begins.) */
  readonly trap: Trap | null
}

export class Observer {
  private readonly sites: readonly RecordedSite[]
  private readonly labels = new Map<number, { readonly hi: number; readonly what: Labelled }>()
  private readonly expressions: Readonly<Record<'address' | 'value' | 'size' | 'ip' | 'sp' | 'flags', Expression>>
  private readonly vector: number
  private readonly scope: Scope
  private machine: Machine | null = null

  private constructor(instance: Instance, spec: CompareSpec, sites: readonly RecordedSite[], parsed: Record<string, Expression>, vector: number) {
    this.sites = sites
    this.expressions = parsed as Observer['expressions']
    this.vector = vector
    this.scope = createScope(instance, () => this.machine as Machine)
    for (const [what, label] of labelled(spec)) {
      const address = instance.program.symbol(label) as bigint
      this.labels.set(lowHalf(address), { hi: highHalf(address), what })
    }
  }

  static create(instance: Instance, spec: CompareSpec, sites: readonly RecordedSite[]): Result<Observer, string[]> {
    const where = 'recording.compare'
    const mistakes = labelled(spec)
      .filter(([, label]) => instance.program.symbol(label) === null)
      .map(([, label]) => `${where}: there is no label "${label}"`)
    const parsed: Record<string, Expression> = {}
    const { address, value, size } = spec.writes
    for (const [name, text] of Object.entries({ address, value, size, ip: spec.ip, sp: spec.sp, flags: spec.flags, vector: String(spec.vector) })) {
      const expression = parseExpression(text)
      if (expression.ok) parsed[name] = expression.value
      else mistakes.push(`${where}.${name}: ${expression.error}`)
    }
    if (mistakes.length > 0) return fail(mistakes)
    const vector = evaluate(parsed.vector as Expression, {
      register: () => null,
      symbol: (name) => instance.program.symbol(name),
      memory: () => null,
    })
    if (!vector.ok) return fail([`${where}.vector: ${vector.error}`])
    return ok(new Observer(instance, spec, sites, parsed, Number(vector.value)))
  }

  /** Is the selected CPU's next instruction one at which something is noted? */
  looksAt(m: Machine): boolean {
    return this.labelAt(m) !== null
  }

  /** Applies a choice, and says what the recorder would have noted. */
  apply(m: Machine, choice: PackedChoice): Observed {
    const kind = choiceKind(choice)
    m.select(choice & 7)
    let observation: Observation | null = null
    if (kind === IRQ && pendingIrq(m) === this.vector) observation = { event: 'sync ipi taken', inUser: m.cpl === 3 }
    const what = kind === STEP ? this.labelAt(m) : null
    if (what !== null) observation = this.observe(m, what)
    const before = kind === STEP ? { if: ((m.w[m.c + FLAGS] as number) & FLAG_IF) !== 0, sp: this.stackPointer(m), pending: this.pending(m) } : null
    const info = apply(m, choice)
    if (before === null) return { info, observation, trap: null }
    const mnemonic = info.fetched?.instruction.mnemonic
    if (mnemonic === 'wrmsr') {
      const mask = this.pending(m) & ~before.pending
      if (mask !== 0) observation = { event: 'sync ipi sent', mask: BigInt(mask) }
    }
    // A trap that could not be delivered (no gate) is no trap that anybody handles.
    const trapped = mnemonic === 'int3' && info.fetched?.hot === true && info.kind === 'retired'
    return { info, observation, trap: trapped ? { site: joinHalves(info.lo, info.hi), ifBefore: before.if, sp: before.sp } : null }
  }

  /** The bytes of a site as memory holds them. */
  bytesOf(m: Machine, address: bigint): string {
    const length = this.sites.find((site) => site.address === address)?.length ?? 1
    return bytesToHex(memoryBytes(m, lowHalf(address), highHalf(address), length))
  }

  private labelAt(m: Machine): Labelled | null {
    const found = this.labels.get(m.w[m.c + RIP] as number)
    return found !== undefined && found.hi === m.w[m.c + RIP + 1] ? found.what : null
  }

  private observe(m: Machine, what: Labelled): Observation {
    switch (what) {
      case 'begin':
        return { event: 'batch begin' }
      case 'syncBegin':
        return { event: 'sync begin' }
      case 'syncTaken':
        return { event: 'sync taken' }
      case 'syncDone':
        return { event: 'sync done' }
      case 'end':
        return { event: 'batch end' }
      case 'int3':
        return this.written(m, 'write int3')
      case 'tail':
        return this.written(m, 'write tail')
      case 'first':
        return this.written(m, 'write first byte')
      case 'hit': {
        const site = BigInt.asUintN(64, this.value(m, 'ip') - 1n)
        const mine = this.sites.some(({ address }) => address === site)
        const ifBefore = (this.value(m, 'flags') & BigInt(FLAG_IF)) !== 0n
        return { event: 'int3 hit', site, mine, bytes: this.bytesOf(m, site), ifBefore, sp: this.value(m, 'sp') }
      }
      case 'handled':
      case 'refused': {
        const sp = this.value(m, 'sp')
        const bytes = new Map(this.sites.map(({ address }) => [address, this.bytesOf(m, address)]))
        return { event: 'int3 return', handled: what === 'handled', resume: this.value(m, 'ip'), sp, pushed: readWord(m, sp, 8), bytes }
      }
    }
  }

  private written(m: Machine, event: 'write int3' | 'write tail' | 'write first byte'): Observation {
    const address = this.value(m, 'address')
    const size = Number(this.value(m, 'size'))
    const value = this.value(m, 'value')
    const place = shared(m, address)
    const site = this.sites.find((each) => {
      const start = shared(m, each.address)
      return place !== null && start !== null && place >= start && place < start + each.length
    })
    const stored = bytesToHex(Array.from({ length: Math.min(size, 8) }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn)))
    if (site === undefined || place === null) return { event, site: address, offset: 0, stored, bytes: '' }
    return { event, site: site.address, offset: place - (shared(m, site.address) as number), stored, bytes: this.bytesOf(m, site.address) }
  }

  /** 0 where it cannot be read: then nothing that was recorded agrees with it. */
  private value(m: Machine, name: keyof Observer['expressions']): bigint {
    this.machine = m
    const result = evaluate(this.expressions[name], this.scope)
    return result.ok ? result.value : 0n
  }

  private stackPointer(m: Machine): bigint {
    return joinHalves(m.w[m.c + RSP] as number, m.w[m.c + RSP + 1] as number)
  }

  /** CPUs at which the sync's interrupt is pending, as bits. */
  private pending(m: Machine): number {
    let mask = 0
    for (let cpu = 0; cpu < m.layout.cpus; cpu++) {
      const word = m.w[(m.layout.boxes[cpu] as number) + BOX_IRR + (this.vector >> 5)] as number
      if ((word & (1 << (this.vector & 31))) !== 0) mask |= 1 << cpu
    }
    return mask
  }
}

function labelled(spec: CompareSpec): [Labelled, string][] {
  return [
    ['begin', spec.begin],
    ['int3', spec.writes.int3],
    ['tail', spec.writes.tail],
    ['first', spec.writes.first],
    ['syncBegin', spec.syncBegin],
    ['syncTaken', spec.syncTaken],
    ...spec.syncDone.map((label): [Labelled, string] => ['syncDone', label]),
    ['hit', spec.int3],
    ['handled', spec.handled],
    ['refused', spec.refused],
    ['end', spec.end],
  ]
}

/** Where this byte lies in shared memory: the same through either mapping. */
function shared(m: Machine, address: bigint): number | null {
  const piece = m.find(lowHalf(address), highHalf(address))
  return piece === null || piece.kind < 2 ? null : piece.offset + ((lowHalf(address) - piece.lo) >>> 0)
}
