/** Data movement that changes no flag: mov, extensions, lea, cmov, setcc, byte swaps, xlat. */
import { assert } from '../../lib/assert.ts'
import type { Instruction } from '../instruction.ts'
import { bindCondition, conditionalMnemonics, conditionOf } from './conditions.ts'
import {
  type Bits,
  bindAddress,
  bindOffset,
  bindRead,
  bindSegment,
  bindWrite,
  immediateHalves,
  isGeneral,
  operandAt,
  RAX,
  RBX,
  RDX,
  type Read,
  readRegister,
  type Size,
  sizeOf,
  writeRegister,
} from './operands.ts'
import type { Execute, InstructionRecord } from './record.ts'
import { bindControlMove, bindSegmentMove } from './system.ts'

function bindMove(instruction: Instruction, bits: Bits): Execute | null {
  const to = operandAt(instruction, 0)
  const from = operandAt(instruction, 1)
  if ((to.kind !== 'reg' && to.kind !== 'mem') || !isGeneral(from)) return bindSegmentMove(to, from) ?? bindControlMove(to, from)
  const size = sizeOf(to)
  if (to.kind === 'reg' && size >= 4) {
    const d = 2 * to.index
    if (from.kind === 'reg') return size === 8 ? moveRegister64(d, 2 * from.index) : moveRegister32(d, 2 * from.index)
    if (from.kind === 'imm') {
      const [lo, hi] = immediateHalves(from, size)
      return (m) => {
        m.w[m.c + d] = lo
        m.w[m.c + d + 1] = hi
      }
    }
    assert(from.kind === 'mem', `mov from a ${from.kind} operand`)
    const address = bindAddress(from, instruction, bits)
    return (m) => {
      address(m)
      m.load(m.lo, m.hi, size)
      m.w[m.c + d] = m.lo
      m.w[m.c + d + 1] = m.hi
    }
  }
  if (to.kind === 'mem' && from.kind === 'reg' && size >= 4) {
    const address = bindAddress(to, instruction, bits, true)
    const s = 2 * from.index
    return (m) => {
      address(m)
      m.store(m.lo, m.hi, size, m.w[m.c + s] as number, m.w[m.c + s + 1] as number)
    }
  }
  return transfer(bindRead(from, instruction, bits, size), bindWrite(to, instruction, bits))
}

function moveRegister64(d: number, s: number): Execute {
  return (m) => {
    const { w, c } = m
    w[c + d] = w[c + s] as number
    w[c + d + 1] = w[c + s + 1] as number
  }
}

function moveRegister32(d: number, s: number): Execute {
  return (m) => {
    const { w, c } = m
    w[c + d] = w[c + s] as number
    w[c + d + 1] = 0
  }
}

function transfer(read: Read, write: (m: Parameters<Execute>[0], lo: number, hi: number) => void): Execute {
  return (m) => {
    read(m)
    write(m, m.lo, m.hi)
  }
}

/** Sign-extends what `read` left, `size` bytes wide, to 64 bits. */
function signExtended(read: Read, size: Size): Read {
  if (size === 8) return read
  const shift = 32 - 8 * Math.min(size, 4)
  return (m) => {
    read(m)
    m.lo = (m.lo << shift) >> shift
    m.hi = m.lo >> 31
  }
}

function bindExtension(signed: boolean) {
  return (instruction: Instruction, bits: Bits): Execute | null => {
    const to = operandAt(instruction, 0)
    const from = operandAt(instruction, 1)
    assert(to.kind === 'reg', `${instruction.code} writes a ${to.kind} operand`)
    const read = bindRead(from, instruction, bits)
    if (!signed && from.kind === 'mem' && to.size >= 4) return loadExtended(bindAddress(from, instruction, bits), sizeOf(from), 2 * to.index)
    return transfer(signed ? signExtended(read, sizeOf(from)) : read, bindWrite(to, instruction, bits))
  }
}

function loadExtended(address: Read, size: Size, d: number): Execute {
  return (m) => {
    address(m)
    m.load(m.lo, m.hi, size)
    m.w[m.c + d] = m.lo
    m.w[m.c + d + 1] = m.hi
  }
}

