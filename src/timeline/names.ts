/** Names for what events say in numbers: addresses, vectors, bytes. */
import { bytesToHex } from '../lib/bytes.ts'
import { hex } from '../lib/u64.ts'

/** What people call an address; whoever built the program implements it. The optional ones make the picture speak, and nothing depends on them. */
export interface NameResolver {
  /** "acks", "caller+0x12"; null outside the program. */
  symbol(address: bigint): string | null
  /** The function that an instruction belongs to. */
  func(address: bigint): string | null
  /** The patch phase that an instruction of the patcher belongs to. */
  phase(address: bigint): string | null
  /** The call site that this address lies in. */
  site(address: bigint): string | null
  /** Which version of a site these bytes are. */
  meaning(address: bigint, bytes: Uint8Array): 'old' | 'new' | 'int3' | 'torn' | null
  /** What the wait loop at this address waits for, in the source's words ("waits for acks"). */
  wait?(address: bigint): string | null
  /** For a function that only the old, or only the new, version of a site leads to: which. */
  outcome?(address: bigint): 'old' | 'new' | null
}

/** An address with its names, looked up once. */
export interface Place {
  readonly address: bigint
  readonly func: string | null
  readonly symbol: string | null
  readonly phase: string | null
  readonly site: string | null
  readonly outcome: 'old' | 'new' | null
}

/** Numbers addresses in the order of their first use, and forgets those that only forgotten steps have used. */
export class Places {
  private readonly numbers = new Map<bigint, number>()
  private readonly places: Place[] = []
  /** The step that used each first. */
  private readonly since: number[] = []
  private readonly names: NameResolver
  /** The step being told. */
  step = 0
  /** Places before this one have stayed since somebody looked, who sets it. */
  kept = 0

  constructor(names: NameResolver) {
    this.names = names
  }

  number(address: bigint): number {
    const known = this.numbers.get(address)
    if (known !== undefined) return known
    const { names } = this
    const number = this.places.length
    this.numbers.set(address, number)
    this.since.push(this.step)
    this.places.push({
      address,
      func: names.func(address),
      symbol: names.symbol(address),
      phase: names.phase(address),
      site: names.site(address),
      outcome: names.outcome?.(address) ?? null,
    })
    return number
  }

  truncate(steps: number): void {
    while (this.since.length > 0 && (this.since[this.since.length - 1] as number) >= steps) {
      this.since.pop()
      this.numbers.delete((this.places.pop() as Place).address)
    }
    this.kept = Math.min(this.kept, this.places.length)
  }

  get count(): number {
    return this.places.length
  }

  at(number: number): Place {
    return this.places[number] as Place
  }

  of(address: bigint): Place {
    return this.at(this.number(address))
  }
}

/** The name under which an instruction's execution is drawn: its function, else the label before it, else its address. */
export function runName(place: Place): string {
  return place.func ?? place.symbol?.replace(/\+0x[0-9a-f]+$/, '') ?? shortAddress(place.address)
}

/** "…125e": what is left of an address that has no name. */
export function shortAddress(address: bigint): string {
  const digits = address.toString(16)
  return digits.length <= 6 ? hex(address) : `…${digits.slice(-4)}`
}

/** "…81001148": the end of a spelled address, where that is long. */
export function shortHex(address: string): string {
  return address.length <= 10 ? address : `…${address.slice(-8)}`
}

/** "e8 1b 02": digits in pairs. */
export function spacedHex(digits: string): string {
  return digits.replace(/..(?=.)/g, '$& ')
}

const EXCEPTIONS: Readonly<Record<number, string>> = {
  0: '#DE',
  1: '#DB',
  2: 'NMI',
  3: '#BP',
  4: '#OF',
  5: '#BR',
  6: '#UD',
  7: '#NM',
  8: '#DF',
  11: '#NP',
  12: '#SS',
  13: '#GP',
  14: '#PF',
  17: '#AC',
}

export function vectorName(vector: number): string {
  return EXCEPTIONS[vector] ?? `vector ${hex(vector)}`
}

/** Bytes as people read them: "e8 1b 02 00 00". */
export function spaced(bytes: ArrayLike<number>): string {
  return spacedHex(bytesToHex(bytes))
}

/** A stored value as the bytes that memory then holds. */
export function storedBytes(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let i = 0; i < size; i++) bytes[i] = Number((value >> BigInt(8 * i)) & 0xffn)
  return bytes
}

/**
 * Where a direct branch leads, or null for anything else. The forms that sites hold: E8 and E9 rel32, EB and 7x rel8, 0F 8x rel32; without
 * prefixes, since patchers write none.
 */
export function branchTarget(address: bigint, bytes: Uint8Array): bigint | null {
  const opcode = bytes[0] ?? 0
  const length = bytes.length
  const near = ((opcode === 0xe8 || opcode === 0xe9) && length === 5) || (opcode === 0x0f && ((bytes[1] ?? 0) & 0xf0) === 0x80 && length === 6)
  const short = (opcode === 0xeb || (opcode & 0xf0) === 0x70) && length === 2
  if (!near && !short) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  const displacement = near ? view.getInt32(length - 4, true) : view.getInt8(1)
  return BigInt.asUintN(address < 1n << 32n ? 32 : 64, address + BigInt(length + displacement))
}
