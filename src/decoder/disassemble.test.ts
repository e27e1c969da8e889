import { expect, test } from 'vitest'
import { hexToBytes } from '../lib/bytes.ts'
import { BAD, createDisassemble } from './disassemble.ts'

const disassemble = createDisassemble()

const SYMBOLS = new Map([
  [0xffff_ffff_8100_0105n, 'callee_a'],
  [0xffff_ffff_8100_0010n, 'counter'],
  [0xc100_0010n, 'counter'],
])

test.each<[string, 32 | 64, string]>([
  ['e8 00 01 00 00', 64, 'call callee_a'],
  ['e8 00 02 00 00', 64, 'call 0xffffffff81000205'],
  ['eb fe', 64, 'jmp 0xffffffff81000000'],
  ['8b 05 0a 00 00 00', 64, 'mov eax, dword ptr [rel counter]'],
  ['8b 05 0b 00 00 00', 64, 'mov eax, dword ptr [rel 0xffffffff81000011]'],
  ['8b 04 25 10 00 00 81', 64, 'mov eax, dword ptr [counter]'],
  ['65 8b 04 25 10 00 00 81', 64, 'mov eax, dword ptr gs:[0xffffffff81000010]'],
  ['a1 10 00 00 c1', 32, 'mov eax, dword ptr [counter]'],
  ['0f 1f 44 00 00', 64, 'nop dword ptr [rax+rax*1+0]'],
  ['83 c0 ff', 64, 'add eax, -1'],
  ['48 c7 c7 00 00 00 81', 64, 'mov rdi, 0xffffffff81000000'],
  ['f0 0f b1 0f', 64, 'lock cmpxchg dword ptr [rdi], ecx'],
  ['48 bf 02 00 00 00 0f 00 00 00', 64, 'mov rdi, 0xf00000002'],
  ['48 a1 05 00 00 00 01 00 00 00', 64, 'mov rax, qword ptr [0x100000005]'],
  ['c2 08 00', 64, 'ret 8'],
  ['cc', 64, 'int3'],
  ['6a 1b', 64, 'push 0x1b'],
  ['48 cf', 64, 'iretq'],
  ['06', 64, BAD],
  ['0f', 64, BAD],
  ['', 64, BAD],
])('%s (%i bits) reads "%s"', (hex, bits, text) => {
  const bytes = hexToBytes(hex.replaceAll(' ', '')) as Uint8Array
  const address = bits === 64 ? 0xffff_ffff_8100_0000n : 0xc100_0000n
  const symbolAt = (at: bigint) => SYMBOLS.get(at) ?? null
  expect(disassemble(bytes, Number(BigInt.asIntN(32, address)), Number(BigInt.asIntN(32, address >> 32n)), bits, symbolAt)).toBe(text)
})

test('symbols are optional', () => {
  expect(disassemble(Uint8Array.of(0xeb, 0xfe), 0x1000, 0, 64)).toBe('jmp 0x1000')
})
