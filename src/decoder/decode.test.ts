import { isReady, wasmMemoryBytes } from 'iced-x86'
import { describe, expect, test } from 'vitest'
import { hexToBytes } from '../lib/bytes.ts'
import { Random } from '../lib/random.ts'
import type { Instruction, Operand } from '../machine/instruction.ts'
import { createDecode } from './decode.ts'

const decode = createDecode()

/** Decodes at 0xffffffff81000000 (64-bit) or 0xc1000000 (32-bit). */
function at(hex: string, bits: 32 | 64 = 64): Instruction {
  const bytes = hexToBytes(hex.replaceAll(' ', '')) as Uint8Array
  return bits === 64 ? decode(bytes, 0x8100_0000 | 0, -1, 64) : decode(bytes, 0xc100_0000 | 0, 0, 32)
}

function reg(index: number, size: 1 | 2 | 4 | 8, high = false): Operand {
  return { kind: 'reg', index, size, high }
}

function imm(value: bigint, size: number): Operand {
  return { kind: 'imm', lo: Number(BigInt.asIntN(32, value)), hi: Number(BigInt.asIntN(32, value >> 32n)), size }
}

function mem(fields: Partial<Extract<Operand, { kind: 'mem' }>>): Operand {
  return { kind: 'mem', size: 8, base: -1, index: -1, scale: 1, dispLo: 0, dispHi: 0, segment: 'ds', ripRelative: false, ...fields }
}

test('iced is loaded by the set-up file', () => expect(isReady()).toBe(true))

describe('operands', () => {
  test.each<[string, string, Operand[]]>([
    ['48 89 d8', 'mov rax, rbx', [reg(0, 8), reg(3, 8)]],
    ['45 89 f8', 'mov r8d, r15d', [reg(8, 4), reg(15, 4)]],
    ['66 41 89 e4', 'mov r12w, sp', [reg(12, 2), reg(4, 2)]],
    ['88 e0', 'mov al, ah', [reg(0, 1), reg(0, 1, true)]],
    ['88 fe', 'mov dh, bh', [reg(2, 1, true), reg(3, 1, true)]],
    ['40 88 e0', 'mov al, spl: the same code with a REX prefix', [reg(0, 1), reg(4, 1)]],
    ['45 88 c7', 'mov r15b, r8b', [reg(15, 1), reg(8, 1)]],
    ['8c d8', 'mov eax, ds', [reg(0, 4), { kind: 'seg', segment: 'ds' }]],
    ['0f 22 d8', 'mov cr3, rax', [{ kind: 'cr', index: 3 }, reg(0, 8)]],
    ['44 0f 20 c0', 'mov rax, cr8', [reg(0, 8), { kind: 'cr', index: 8 }]],
    ['0f 23 f8', 'mov dr7, rax', [{ kind: 'dr', index: 7 }, reg(0, 8)]],
    [
      '0f 28 c1',
      'movaps xmm0, xmm1',
      [
        { kind: 'other', what: 'xmm0' },
        { kind: 'other', what: 'xmm1' },
      ],
    ],
    ['d9 c1', 'fld st(1)', [{ kind: 'other', what: 'st1' }]],
  ])('%s is %s', (hex, _, operands) => {
    expect(at(hex).operands).toEqual(operands)
  })

  test('a far pointer is an operand that the machine has no word for', () => {
    expect(at('ea 78 56 34 12 10 00', 32).operands).toEqual([{ kind: 'other', what: 'far pointer' }])
  })
})

