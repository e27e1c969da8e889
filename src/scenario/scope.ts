/** What names in properties and outcomes mean: registers of one CPU, symbols, parameters, and memory as that CPU may look at it. */
import { highHalf, joinHalves, lowHalf } from '../lib/u64.ts'
import { FLAGS, GPR, RIP } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { PRIVATE } from '../machine/memory-map.ts'
import { memoryBytes } from '../machine/step.ts'
import type { Instance } from './build.ts'
import type { Expression, Scope } from './expression.ts'
import type { ScenarioFile } from './format.ts'
import { stackPointer } from './stack-log.ts'

/**
 * The scope of the machine's selected CPU. Memory is what is visible to all, without this CPU's own buffered stores. Its own private memory can be read,
 * but for the dead part of a stack; that of another CPU cannot, because the search looks at one CPU and the shared part at a time.
 */
export function createScope(instance: Instance, machine: () => Machine): Scope {
  const cache = new Map<string, RegisterName | null>()
  return {
    register(name) {
      let found = cache.get(name)
      if (found === undefined) cache.set(name, (found = registerByName(name)))
      if (found === null) return null
      const m = machine()
      const low = m.w[m.c + found.at] as number
      return joinHalves(low, found.at === FLAGS ? 0 : (m.w[m.c + found.at + 1] as number)) & found.mask
    },
    symbol(name) {
      if (name === 'stack_top') return (instance.cpus[machine().cpu] as { stackTop: bigint }).stackTop
      if (name === 'cpu') return BigInt(machine().cpu)
      return instance.params[name] ?? instance.program.symbol(name)
    },
    memory(address, size) {
      const m = machine()
      for (let i = 0n; i < BigInt(size); i++) if (!readable(m, address + i)) return null
      return readWord(m, address, size)
    },
  }
}

function readable(m: Machine, address: bigint): boolean {
  const piece = m.find(lowHalf(address), highHalf(address))
  if (piece === null) return false
  if (piece.kind !== PRIVATE) return true
  if (piece.owner !== m.cpu) return false
  const bottom = joinHalves(piece.lo, piece.hi)
  const sp = stackPointer(m)
  return !piece.stack || sp < bottom || sp > bottom + BigInt(piece.size) || address >= sp
}

/** Memory's own bytes as a number, the first byte lowest; 0 where nothing is mapped. */
export function readWord(m: Machine, address: bigint, size: number): bigint {
  const bytes = memoryBytes(m, lowHalf(address), highHalf(address), size)
  let value = 0n
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return value
}

/** The first name in an expression that is nothing at all in this scenario, or null. */
export function firstUnknown(expression: Expression, file: ScenarioFile, isSymbol: (name: string) => boolean): string | null {
  const words = new Set(['stack_top', 'cpu', ...file.params.flatMap((param) => [param.name, ...param.values])])
  for (const name of expression.names) if (registerByName(name) === null && !words.has(name) && !isSymbol(name)) return name
  return null
}

interface RegisterName {
  /** Its offset in a CPU's part. */
  readonly at: number
  readonly mask: bigint
}

const NAMES = ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di']
const MASK64 = (1n << 64n) - 1n

function registerByName(name: string): RegisterName | null {
  if (name === 'rflags' || name === 'eflags') return { at: FLAGS, mask: 0xffff_ffffn }
  if (name === 'rip' || name === 'eip') return { at: RIP, mask: name === 'rip' ? MASK64 : 0xffff_ffffn }
  const legacy = /^([re]?)(ax|cx|dx|bx|sp|bp|si|di)$/.exec(name)
  if (legacy !== null) return general(NAMES.indexOf(legacy[2] as string), legacy[1] === 'r' ? MASK64 : legacy[1] === 'e' ? 0xffff_ffffn : 0xffffn)
  const numbered = /^r(8|9|1[0-5])([dwb]?)$/.exec(name)
  if (numbered !== null)
    return general(Number(numbered[1]), { '': MASK64, d: 0xffff_ffffn, w: 0xffffn, b: 0xffn }[numbered[2] as '' | 'd' | 'w' | 'b'])
  const byte = /^(?:([abcd])l|(sp|bp|si|di)l)$/.exec(name)
  return byte === null ? null : general(NAMES.indexOf(byte[1] === undefined ? (byte[2] as string) : `${byte[1]}x`), 0xffn)
}

function general(index: number, mask: bigint): RegisterName {
  return { at: GPR + 2 * index, mask }
}
