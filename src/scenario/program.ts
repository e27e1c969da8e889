/** The assembled program as people see it: names for addresses, source lines, patch phases. Pure look-ups, no state. */
import type { Assembly, SourceLine } from '../assembler/assemble.ts'
import { hex } from '../lib/u64.ts'

export class Program {
  readonly assembly: Assembly
  private readonly constants: Readonly<Record<string, bigint>>
  private readonly addresses: readonly (readonly [bigint, string])[]
  private readonly lines: readonly SourceLine[]
  private readonly extents: readonly (readonly [bigint, bigint])[]

  /** `constants`: what was defined for the program from outside (parameters, recorded batches). */
  constructor(assembly: Assembly, constants: Readonly<Record<string, bigint>>) {
    this.assembly = assembly
    this.constants = constants
    this.extents = assembly.sections.map((section) => [section.address, section.address + BigInt(section.bytes.length)] as const)
    const labels: [bigint, string][] = []
    // Local labels (of a label, of a macro's expansion) are no names for people.
    for (const name of assembly.labels) {
      const value = assembly.symbols.get(name)
      if (value !== undefined && !/[.%]/.test(name) && this.sectionEnd(value) !== null) labels.push([value, name])
    }
    this.addresses = labels.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))
    this.lines = [...assembly.lines].sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0))
  }

  symbol(name: string): bigint | null {
    return this.assembly.symbols.get(name) ?? this.constants[name] ?? null
  }

  /** End of the section that holds this address (its end counts as inside: a stack's top), or null. */
  private sectionEnd(address: bigint): bigint | null {
    for (const [start, end] of this.extents) if (address >= start && address <= end) return end
    return null
  }

  /** The label at exactly this address, or null. */
  labelAt(address: bigint): string | null {
    const found = this.addresses[lastAtMost(this.addresses, address, (row) => row[0])]
    return found !== undefined && found[0] === address ? firstNamed(this.addresses, address) : null
  }

  /** "caller", "caller+0x12"; a plain number outside the program. */
  name(address: bigint): string {
    return this.nameOrNull(address) ?? hex(address)
  }

  nameOrNull(address: bigint): string | null {
    if (this.sectionEnd(address) === null) return null
    const index = lastAtMost(this.addresses, address, (row) => row[0])
    const found = this.addresses[index]
    if (found === undefined) return null
    const inSame = this.extents.some(([start, end]) => address >= start && address <= end && found[0] >= start && found[0] <= end)
    if (!inSame) return null
    const label = firstNamed(this.addresses, found[0])
    return found[0] === address ? label : `${label}+0x${(address - found[0]).toString(16)}`
  }

  /** The source line that holds the instruction at this address, or null. */
  line(address: bigint): SourceLine | null {
    const found = this.lines[lastAtMost(this.lines, address, (row) => row.address)]
    return found !== undefined && address < found.address + BigInt(Math.max(found.length, 1)) ? found : null
  }

  func(address: bigint): string | null {
    return this.line(address)?.func ?? null
  }

  phase(address: bigint): string | null {
    return this.line(address)?.phase ?? null
  }

  /** Start addresses of up to `before` instructions ahead of and `after` behind the one at `address`, as assembled. */
  around(address: bigint, before: number, after: number): bigint[] {
    const index = lastAtMost(this.lines, address, (row) => row.address)
    const at = this.lines[index]
    if (at === undefined || at.address !== address) return [address]
    const result: bigint[] = []
    let first = index
    while (first > 0 && index - first < before && contiguous(this.lines[first - 1], this.lines[first])) first--
    for (let i = first; i < this.lines.length && i <= index + after; i++) {
      if (i > first && !contiguous(this.lines[i - 1], this.lines[i])) break
      result.push((this.lines[i] as SourceLine).address)
    }
    return result
  }
}

function contiguous(a: SourceLine | undefined, b: SourceLine | undefined): boolean {
  return a !== undefined && b !== undefined && a.address + BigInt(a.length) === b.address
}

/** Several labels can share an address: the first in the program's order is the name. */
function firstNamed(rows: readonly (readonly [bigint, string])[], address: bigint): string {
  return (rows.find((row) => row[0] === address) as readonly [bigint, string])[1]
}

/** Index of the last row whose key is at most `key`, or -1. */
function lastAtMost<T>(rows: readonly T[], key: bigint, keyOf: (row: T) => bigint): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (keyOf(rows[middle] as T) <= key) low = middle + 1
    else high = middle
  }
  return low - 1
}
