import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { assemble } from './assemble.ts'
import { bytesOf } from './testing.ts'

const REFERENCE = readFileSync(new URL('fixtures/gnu-as.txt', import.meta.url), 'utf8')

describe('against GNU as (fixtures/gnu-as.mjs checks the table itself)', () => {
  test.each([...REFERENCE.matchAll(/; (\d\d)-bit code\n([^;]*)/g)].map(([, bits, block]) => [Number(bits), block] as [32 | 64, string]))(
    'every line of the %i-bit table has the same bytes',
    (bits, block) => {
      const lines = block.trim().split('\n')
      expect(lines.length).toBeGreaterThan(700)
      const wrong: string[] = []
      for (const line of lines) {
        const space = line.indexOf(' ')
        const statement = line.slice(space + 1)
        const { assembly, diagnostics } = assemble({ bits, files: [{ name: 'line', text: `section t at 0\n${statement}` }] })
        const bytes = assembly === null ? diagnostics[0]?.message : Buffer.from(assembly.sections[0]?.bytes ?? []).toString('hex')
        if (bytes !== line.slice(0, space)) wrong.push(`${statement}: ${bytes}, not ${line.slice(0, space)}`)
      }
      expect(wrong).toEqual([])
    },
  )
})

describe('what the scenarios rest on', () => {
  test.each<[string, string]>([
    ['nop dword ptr [rax+rax*1+0]', '0f1f440000'],
    ['nop', '90'],
    ['int3', 'cc'],
    ['int 3', 'cd03'],
    ['endbr64', 'f30f1efa'],
    ['iretq', '48cf'],
    ['wrmsr', '0f30'],
    ['cpuid', '0fa2'],
    ['serialize', '0f01e8'],
    ['mov cr3, rax', '0f22d8'],
    ['mov rax, cr2', '0f20d0'],
    ['invlpg [rdi]', '0f013f'],
    ['swapgs', '0f01f8'],
    ['lock cmpxchg [rdi], ecx', 'f00fb10f'],
    ['lock cmpxchg16b [rdi]', 'f0480fc70f'],
    ['xchg [rdi], eax', '8707'],
    ['xchg eax, [rdi]', '8707'],
    ['test [rdi], eax', '8507'],
    ['test eax, [rdi]', '8507'],
    ['push qword ptr [rsp+40]', 'ff742428'],
    ['push [rsp+40]', 'ff742428'],
    ['call [rax]', 'ff10'],
    ['jmp r11', '41ffe3'],
    ['notrack jmp rax', '3effe0'],
    ['ud2', '0f0b'],
    ['sti', 'fb'],
    ['hlt', 'f4'],
    ['rep movsb', 'f3a4'],
    ['rep movs byte ptr [rdi], byte ptr [rsi]', 'f3a4'],
    ['repne scasb', 'f2ae'],
    ['lods qword ptr fs:[rsi]', '6448ad'],
    ['stosd', 'ab'],
    ['mov ax, gs:[0x10]', '65668b042510000000'],
    ['mov rax, [gs:0x10]', '65488b042510000000'],
    ['mov rax, gs:0x10', '65488b042510000000'],
    ['cs nop word ptr [rax+rax*1+0]', '2e660f1f440000'],
    ['retf', 'cb'],
    ['retfq', '48cb'],
    ['pushf', '9c'],
    ['mov ds, ax', '8ed8'],
    ['ltr ax', '0f00d8'],
    ['lea rax, [rbx]', '488d03'],
  ])('%s', (text, bytes) => expect(bytesOf(text)).toBe(bytes))

  test.each<[string, string]>([
    ['pushf', '9c'],
    ['pusha', '60'],
    ['iret', 'cf'],
    ['xchg eax, eax', '90'],
    ['mov eax, [0xc1000000]', 'a1000000c1'],
    ['mov eax, [rel 0xc1000000]', 'a1000000c1'],
    ['inc eax', '40'],
    ['jmp 0x10:0xc1000000', 'ea000000c11000'],
    ['lea esi, ds:[esi+0]', '3e8d7600'],
    ['push 0xc1000000', '68000000c1'],
  ])('%s in 32-bit code', (text, bytes) => expect(bytesOf(text, { bits: 32 })).toBe(bytes))
})

