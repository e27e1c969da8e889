import { expect, test } from 'vitest'
import { assemble } from './assemble.ts'
import { complaintsOf } from './testing.ts'

test.each<[string, string | RegExp]>([
  ['movv eax, 1', '1:1 unknown mnemonic `movv`; did you mean mov? [mov]'],
  ['frobnicate', '1:1 unknown mnemonic `frobnicate` [an instruction, a directive or a macro]'],
  ['secton text', '1:1 unknown mnemonic `secton`; did you mean section? [section]'],
  ['value db 1', '1:1 unknown mnemonic `value` [value: if this is a label]'],
  ['vaddps xmm0, xmm1, xmm2', '1:8 XMM0 belongs to an instruction set that is not supported [general, segment, control or debug registers]'],
  ['emms2', '1:1 unknown mnemonic `emms2`; did you mean emms? [emms]'],
  ['mov [rax], [rbx]', /^1:1 no form of MOV takes \(mem, mem\) \[MOV r\/m8, r8; /],
  ['mov cr3, eax', /^1:1 no form of MOV takes \(cr, r32\) \[.*MOV cr, r64/],
  ['lea eax, ebx', '1:1 no form of LEA takes (r32, r32) [LEA r32, m]'],
  ['ret 1, 2', '1:1 RET takes 0 or 1 operands, not 2 [RET imm16; RET]'],
  ['cpuid eax', '1:1 CPUID takes no operands, not 1 [CPUID]'],
  ['enter 5', '1:1 ENTER takes 2 operands, not 1 [ENTER imm16, imm8]'],
  ['mov eax, bl', '1:10 the sizes differ: EAX has 32 bits, BL has 8 [operands of one size]'],
  ['add rax, dword ptr [rbx]', '1:10 the sizes differ: RAX has 64 bits, the memory operand has 32 [operands of one size]'],
  ['mov dword ptr al, 1', '1:15 AL has 8 bits, not 32'],
  ['mov [rax], 5', '1:5 the size of the memory operand is not known; say the size: byte/word/dword/qword ptr'],
  ['inc [rax]', '1:5 the size of the memory operand is not known; say the size: byte/word/dword/qword ptr'],
  ['movzx eax, [rax]', '1:12 the size of the memory operand is not known; say the size: byte/word/dword/qword ptr'],
  ['mov eax, [rsp*2]', '1:11 RSP cannot be an index register [any other general register]'],
  ['mov eax, [rsp+rsp]', '1:11 RSP cannot be an index register [any other general register]'],
  ['mov eax, [rax*3]', '1:15 this is no scale [1, 2, 4 or 8]'],
  ['mov eax, [rax*2+rbx*4]', '1:17 only one register can be scaled [[base + index*scale + displacement]]'],
  ['mov eax, [5-rax]', '1:13 a register cannot be subtracted [[base + index*scale + displacement]]'],
  ['mov eax, [eax+rbx]', '1:15 EAX and RBX differ in width [base and index of one width]'],
  ['mov eax, [al]', '1:11 AL cannot be part of an address [64-bit registers (or all 32-bit)]'],
  ['mov eax, [rip+rax]', '1:15 RIP stands alone in an address [[rip + symbol]]'],
  ['mov eax, [rel rax]', '1:15 an address relative to the instruction has no registers [[rel symbol]]'],
  ['mov eax, rip', '1:10 RIP is not an operand [[rip + symbol] for an address near the instruction]'],
  ['mov eax, rax:[5]', '1:10 RAX is not a segment register [es, cs, ss, ds, fs or gs]'],
  ['mov ah, r8b', '1:5 AH cannot stand beside a register that needs a REX prefix (R8…R15, SPL…DIL, 64-bit) [AL, CL, DL or BL instead]'],
  ['lock mov [rax], eax', /^1:1 lock is not allowed on MOV \[add, /],
  ['lock add eax, ebx', '1:1 lock needs a memory destination, which ADD does not have here [a memory operand first]'],
  ['lock add eax, [rbx]', '1:1 lock needs a memory destination, which ADD does not have here [a memory operand first]'],
  ['rep add eax, 1', '1:1 rep is not allowed on ADD [a string instruction]'],
  ['lock lock inc dword ptr [rax]', '1:6 `lock` is written twice'],
  ['mov al, 300', '1:9 300 does not fit in 8 bits [a value from -128 to 255]'],
  ['add rax, 0x80000000', '1:10 0x80000000 does not fit in 32 bits [a value from -2147483648 to 2147483647 (it is sign-extended)]'],
  ['int 256', '1:5 256 does not fit in 8 bits [a value from -128 to 255]'],
  ['mov rbx, [0x10000000000]', /^1:10 the displacement 0x10000000000 does not fit in 32 bits \[.*\[rel symbol\]/],
  ['mov rbx, [rel 0x10000000000]', '1:10 0x10000000000 is more than 2 GiB away from this instruction [a nearer address]'],
  ['mov eax, [byte rax+500]', '1:10 the displacement 500 does not fit in a byte [a value from -128 to 127]'],
  ['jmp short $+200', '1:5 the target is 200 bytes away, too far for a short form of JMP [-128…127 bytes from the next instruction]'],
  ['jmp 0x8000000000', /^1:5 the target is \d+ bytes away, too far for any form of JMP/],
  ['loop $+200', '1:6 the target is 200 bytes away, too far for a short form of LOOP [-128…127 bytes from the next instruction]'],
  ['pusha', '1:1 PUSHA exists in 32-bit code only'],
  ['push eax', '1:1 no form of PUSH takes (r32) [PUSH r16; PUSH r64; PUSH imm16; PUSH imm32; PUSH imm8; PUSH r/m16; PUSH r/m64; PUSH FS; …]'],
  ['iret', '1:1 IRET pops 32-bit values even in 64-bit code [iretq (or iretd, if that is meant)]'],
  ['mov eax,', '1:9 an expression is missing at the end of the line [a number, a symbol, $ or a parenthesis]'],
  ['mov eax 5', '1:9 unexpected `5` after the operand [the end of the line]'],
  ['mov eax, [rax', '1:14 `]` is missing at the end of the line [a closing bracket]'],
  ['mov eax, (1+2', '1:14 `)` is missing at the end of the line [a closing parenthesis]'],
  ['mov eax, 5 +', '1:13 an expression is missing at the end of the line [a number, a symbol, $ or a parenthesis]'],
  ['db rax', '1:4 the register RAX has no value here [a constant expression]'],
  ['mov eax, 0x1g', '1:10 `0x1g` is no number [decimal, 0x…, 0b… or 0o… digits]'],
  ['mov rax, 0x10000000000000000', '1:10 `0x10000000000000000` does not fit in 64 bits [at most 0xffffffffffffffff]'],
  ['db "open', '1:4 the string does not end [a closing "]'],
  ['db "\\q"', '1:5 unknown escape `\\q` [\\n \\t \\r \\0 \\\\ \\\' \\"]'],
  ['mov eax, 5 § 6', '1:12 unexpected character `§`'],
  ['call nowhere', '1:6 `nowhere` is not defined [a label, an equ constant or a parameter]'],
  ['counter: dd 0\ninc dword ptr [rel countr]', '2:20 `countr` is not defined; did you mean counter? [counter]'],
  ['x: nop\nx: nop', '2:1 `x` is already defined at test.asm:1 [a new name]'],
  ['x equ x + 1', '1:1 `x` is defined by itself [an expression of other names]'],
  ['rax: nop', '1:1 `rax` is a reserved word [a name that is no register, size or directive]'],
  ['align: nop', '1:1 `align` is a reserved word [a name that is no register, size or directive]'],
  ['a.b: nop', '1:1 `a.b` has a dot inside [name, or .name for a local one]'],
  ['.x: nop', '1:1 the local name `.x` comes before any label it could belong to [a label without a dot first]'],
  ['f: jmp .x\ng:\n.x: nop', '1:8 `f.x` is not defined; did you mean g.x? [g.x]'],
  ['align 3', '1:7 3 is no alignment [a power of two]'],
  ['func', '1:1 func defines a label [func NAME]'],
  ['phase tail', '1:7 phase takes a string [phase "name", or phase "" to end it]'],
  ['times 3 align 4', '1:9 `align` cannot be repeated by times [db, dw, dd, dq or an instruction; rept … endr repeats lines]'],
  ['[rax]', '1:1 unexpected `[` [a label, an instruction or a directive]'],
])('%j: %s', (text, complaint) => {
  const complaints = complaintsOf(text)
  expect(complaints).toHaveLength(1)
  if (typeof complaint === 'string') expect(complaints[0]).toBe(complaint)
  else expect(complaints[0]).toMatch(complaint)
})

test.each<[string, string]>([
  ['mov rax, 1', '1:5 RAX exists in 64-bit code only'],
  ['mov al, sil', '1:9 SIL exists in 64-bit code only'],
  ['mov eax, [r8d]', '1:11 R8D exists in 64-bit code only'],
  ['iretq', '1:1 IRETQ exists in 64-bit code only'],
  ['db defined', '1:4 `defined` is not defined [a label, an equ constant or a parameter]'],
])('%j in 32-bit code: %s', (text, complaint) => expect(complaintsOf(text, { bits: 32 })).toEqual([complaint]))

test('all mistakes are found in one run, in the order of the text', () => {
  const { assembly, diagnostics } = assemble({
    bits: 64,
    files: [
      { name: 'a.asm', text: 'call nowhere\nmov al, 300\nmovv eax, 1' },
      { name: 'b.asm', text: 'db 256\n  mov eax, bl' },
    ],
  })
  expect(assembly).toBeNull()
  expect(diagnostics.map(({ file, line, column, length }) => [file, line, column, length])).toEqual([
    ['a.asm', 1, 6, 7],
    ['a.asm', 2, 9, 3],
    ['a.asm', 3, 1, 4],
    ['b.asm', 1, 4, 3],
    ['b.asm', 2, 12, 2],
  ])
})

test('a warning does not stop the assembly', () => {
  const { assembly, diagnostics } = assemble({ bits: 64, files: [{ name: 'a', text: 'iret' }] })
  expect(assembly).not.toBeNull()
  expect(diagnostics[0]?.severity).toBe('warning')
})

test('nobody reads more than 200 complaints', () => {
  expect(complaintsOf(Array.from({ length: 500 }, (_, i) => `call x${i}`).join('\n'))).toHaveLength(200)
})

test('names of the defines count as defined', () => {
  expect(complaintsOf('N equ 1', { defines: { N: 2n } })).toEqual(['1:1 `N` is already defined by a parameter [a new name]'])
})
