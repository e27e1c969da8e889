/** The programs of the test image: from the boot loader into the mode, through the cases one by one, and the handlers that report. Our own words, our own assembler. */
import {
  type Bits,
  CASE_BYTES,
  CASES,
  DRIVER,
  EOI,
  FILLING,
  IDT,
  IMAGE,
  IST,
  PAGES,
  POINTERS,
  RING0,
  SAVED,
  SELECTORS,
  STACK,
  STACK_BYTES,
  STUB_BYTES,
  STUBS,
} from './places.ts'

/** Fields of a case record, 8 bytes each. */
export const FIELDS = ['ip', 'sp', 'flags', 'cs', 'ss', 'r14', 'r15', 'nmi'] as const

/** What a handler reports, 8 bytes each; then the words of its stack. */
export const REPORTED = ['vector', 'sp', 'flags', 'cs', 'ss', 'cr2'] as const
export const STACK_WORDS = 6
const REPORT_WORDS = REPORTED.length + STACK_WORDS

const CURRENT = SAVED
const DRAINING = SAVED + 16
const REPORT = SAVED + 0x100
const REGISTERS = SAVED + 0x200
const DRIVER_STACK = SAVED + 0x8000

/** Multiboot: the loader enters `boot` in 32-bit protected mode. */
export function bootText(bits: Bits, imageEnd: number): string {
  const magic = 0x1bad_b002
  const flags = 0x1_0000
  const { code, data } = SELECTORS[32]
  const toLong = `
 mov eax, cr4
 or eax, 0x20
 mov cr4, eax
 mov eax, ${PAGES}
 mov cr3, eax
 mov ecx, 0xc0000080
 rdmsr
 or eax, 0x900
 wrmsr
 mov eax, cr0
 or eax, 0x80010000
 mov cr0, eax
 jmp ${SELECTORS[64].code}:${DRIVER}`
  return `section .boot at ${IMAGE} exec
 dd ${magic}, ${flags}, ${-(magic + flags) >>> 0}
 dd ${IMAGE}, ${IMAGE}, ${imageEnd}, ${imageEnd}, boot
boot:
 cli
 lgdt [${POINTERS}]
 mov esp, ${DRIVER_STACK}
 jmp ${code}:reloaded
reloaded:
 mov eax, ${data}
 mov ds, ax
 mov es, ax
 mov ss, ax
${bits === 64 ? toLong : ` jmp ${code}:${DRIVER}`}
`
}

/** A handler's way in: 16 bytes a vector. */
export function stubsText(bits: Bits): string {
  const register = bits === 64 ? 'rax' : 'eax'
  const stubs = Array.from({ length: 256 }, (_, vector) => ` mov [${REGISTERS}], ${register}\n mov al, ${vector}\n jmp near_common\n align 16`)
  return `section .stubs at ${STUBS} exec\n${stubs.join('\n')}\n`
}

export function driverText(bits: Bits): string {
  return bits === 64 ? driver64() : driver32()
}

const print = (a: string, size: number) => `
; Prints the low ${8 * size} bits of ${a}ax in hexadecimal, then a space.
print:
 mov ${a}bx, ${a}ax
 mov ecx, ${2 * size}
.digit:
 rol ${a}bx, 4
 mov al, bl
 and al, 15
 add al, '0'
 cmp al, '9'
 jbe .out
 add al, 39
.out:
 out 0xe9, al
 dec ecx
 jnz .digit
 mov al, ' '
 out 0xe9, al
 ret
`

const finish = `
finish:
 mov al, '.'
 out 0xe9, al
 mov al, 10
 out 0xe9, al
 mov eax, 0
 out 0xf4, al
.rest:
 hlt
 jmp .rest
`