describe('immediates arrive extended to the size of the operation', () => {
  test.each<[string, 32 | 64, string, Operand]>([
    ['83 c0 ff', 64, 'add eax, imm8 is sign-extended to 32 bits only', imm(0xffff_ffffn, 4)],
    ['48 83 c0 ff', 64, 'add rax, imm8', imm(-1n, 8)],
    ['48 05 00 00 00 80', 64, 'add rax, imm32', imm(-0x8000_0000n, 8)],
    ['66 83 c0 80', 64, 'add ax, imm8', imm(0xff80n, 2)],
    ['04 ff', 64, 'add al, imm8', imm(0xffn, 1)],
    ['b8 00 00 00 81', 64, 'mov eax, imm32', imm(0x8100_0000n, 4)],
    ['48 b8 88 77 66 55 44 33 22 11', 64, 'mov rax, imm64', imm(0x1122_3344_5566_7788n, 8)],
    ['6a 80', 64, 'push imm8', imm(-0x80n, 8)],
    ['68 00 00 00 81', 64, 'push imm32', imm(-0x7f00_0000n, 8)],
    ['6a 80', 32, 'push imm8 in 32-bit code', imm(0xffff_ff80n, 4)],
    ['cd 80', 64, 'int imm8', imm(0x80n, 1)],
    ['c2 08 00', 64, 'ret imm16', imm(8n, 2)],
    ['d1 e0', 64, 'shl eax, 1 (in the opcode)', imm(1n, 1)],
  ])('%s (%i bits): %s', (hex, bits, _, expected) => {
    expect(at(hex, bits).operands.at(-1)).toEqual(expected)
  })

  test('enter has two', () => {
    expect(at('c8 10 00 01').operands).toEqual([imm(16n, 2), imm(1n, 1)])
  })
})

describe('memory', () => {
  test.each<[string, 32 | 64, string, number, Operand, number]>([
    ['48 8b 45 f8', 64, 'rbp uses ss', 1, mem({ base: 5, dispLo: -8, dispHi: -1, segment: 'ss' }), 8],
    ['8b 44 b3 10', 64, 'base, index, scale', 1, mem({ size: 4, base: 3, index: 6, scale: 4, dispLo: 16 }), 8],
    ['43 8b 04 a4', 64, 'r12 is an index, unlike rsp', 1, mem({ size: 4, base: 12, index: 12, scale: 4 }), 8],
    ['8b 05 10 00 00 00', 64, 'rip-relative: after the 6 bytes', 1, mem({ size: 4, dispLo: 0x8100_0016 | 0, dispHi: -1, ripRelative: true }), 8],
    [
      'c7 05 10 00 00 00 01 00 00 00',
      64,
      'rip-relative: behind the immediate too',
      0,
      mem({ size: 4, dispLo: 0x8100_001a | 0, dispHi: -1, ripRelative: true }),
      8,
    ],
    ['8b 04 25 00 10 00 81', 64, 'absolute, sign-extended', 1, mem({ size: 4, dispLo: 0x8100_1000 | 0, dispHi: -1 }), 8],
    ['65 48 8b 04 25 28 00 00 00', 64, 'gs', 1, mem({ dispLo: 0x28, segment: 'gs' }), 8],
    ['48 a1 88 77 66 55 44 33 22 11', 64, 'moffs', 1, mem({ dispLo: 0x5566_7788, dispHi: 0x1122_3344 }), 8],
    ['67 8b 45 f8', 64, '32-bit addressing: upper half of the displacement zero', 1, mem({ size: 4, base: 5, dispLo: -8, segment: 'ss' }), 4],
    ['8b 45 f8', 32, 'ebp - 8', 1, mem({ size: 4, base: 5, dispLo: -8, segment: 'ss' }), 4],
    ['a1 00 00 00 c1', 32, 'moffs in 32-bit code', 1, mem({ size: 4, dispLo: 0xc100_0000 | 0 }), 4],
    ['67 8b 40 04', 32, '16-bit addressing', 1, mem({ size: 4, base: 3, index: 6, dispLo: 4 }), 2],
    ['d7', 64, 'xlatb: rbx, AL is the instruction’s own', 0, mem({ size: 1, base: 3 }), 8],
    ['48 0f c7 0f', 64, 'cmpxchg16b', 0, mem({ size: 16, base: 7 }), 8],
  ])('%s (%i bits): %s', (hex, bits, _, index, operand, addressSize) => {
    const decoded = at(hex, bits)
    expect(decoded.operands[index]).toEqual(operand)
    expect(decoded.addressSize).toBe(addressSize)
  })

  test.each([
    ['8d 45 f8', 'lea', 1],
    ['0f 01 3f', 'invlpg', 0],
    ['0f 1f 44 00 00', 'nop', 0],
    ['0f 18 08', 'prefetcht0', 0],
  ])('%s: %s computes an address and touches nothing there', (hex, mnemonic, index) => {
    const decoded = at(hex)
    expect(decoded.mnemonic).toBe(mnemonic)
    expect(decoded.operands[index]).toMatchObject({ kind: 'mem', size: 0 })
  })

  test.each<[string, string, Operand[], number]>([
    ['f3 a4', 'movsb', [mem({ size: 1, base: 7, segment: 'es' }), mem({ size: 1, base: 6 })], 8],
    ['64 48 a5', 'movsq', [mem({ base: 7, segment: 'es' }), mem({ base: 6, segment: 'fs' })], 8],
    ['67 ab', 'stosd', [mem({ size: 4, base: 7, segment: 'es' }), reg(0, 4)], 4],
    ['a6', 'cmpsb', [mem({ size: 1, base: 6 }), mem({ size: 1, base: 7, segment: 'es' })], 8],
  ])('%s: the implicit operands of %s', (hex, mnemonic, operands, addressSize) => {
    expect(at(hex)).toMatchObject({ mnemonic, operands, addressSize })
  })
})