/** cbw, cwde, cdqe: al, ax, eax sign-extended in place. */
function bindWiden(size: Size): () => Execute {
  const half = (size / 2) as Size
  return () => transfer(signExtended(readRegister(RAX, half), half), writeRegister(RAX, size))
}

/** cwd, cdq, cqo: the sign of the accumulator all over rdx. */
function bindSignIntoRdx(size: Size): () => Execute {
  const read = signExtended(readRegister(RAX, size), size)
  const write = writeRegister(RDX, size)
  return () => (m) => {
    read(m)
    const sign = m.hi >> 31
    write(m, sign, sign)
  }
}

function bindLea(instruction: Instruction, bits: Bits): Execute | null {
  const to = operandAt(instruction, 0)
  const from = operandAt(instruction, 1)
  assert(to.kind === 'reg' && from.kind === 'mem', instruction.code)
  const offset = bindOffset(from, instruction.addressSize)
  const d = 2 * to.index
  if (to.size === 8) {
    return (m) => {
      offset(m)
      m.w[m.c + d] = m.lo
      m.w[m.c + d + 1] = m.hi
    }
  }
  if (to.size === 4) {
    return (m) => {
      offset(m)
      m.w[m.c + d] = m.lo
      m.w[m.c + d + 1] = 0
    }
  }
  return transfer(offset, bindWrite(to, instruction, bits))
}

function bindCmov(instruction: Instruction, bits: Bits): Execute | null {
  const holds = bindCondition(conditionOf(instruction.mnemonic, 'cmov'))
  const to = operandAt(instruction, 0)
  assert(to.kind === 'reg', `${instruction.code} writes a ${to.kind} operand`)
  const read = bindRead(operandAt(instruction, 1), instruction, bits)
  const write = bindWrite(to, instruction, bits)
  const d = 2 * to.index
  const clearsUpperHalf = to.size === 4
  return (m) => {
    // The source is read, and may fault, whatever the condition says; and a 32-bit cmov clears the upper half even where it moves nothing.
    read(m)
    if (holds(m)) write(m, m.lo, m.hi)
    else if (clearsUpperHalf) m.w[m.c + d + 1] = 0
  }
}

function bindSet(instruction: Instruction, bits: Bits): Execute | null {
  const holds = bindCondition(conditionOf(instruction.mnemonic, 'set'))
  const to = operandAt(instruction, 0)
  assert(to.kind === 'reg' || to.kind === 'mem', `${instruction.code} writes a ${to.kind} operand`)
  const write = bindWrite(to, instruction, bits)
  return (m) => write(m, holds(m) ? 1 : 0, 0)
}