function driver64(): string {
  const { data } = SELECTORS[64]
  return `section .driver at ${DRIVER} exec
 mov eax, ${data}
 mov ds, ax
 mov es, ax
 mov ss, ax
 mov rsp, ${DRIVER_STACK}
 lidt [${POINTERS + 16}]
 mov eax, 0x38
 ltr ax
; Switch the local APIC on.
 mov rax, 0xfee000f0
 mov dword ptr [rax], 0x1ff
 mov qword ptr [${CURRENT}], ${CASES}
next:
; Nothing may be left pending: an IRET unblocks NMIs, a window lets interrupts through.
 mov qword ptr [${DRAINING}], 1
 mov word ptr [${IDT + 2 * 16}], ${(STUBS + 2 * STUB_BYTES) & 0xffff}
 mov word ptr [${IDT + 2 * 16 + 6}], ${(STUBS + 2 * STUB_BYTES) >>> 16}
 mov rsp, ${DRIVER_STACK}
 push ${data}
 push ${DRIVER_STACK}
 push 2
 push ${SELECTORS[64].code}
 lea rax, [rel drained]
 push rax
 iretq
drained:
 sti
 nop
 nop
 nop
 cli
 mov qword ptr [${DRAINING}], 0
 mov rbx, [${CURRENT}]
 cmp qword ptr [rbx], 0
 je finish
; The gate of the NMI is the case's.
 mov eax, [rbx + 56]
 mov [${IDT + 2 * 16}], ax
 shr eax, 16
 mov [${IDT + 2 * 16 + 6}], ax
 cld
 mov rax, 0x${FILLING.toString(16).repeat(8)}
${[STACK, IST, RING0].map((at) => ` mov edi, ${at}\n mov ecx, ${STACK_BYTES / 8}\n rep stosq`).join('\n')}
 xor eax, eax
 mov cr2, rax
 push qword ptr [rbx + 32]
 push qword ptr [rbx + 8]
 push qword ptr [rbx + 16]
 push qword ptr [rbx + 24]
 push qword ptr [rbx]
 mov r14, [rbx + 40]
 mov r15, [rbx + 48]
 mov eax, ${data}
 xor ebx, ebx
 xor ecx, ecx
 xor edx, edx
 xor esi, esi
 xor edi, edi
 xor ebp, ebp
 iretq
near_common:
 mov [${REGISTERS + 8}], rcx
 movzx eax, al
 mov [${REPORT}], rax
 mov [${REPORT + 8}], rsp
 mov rcx, rsp
 mov rsp, ${DRIVER_STACK - 0x1000}
 pushfq
 pop qword ptr [${REPORT + 16}]
 cmp qword ptr [${DRAINING}], 0
 jne draining
 mov eax, cs
 mov [${REPORT + 24}], rax
 mov eax, ss
 mov [${REPORT + 32}], rax
 mov rax, cr2
 mov [${REPORT + 40}], rax
 mov rsi, rcx
 mov edi, ${REPORT + 48}
 mov ecx, ${STACK_WORDS}
 cld
 rep movsq
 mov rax, ${EOI}
 mov dword ptr [rax], 0
 mov esi, ${REPORT}
 mov edx, ${REPORT_WORDS}
.word:
 mov rax, [rsi]
 call print
 add rsi, 8
 dec edx
 jnz .word
 mov al, 10
 out 0xe9, al
 add qword ptr [${CURRENT}], ${CASE_BYTES}
 jmp next
draining:
 mov rax, ${EOI}
 mov dword ptr [rax], 0
 mov rsp, rcx
 mov rcx, [${REGISTERS + 8}]
 mov rax, [${REGISTERS}]
 iretq
${print('r', 8)}${finish}`
}

function driver32(): string {
  const { data, code } = SELECTORS[32]
  return `section .driver at ${DRIVER} exec
 mov eax, ${data}
 mov ds, ax
 mov es, ax
 mov ss, ax
 mov esp, ${DRIVER_STACK}
 lidt [${POINTERS + 16}]
 mov eax, 0x38
 ltr ax
 mov eax, 0xfee000f0
 mov dword ptr [eax], 0x1ff
 mov dword ptr [${CURRENT}], ${CASES}
next:
 mov dword ptr [${DRAINING}], 1
 mov eax, ${data}
 mov ds, ax
 mov es, ax
 mov esp, ${DRIVER_STACK}
 push 2
 push ${code}
 push drained
 iretd
drained:
 sti
 nop
 nop
 nop
 cli
 mov dword ptr [${DRAINING}], 0
 mov ebx, [${CURRENT}]
 cmp dword ptr [ebx], 0
 je finish
 cld
 mov eax, 0x${FILLING.toString(16).repeat(4)}
${[STACK, IST, RING0].map((at) => ` mov edi, ${at}\n mov ecx, ${STACK_BYTES / 4}\n rep stosd`).join('\n')}
 mov esp, [ebx + 8]
 test dword ptr [ebx + 24], 3
 jz .same
; To CPL 3: the frame has five words, on a stack of the driver.
 mov esp, ${DRIVER_STACK}
 push dword ptr [ebx + 32]
 push dword ptr [ebx + 8]
 mov eax, [ebx + 32]
 mov ds, ax
 mov es, ax
 jmp .rest
.same:
; To CPL 0 IRET leaves esp where the frame ended, so the frame lies below the stack pointer of the case.
.rest:
 push dword ptr [ebx + 16]
 push dword ptr [ebx + 24]
 push dword ptr [ebx]
 mov esi, [ebx + 40]
 mov edi, [ebx + 48]
 mov eax, ${data}
 xor ebx, ebx
 xor ecx, ecx
 xor edx, edx
 xor ebp, ebp
 iretd
near_common:
 mov [${REGISTERS + 8}], ecx
 mov ecx, ds
 mov [${REGISTERS + 16}], ecx
 mov ecx, ${data}
 mov ds, cx
 mov es, cx
 movzx eax, al
 mov [${REPORT}], eax
 mov [${REPORT + 8}], esp
 mov ecx, esp
 mov esp, ${DRIVER_STACK - 0x1000}
 pushfd
 pop dword ptr [${REPORT + 16}]
 cmp dword ptr [${DRAINING}], 0
 jne draining
 mov eax, cs
 mov [${REPORT + 24}], eax
 mov eax, ss
 mov [${REPORT + 32}], eax
 mov dword ptr [${REPORT + 40}], 0
 mov esi, ecx
 mov edi, ${REPORT + 48}
 mov ecx, ${STACK_WORDS}
 cld
.copy:
 movsd
 mov dword ptr [edi], 0
 add edi, 4
 dec ecx
 jnz .copy
 mov eax, ${EOI}
 mov dword ptr [eax], 0
 mov esi, ${REPORT}
 mov edx, ${REPORT_WORDS}
.word:
 mov eax, [esi]
 call print
 add esi, 8
 dec edx
 jnz .word
 mov al, 10
 out 0xe9, al
 add dword ptr [${CURRENT}], ${CASE_BYTES}
 jmp next
draining:
 mov eax, ${EOI}
 mov dword ptr [eax], 0
 mov esp, ecx
 mov ecx, [${REGISTERS + 8}]
 mov eax, [${REGISTERS}]
 iretd
${print('e', 4)}${finish}`
}