describe('branches', () => {
  test.each<[string, 32 | 64, string, number, number]>([
    ['e8 00 00 00 00', 64, 'call', 0x8100_0005 | 0, -1],
    ['eb fe', 64, 'jmp', 0x8100_0000 | 0, -1],
    ['0f 84 00 00 00 80', 64, 'je', 0x0100_0006, -1],
    ['e8 00 00 00 00', 32, 'call', 0xc100_0005 | 0, 0],
    ['e9 00 00 00 7f', 32, 'jmp', 0x4000_0005, 0],
  ])('%s (%i bits) is %s to an absolute address', (hex, bits, mnemonic, lo, hi) => {
    expect(at(hex, bits)).toMatchObject({ mnemonic, operands: [{ kind: 'branch', lo, hi }] })
  })
})

describe('facts about the form', () => {
  test.each<[string, 32 | 64, Partial<Instruction>]>([
    ['f0 0f b1 0f', 64, { mnemonic: 'cmpxchg', code: 'Cmpxchg_rm32_r32', lock: true, lockable: true, length: 4 }],
    ['89 07', 64, { mnemonic: 'mov', lockable: false }],
    ['f3 a4', 64, { rep: true, repne: false }],
    ['f2 ae', 64, { mnemonic: 'scasb', rep: false, repne: true }],
    ['0f a2', 64, { mnemonic: 'cpuid', serializingIntel: true, serializingAmd: true, privileged: false }],
    ['0f ae f0', 64, { mnemonic: 'mfence', serializingIntel: false, serializingAmd: true }],
    ['0f 30', 64, { mnemonic: 'wrmsr', privileged: true, serializingIntel: true, serializingAmd: true }],
    ['0f 01 e8', 64, { mnemonic: 'serialize', serializingIntel: true, privileged: false }],
    ['48 cf', 64, { mnemonic: 'iretq', stackSize: 40, serializingIntel: true }],
    ['cf', 32, { mnemonic: 'iretd', stackSize: 12 }],
    ['60', 32, { mnemonic: 'pushad', stackSize: 32 }],
    ['e8 00 00 00 00', 64, { stackSize: 8 }],
    ['e8 00 00 00 00', 32, { stackSize: 4 }],
    ['66 50', 64, { mnemonic: 'push', stackSize: 2 }],
    ['cc', 64, { mnemonic: 'int3', code: 'Int3', length: 1 }],
    ['f3 90', 64, { mnemonic: 'pause', rep: false }],
    ['67 e3 00', 64, { mnemonic: 'jecxz', addressSize: 4 }],
    ['e2 00', 32, { mnemonic: 'loop', addressSize: 4 }],
    ['f3 0f 1e fa', 64, { mnemonic: 'endbr64', code: 'Endbr64' }],
  ])('%s (%i bits)', (hex, bits, expected) => {
    expect(at(hex, bits)).toMatchObject({ ...expected, invalid: null })
  })
})