function byteSwapped(value: number): number {
  return ((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)
}

/** Leaves the bytes of the value in m.lo, m.hi in reverse. */
function swapBytes(read: Read, size: Size): Read {
  if (size === 8) {
    return (m) => {
      read(m)
      const { lo } = m
      m.lo = byteSwapped(m.hi)
      m.hi = byteSwapped(lo)
    }
  }
  const shift = size === 4 ? 0 : 16
  return (m) => {
    read(m)
    m.lo = byteSwapped(m.lo) >>> shift
  }
}

function bindByteSwap(instruction: Instruction, bits: Bits): Execute | null {
  const register = operandAt(instruction, 0)
  assert(register.kind === 'reg', instruction.code)
  const write = bindWrite(register, instruction, bits)
  // The manual leaves a 16-bit bswap undefined; processors give 0.
  if (register.size === 2) return (m) => write(m, 0, 0)
  return transfer(swapBytes(bindRead(register, instruction, bits), register.size), write)
}

function bindMovbe(instruction: Instruction, bits: Bits): Execute | null {
  const to = operandAt(instruction, 0)
  assert(to.kind === 'reg' || to.kind === 'mem', instruction.code)
  return transfer(swapBytes(bindRead(operandAt(instruction, 1), instruction, bits), sizeOf(to)), bindWrite(to, instruction, bits))
}

/** al = the byte at rbx + al. */
function bindXlat(instruction: Instruction, bits: Bits): Execute | null {
  const given = instruction.operands.find((operand) => operand.kind === 'mem')
  const table = {
    kind: 'mem',
    size: 1,
    base: RBX,
    index: -1,
    scale: 1,
    dispLo: 0,
    dispHi: 0,
    segment: given?.segment ?? 'ds',
    ripRelative: false,
  } as const
  const base = readRegister(RBX, 8)
  const mask = instruction.addressSize === 2 ? 0xffff : -1
  const wide = instruction.addressSize === 8
  const offset: Read = (m) => {
    base(m)
    const { lo } = m
    const sum = lo + ((m.w[m.c + 2 * RAX] as number) & 0xff)
    m.lo = sum & mask
    m.hi = wide ? (m.hi + (m.lo >>> 0 < lo >>> 0 ? 1 : 0)) | 0 : 0
  }
  const address = bindSegment(table, offset, bits)
  const write = writeRegister(RAX, 1)
  return (m) => {
    address(m)
    m.load(m.lo, m.hi, 1)
    write(m, m.lo, m.hi)
  }
}

export const moveRecords: readonly InstructionRecord[] = [
  {
    mnemonics: ['mov'],
    meaning: 'Copies a register, an immediate or memory; to a control register it serialises.',
    manual: 'SDM 2B MOV',
    microOps: ['load', 'store'],
    drains: (instruction) => instruction.operands[0]?.kind === 'cr',
    bind: bindMove,
  },
  { mnemonics: ['movzx'], meaning: 'Copies and zero-extends.', manual: 'SDM 2B MOVZX', microOps: ['load', 'compute'], bind: bindExtension(false) },
  {
    mnemonics: ['movsx', 'movsxd'],
    meaning: 'Copies and sign-extends.',
    manual: 'SDM 2B MOVSX/MOVSXD',
    microOps: ['load', 'compute'],
    bind: bindExtension(true),
  },
  { mnemonics: ['cbw'], meaning: 'Sign-extends al to ax.', manual: 'SDM 2A CBW/CWDE/CDQE', microOps: ['compute'], bind: bindWiden(2) },
  { mnemonics: ['cwde'], meaning: 'Sign-extends ax to eax.', manual: 'SDM 2A CBW/CWDE/CDQE', microOps: ['compute'], bind: bindWiden(4) },
  { mnemonics: ['cdqe'], meaning: 'Sign-extends eax to rax.', manual: 'SDM 2A CBW/CWDE/CDQE', microOps: ['compute'], bind: bindWiden(8) },
  { mnemonics: ['cwd'], meaning: 'Fills dx with the sign of ax.', manual: 'SDM 2A CWD/CDQ/CQO', microOps: ['compute'], bind: bindSignIntoRdx(2) },
  { mnemonics: ['cdq'], meaning: 'Fills edx with the sign of eax.', manual: 'SDM 2A CWD/CDQ/CQO', microOps: ['compute'], bind: bindSignIntoRdx(4) },
  { mnemonics: ['cqo'], meaning: 'Fills rdx with the sign of rax.', manual: 'SDM 2A CWD/CDQ/CQO', microOps: ['compute'], bind: bindSignIntoRdx(8) },
  { mnemonics: ['lea'], meaning: 'Stores an address, touches no memory.', manual: 'SDM 2A LEA', microOps: ['compute'], bind: bindLea },
  {
    mnemonics: conditionalMnemonics('cmov'),
    meaning: 'Copies where the condition holds; loads in any case.',
    manual: 'SDM 2A CMOVcc',
    microOps: ['load', 'compute'],
    bind: bindCmov,
  },
  {
    mnemonics: conditionalMnemonics('set'),
    meaning: 'Stores the condition as 0 or 1.',
    manual: 'SDM 2B SETcc',
    microOps: ['compute', 'store'],
    bind: bindSet,
  },
  { mnemonics: ['bswap'], meaning: 'Reverses the bytes of a register.', manual: 'SDM 2A BSWAP', microOps: ['compute'], bind: bindByteSwap },
  {
    mnemonics: ['movbe'],
    meaning: 'Loads or stores with the bytes reversed.',
    manual: 'SDM 2B MOVBE',
    microOps: ['load', 'compute', 'store'],
    bind: bindMovbe,
  },
  {
    mnemonics: ['xlatb'],
    meaning: 'Loads al from the table at rbx, indexed by al.',
    manual: 'SDM 2D XLAT/XLATB',
    microOps: ['load'],
    bind: bindXlat,
  },
]