describe('traps', () => {
  test.each<[string, string, string]>([
    ['push 0x80', '6880000000', 'is a whole stack slot, not the shorter 16-bit push'],
    ['xchg eax, eax', '87c0', 'clears the upper half, so it is not 90'],
    ['xchg rax, rbx', '4893', 'the short form, whatever the order'],
    ['xchg rbx, rax', '4893', 'the short form'],
    ['mov eax, [rax+0]', '8b4000', 'a literal zero keeps its byte'],
    ['mov eax, [rax]', '8b00', 'nothing written, nothing encoded'],
    ['mov eax, [dword rax]', '8b8000000000', 'four bytes if asked for'],
    ['mov eax, [dword rax+8]', '8b8008000000', 'four bytes if asked for'],
    ['ZERO equ 0\nmov eax, [rax+ZERO]', '8b00', 'a constant zero is an offset like any other'],
    ['mov eax, [rbp]', '8b4500', 'rbp needs a displacement'],
    ['mov eax, [r13]', '418b4500', 'and so does r13'],
    ['mov eax, [rax+rsp]', '8b0404', 'rsp is the base, since it cannot be the index'],
    ['push 5', '6a05', 'the shortest'],
    ['push byte 5', '6a05', 'the same, said aloud'],
    ['push dword 5', '6805000000', 'a size names the encoding'],
    ['add eax, dword 5', '0505000000', 'a size names the encoding'],
    ['mov rax, 5', '48c7c005000000', 'sign-extended'],
    ['mov rax, qword 5', '48b80500000000000000', 'a size names the encoding'],
    ['movabs rax, 5', '48b80500000000000000', 'eight bytes'],
    ['mov rax, 0xffffffff81000000', '48c7c000000081', 'a kernel address fits in a sign-extended half'],
    ['mov eax, 0xffffffff81000000', 'b800000081', 'and in 32 bits, truncated'],
    ['mov rax, 0x81000000', '48b80000008100000000', 'its low half alone does not'],
    ['add eax, 0xfffffff0', '83c0f0', '32 bits of an operation are a signed byte here'],
    ['add rax, -16', '4883c0f0', ''],
    ['imul eax, 5', '6bc005', 'two operands for three'],
    ['shl eax, 1', 'd1e0', 'one is in the opcode'],
    ['mov [rel $+16], eax', '89050a000000', 'relative to the next instruction'],
    ['mov eax, [rip+16]', '8b0510000000', 'a plain number counts from the next instruction'],
    ['mov byte ptr [rip+16], 1', 'c6051000000001', 'also behind an immediate'],
    ['mov eax, [0x1000]', '8b042500100000', 'absolute, not by rip'],
    ['mov al, [0x1122334455667788]', 'a08877665544332211', 'only the accumulator reaches everywhere'],
  ])('%s: %s (%s)', (text, bytes) => expect(bytesOf(`section t at 0x1000\n${text}`)).toBe(bytes))
})

test.each([
  ['jz', 'je'],
  ['jnz', 'jne'],
  ['jc', 'jb'],
  ['jnae', 'jb'],
  ['jnc', 'jae'],
  ['jna', 'jbe'],
  ['jpe', 'jp'],
  ['jng', 'jle'],
  ['jnle', 'jg'],
])('%s is %s', (written, meant) => expect(bytesOf(`${written} $`)).toBe(bytesOf(`${meant} $`)))

test('case does not matter for instructions and registers', () => {
  expect(bytesOf('MOV EAX, DWORD PTR [RBX+RCX*4]')).toBe(bytesOf('mov eax, dword ptr [rbx+rcx*4]'))
})