describe('bytes that are no instruction', () => {
  test.each<[string, 32 | 64, Instruction['invalid'], string]>([
    ['06', 64, 'undefined', 'push es is gone in 64-bit mode'],
    ['0f 04', 64, 'undefined', 'no such opcode, whatever follows'],
    ['f0 89 07', 64, 'undefined', 'mov takes no lock'],
    ['f0 0f b1 cf', 64, 'undefined', 'lock needs memory'],
    ['0f b9', 64, 'no-more-bytes', 'ud1 has a ModRM byte'],
    ['0f', 64, 'no-more-bytes', 'half an opcode'],
    ['0f c7', 64, 'no-more-bytes', 'some ModRM bytes make cmpxchg8b of it'],
    ['0f c7 00', 64, 'undefined', 'this one does not'],
    ['f0', 64, 'no-more-bytes', 'a prefix'],
    ['', 64, 'no-more-bytes', 'nothing at all'],
    ['e8 00 00 00', 64, 'no-more-bytes', 'a call without its last byte'],
    ['8b 05 00 00', 64, 'no-more-bytes', 'half a displacement'],
    ['66 66 66 66 66 66 66 66 66 66 66 66 66 66 90', 64, null, '15 bytes are allowed'],
    ['66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90', 64, 'too-long', '16 are not'],
    ['66 66 66 66 66 66 66 66 66 66 66 66 66 66 0f 1f 00', 64, 'too-long', 'the limit lies inside the opcode'],
    ['66 66 66 66 66 66 66 66 66 66 66 66 66 66 06 00', 64, 'undefined', 'bad within 15 bytes'],
    ['c4 e1 78', 64, 'no-more-bytes', 'a VEX prefix'],
    ['62', 64, 'no-more-bytes', 'an EVEX prefix'],
    ['06', 32, null, 'push es in 32-bit mode'],
    ['48', 32, null, 'dec eax in 32-bit mode'],
    ['48', 64, 'no-more-bytes', 'a REX prefix in 64-bit mode'],
    ['82 00', 64, 'undefined', 'an alias that 64-bit mode lacks'],
  ])('%s (%i bits): %s, for %s', (hex, bits, invalid) => {
    const decoded = at(hex, bits)
    expect(decoded.invalid).toBe(invalid)
    if (invalid !== null) expect(decoded).toMatchObject({ mnemonic: 'invalid', code: 'INVALID', operands: [] })
    expect(decoded.length).toBeGreaterThanOrEqual(1)
    expect(decoded.length).toBeLessThanOrEqual(15)
  })
})

const SEED = 20261121

test(`every truncation of a valid instruction says no-more-bytes, for both kinds of code (seed ${SEED})`, () => {
  const random = new Random(SEED)
  let valid = 0
  for (let i = 0; i < 4000; i++) {
    const bytes = Uint8Array.from({ length: 15 }, () => random.below(256))
    const bits = random.pick([32, 64] as const)
    const whole = decode(bytes, 0, 0, bits)
    if (whole.invalid !== null) continue
    valid++
    const cut = random.below(whole.length)
    expect(decode(bytes.subarray(0, cut), 0, 0, bits).invalid, `${Array.from(bytes)} cut to ${cut}, ${bits} bits`).toBe('no-more-bytes')
    expect(decode(bytes.subarray(0, whole.length), 0, 0, bits)).toEqual(whole)
  }
  expect(valid).toBeGreaterThan(1000)
})

test('decoding leaks no WebAssembly memory', () => {
  const code = hexToBytes('48894424080f1f440000') as Uint8Array
  const half = hexToBytes('0f') as Uint8Array
  const round = () => {
    for (let i = 0; i < 5000; i++) decode(code, i, 0, 64)
    for (let i = 0; i < 5; i++) decode(half, i, 0, 64)
  }
  round()
  const before = wasmMemoryBytes()
  for (let i = 0; i < 20; i++) round()
  expect(wasmMemoryBytes()).toBe(before)
})
