/**
 * Where instruction fetch may run ahead to: the hot windows among the first two windows of any path that a predictor could guess from an address.
 * Known once an address, since the way there leads through cold text only.
 */
import { unitsOfBlock } from './fetch-model.ts'
import type { Instruction } from './instruction.ts'
import type { Machine } from './machine.ts'
import { HOT, type MemoryMap, ROM } from './memory-map.ts'

export interface Path {
  /** Units that may be prefetched, ascending. */
  readonly units: readonly number[]
  /** Those of them in the window of the address itself. */
  readonly here: readonly number[]
}

interface Known extends Path {
  readonly address: bigint
}

const paths = new WeakMap<MemoryMap, Map<number, Known[]>>()

export function pathFrom(m: Machine, unitSize: number, lo: number, hi: number): Path {
  let byUnit = paths.get(m.map)
  if (byUnit === undefined) paths.set(m.map, (byUnit = new Map()))
  // Unit sizes are powers of two below 128, so that they can stand in the low bits of the key.
  const key = lo * 128 + unitSize
  const address = (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)
  const list = byUnit.get(key)
  const known = list?.find((path) => path.address === address)
  if (known !== undefined) return known
  const path = { address, ...walk(m, unitSize, address) }
  if (list === undefined) byUnit.set(key, [path])
  else list.push(path)
  return path
}

/** Not followed: where these go is not in their bytes. */
const ENDS = /^(ret|retf|iret[dq]?|hlt|ud[012]|int[13o]?|sys(call|ret|enter|exit)q?|invalid)$/

function walk(m: Machine, unitSize: number, start: bigint): Path {
  const size = BigInt(unitSize)
  const windowOf = (address: bigint) => address - (address % size)
  const own = windowOf(start)
  const reached = new Set<bigint>()
  const visited = new Set<string>()
  const work: { address: bigint; second: bigint | null }[] = [{ address: start, second: null }]
  while (work.length > 0) {
    const { address, second } = work.pop() as (typeof work)[number]
    const window = windowOf(address)
    const now = window === own ? second : (second ?? window)
    if (window !== own && window !== now) continue
    const key = `${address} ${now}`
    if (visited.has(key)) continue
    visited.add(key)
    reached.add(window)
    const piece = m.find(Number(address & 0xffff_ffffn) | 0, Number(address >> 32n) | 0)
    if (piece === null || !piece.exec) continue
    const offset = Number(address & 0xffff_ffffn) - (piece.lo >>> 0)
    if (piece.kind === HOT) {
      // What stands here may change: go on behind it, window by window.
      const end = address + BigInt(piece.size - offset)
      work.push({ address: end < window + size ? end : window + size, second: now })
      continue
    }
    if (piece.kind !== ROM) continue
    const bytes = m.map.rom.subarray(piece.offset + offset, piece.offset + Math.min(piece.size, offset + 15))
    const instruction = m.config.decode(bytes, Number(address & 0xffff_ffffn) | 0, Number(address >> 32n) | 0, m.bits)
    if (instruction.invalid === 'no-more-bytes') {
      // It runs into hot bytes.
      work.push({ address: address + BigInt(bytes.length), second: now })
      continue
    }
    for (const next of successors(instruction, address)) work.push({ address: next, second: now })
    const last = windowOf(address + BigInt(instruction.length - 1))
    if (last !== window && (now === null || last === now || last === own)) reached.add(last)
  }
  const unitsIn = (window: bigint) => unitsOfBlock(m.map, unitSize, window).map((unit) => unit.index)
  return { here: unitsIn(own), units: [...reached].flatMap(unitsIn).sort((a, b) => a - b) }
}

function successors(instruction: Instruction, address: bigint): bigint[] {
  if (ENDS.test(instruction.mnemonic)) return []
  const target = instruction.operands.find((operand) => operand.kind === 'branch')
  const next = address + BigInt(instruction.length)
  if (target?.kind === 'branch') {
    const to = (BigInt(target.hi >>> 0) << 32n) | BigInt(target.lo >>> 0)
    return instruction.mnemonic === 'jmp' || instruction.mnemonic === 'call' ? [to] : [to, next]
  }
  return instruction.mnemonic === 'jmp' || instruction.mnemonic === 'call' ? [] : [next]
}
