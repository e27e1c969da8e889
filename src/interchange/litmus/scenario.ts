/** A litmus test as a scenario of our own format: shared locations on lines of their own, one CPU a processor, the final state as the outcome. */
import { fail, ok, type Result } from '../../lib/result.ts'
import { parseScenario, type Scenario, type ScenarioFile } from '../../scenario/format.ts'
import { type Place, placesOf, placeText } from './condition.ts'
import type { LitmusTest } from './parse.ts'
import { labelName, locationName, looksAtt, sizeOfRegister, translate } from './translate.ts'

/** What is printed of a final state, in herd7's order: registers by processor, then locations by name. */
export interface Observed {
  readonly place: Place
  /** As in conditions: "0:rax", "[x]". */
  readonly text: string
  readonly bits: number
  readonly signed: boolean
  /** For registers that no instruction of these tests can change by name (rip, cs, …): what the initial state says. */
  readonly constant: bigint | null
}

export interface LitmusScenario {
  readonly scenario: Scenario
  readonly observed: readonly Observed[]
}

interface Location {
  size: number
  typed: boolean
  signed: boolean
  count: number
  values: readonly (bigint | string)[]
}

const DATA = 0x200000
const LINE = 64
const REGISTER_ORDER = ['rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp', 'rsp', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15']
const WIDE: Readonly<Record<string, string>> = { a: 'rax', b: 'rbx', c: 'rcx', d: 'rdx' }

export function litmusScenario(test: LitmusTest): Result<LitmusScenario> {
  const bits = test.arch === 'X86' ? 32 : 64
  if (test.programs.length > 8) return fail(`${test.programs.length} processors: at most 8 are possible`)
  const locations = new Map<string, Location>()
  const fixed = new Map<string, bigint>()
  const registerTypes = new Map<string, { size: number; signed: boolean }>()
  const registerValues = test.programs.map(() => new Map<string, bigint | string>())
  for (const entry of test.init) {
    const type = entry.type === null ? null : sizeOfType(entry.type)
    if (type === undefined) return fail(`the type "${entry.type}" is not known`)
    if (entry.cpu === null) {
      const location = locations.get(entry.name) ?? { size: 4, typed: false, signed: true, count: 1, values: [] }
      if (type !== null) Object.assign(location, { size: type.size, signed: type.signed, typed: true })
      if (entry.array !== null) location.count = entry.array
      if (entry.values !== null) location.values = entry.values
      locations.set(entry.name, location)
      continue
    }
    const register = wideName(entry.name)
    if (register === null || entry.cpu >= test.programs.length) {
      if (FIXED.test(entry.name)) {
        const value = entry.values?.[0]
        fixed.set(`${entry.cpu}:${entry.name.toLowerCase()}`, typeof value === 'bigint' ? value : 0n)
        continue
      }
      return fail(`"${entry.cpu}:${entry.name}" is no general register of a processor`)
    }
    if (type !== null) registerTypes.set(`${entry.cpu}:${register}`, type)
    if (entry.values !== null) registerValues[entry.cpu]?.set(register, entry.values[0] ?? 0n)
  }
  const att = test.programs.some((program) => program.some(looksAtt))
  const lines: string[] = []
  for (const [cpu, program] of test.programs.entries()) {
    lines.push(`section .text.p${cpu} at 0x${(0x10000 + cpu * 0x1000).toString(16)} exec`, `p${cpu}:`)
    for (const raw of program) {
      let instruction = raw
      for (let label = LABEL.exec(instruction); label !== null; label = LABEL.exec(instruction)) {
        lines.push(`p${cpu}_${labelName(label[1] as string)}:`)
        instruction = instruction.slice(label[0].length)
      }
      if (instruction.trim() === '') continue
      const line = translate(instruction, att, bits, {
        size: (name) => (locations.get(name)?.typed === true ? (locations.get(name) as Location).size : bits === 32 ? 4 : null),
        use: (name, size) => {
          const location = locations.get(name) ?? { size: 4, typed: false, signed: true, count: 1, values: [] }
          if (!location.typed && size !== null && size > location.size) location.size = size
          locations.set(name, location)
        },
      })
      if (!line.ok) return fail(`P${cpu}: ${line.error}`)
      lines.push(`  ${line.value.replaceAll('lab_', `p${cpu}_lab_`).replace('end_of_cpu', `p${cpu}_end`)}`)
    }
    lines.push(`p${cpu}_end:`, '  hlt', `  jmp p${cpu}_end`)
  }
  const observed = observe(test, locations, registerTypes, fixed, bits)
  if (!observed.ok) return observed
  lines.push(`section .data at 0x${DATA.toString(16)} shared`, '  dd 0')
  // Constants, not labels: the assembler need not look twice at an instruction that depends on no label.
  let address = DATA + LINE
  for (const [name, location] of locations) {
    lines.push('  align 64', `${locationName(name)} equ 0x${address.toString(16)}`)
    const values = Array.from({ length: Math.max(1, location.count) }, (_, i) => location.values[i] ?? 0n)
    const directive = ({ 1: 'db', 2: 'dw', 4: 'dd', 8: 'dq' } as Record<number, string>)[location.size] as string
    const mask = (1n << BigInt(8 * location.size)) - 1n
    for (const value of values) lines.push(`  ${directive} ${typeof value === 'string' ? locationName(value) : `0x${(value & mask).toString(16)}`}`)
    address += LINE * Math.ceil((values.length * location.size) / LINE)
  }
  const sp = bits === 64 ? 'rsp' : 'esp'
  const stacks = looksAtStack(test)
  if (stacks)
    for (const [cpu] of test.programs.entries())
      lines.push(
        `section .stack${cpu} at 0x${(0x300000 + cpu * 0x1000).toString(16)} private=${cpu} stack`,
        '  resb 128',
        `stack${cpu}_top:`,
        '  resb 64',
      )
  const text = lines.join('\n')
  const { file, cpu: start } = template()
  const scenario: ScenarioFile = {
    ...file,
    title: test.name,
    bits,
    program: [{ name: test.name, text }],
    machine: { ...file.machine, storeBuffer: storesAtMost(test) },
    cpus: test.programs.map((_, cpu) => ({
      ...start,
      role: `P${cpu}`,
      entry: `p${cpu}`,
      registers: {
        ...(stacks ? { [sp]: `stack${cpu}_top` } : {}),
        ...Object.fromEntries(
          [...(registerValues[cpu] ?? [])].map(([name, value]) => [
            bits === 64 ? name : name.replace(/^r/, 'e'),
            typeof value === 'string' ? locationName(value) : `0x${BigInt.asUintN(bits, value).toString(16)}`,
          ]),
        ),
      },
    })),
    outcome: observed.value
      .filter((row) => row.constant === null)
      .map(({ place, bits: width }) =>
        place.cpu !== null ? `${place.cpu}:${wideName(place.name)}` : `u${width}[${locationName(place.name)}+${((place.index ?? 0) * width) / 8}]`,
      ),
  }
  return ok({ scenario: { file: scenario, sources: [{ name: test.name, text }], recording: null }, observed: observed.value })
}

interface Template {
  readonly file: ScenarioFile
  readonly cpu: ScenarioFile['cpus'][number]
}

let checked: Template | null = null

/** What all these scenarios have in common, checked once: the suites have thousands of tests. */
function template(): Template {
  if (checked !== null) return checked
  const parsed = parseScenario({
    format: 1,
    id: 'litmus',
    title: 'litmus',
    program: [{ name: 'litmus', text: '' }],
    cpus: [{ role: 'P0', entry: 'p0' }],
    properties: [{ kind: 'never', id: 'no-fault', title: 'no processor faults', at: [], stops: true }],
  })
  if (!parsed.ok) throw new Error(parsed.error.join('; '))
  checked = { file: parsed.value, cpu: parsed.value.cpus[0] as Template['cpu'] }
  return checked
}

/** Few tests have a use for a stack; the others need not carry one through the search. */
function looksAtStack(test: LitmusTest): boolean {
  const named = (place: { readonly name: string }) => STACK.test(place.name)
  return (
    test.programs.some((program) => program.some((line) => STACK.test(line))) ||
    test.init.some(named) ||
    test.locations.some((text) => STACK.test(text)) ||
    [...placesOf(test.condition.formula).values()].some(named)
  )
}

const STACK = /\b(?:push|pop|call|enter|leave|int|[re]?spl?\b)/i

/** Room in the store buffer so that no store ever waits. An instruction stores at most twice; only what jumps or repeats can run more often than it stands there. */
function storesAtMost(test: LitmusTest): number {
  const longest = Math.max(...test.programs.map((program) => program.length))
  const once = !test.programs.some((program) => program.some((line) => REPEATS.test(line)))
  return once ? Math.min(MOST_STORES, 2 * Math.max(1, longest)) : MOST_STORES
}

const REPEATS = /:|\b(?:j|loop|rep|pusha|enter)/i
const MOST_STORES = 48

/** Registers that herd7 knows by name and whose value these tests only carry along. */
const FIXED = /^([re]?ip|[c-gs]s)$/i

const LABEL = /^\s*([A-Za-z_.][\w.]*)\s*:/

function observe(
  test: LitmusTest,
  locations: Map<string, Location>,
  types: ReadonlyMap<string, { size: number; signed: boolean }>,
  fixed: ReadonlyMap<string, bigint>,
  bits: 32 | 64,
): Result<Observed[]> {
  const places = placesOf(test.condition.formula)
  for (const text of test.locations) {
    const register = /^(\d+)\s*:\s*%?(\w+)$/.exec(text)
    const memory = /^\[?([A-Za-z_]\w*)\]?(?:\[(\d+)\])?$/.exec(text)
    const place: Place | null =
      register !== null
        ? { cpu: Number(register[1]), name: register[2] as string, index: null }
        : memory !== null
          ? { cpu: null, name: memory[1] as string, index: memory[2] === undefined ? null : Number(memory[2]) }
          : null
    if (place === null) return fail(`locations: "${text}" is not read`)
    places.set(placeText(place), place)
  }
  const rows: Observed[] = []
  for (const original of places.values()) {
    // herd7 prints the registers of X86_64 in lower case, those of X86 in upper case.
    const place =
      original.cpu === null ? original : { ...original, name: test.arch === 'X86' ? original.name.toUpperCase() : original.name.toLowerCase() }
    if (place.cpu !== null) {
      if (FIXED.test(place.name)) {
        rows.push({ place, text: placeText(place), bits: 64, signed: true, constant: fixed.get(`${place.cpu}:${place.name.toLowerCase()}`) ?? 0n })
        continue
      }
      const wide = wideName(place.name)
      if (wide === null || place.cpu >= test.programs.length)
        return fail(`the condition names ${placeText(place)}, which is no general register of a processor`)
      const type = types.get(`${place.cpu}:${wide}`)
      rows.push({
        place,
        text: placeText(place),
        bits: type === undefined ? Math.min(8 * (sizeOfRegister(place.name) as number), bits) : 8 * type.size,
        signed: type?.signed ?? true,
        constant: null,
      })
      continue
    }
    const location = locations.get(place.name) ?? { size: 4, typed: false, signed: true, count: 1, values: [] }
    locations.set(place.name, location)
    rows.push({ place, text: placeText(place), bits: 8 * location.size, signed: location.signed, constant: null })
  }
  const order = ({ place }: Observed) =>
    place.cpu === null
      ? `~${place.name}[${String(place.index ?? 0).padStart(9, '0')}`
      : `${place.cpu} ${String(REGISTER_ORDER.indexOf(wideName(place.name) as string)).padStart(2, '0')}`
  return ok(rows.sort((a, b) => (order(a) < order(b) ? -1 : 1)))
}

/** The 64-bit register that holds this one; null for what is no general register. */
export function wideName(name: string): string | null {
  const lower = name.toLowerCase().replace(/^%/, '')
  if (sizeOfRegister(lower) === null) return null
  const numbered = /^r(\d+)[dwb]?$/.exec(lower)
  if (numbered !== null) return `r${numbered[1]}`
  const byte = /^([abcd])[lh]$/.exec(lower)
  if (byte !== null) return WIDE[byte[1] as string] as string
  return `r${lower.replace(/^[re](?=..)/, '').replace(/l$/, '')}`
}

function sizeOfType(type: string): { size: number; signed: boolean } | undefined {
  const plain = type
    .replace(/\b(volatile|const)\b/g, '')
    .replace(/\s+/g, ' ')
    .trim()
  if (plain.endsWith('*') || /^u?intptr_t$/.test(plain)) return { size: 8, signed: false }
  const fixed = /^(u?)int(8|16|32|64)_t$/.exec(plain)
  if (fixed !== null) return { size: Number(fixed[2]) / 8, signed: fixed[1] === '' }
  const signed = !plain.startsWith('unsigned')
  const base = plain.replace(/^(unsigned|signed)\s*/, '')
  const size = ({ '': 4, int: 4, long: 8, 'long long': 8, short: 2, char: 1, quad: 8 } as Record<string, number>)[base]
  return size === undefined ? undefined : { size, signed }
}
