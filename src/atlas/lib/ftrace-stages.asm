; ftrace's way of changing one instruction, from 2012 to v5.5: int3 over the first byte, run_sync, the four bytes behind it, run_sync, the new first byte,
; run_sync. These are its parts, and ftrace_modify_code, which does all of it to one site. lib/ftrace-records.asm does each stage to many records at once.
;
; A program that uses this has lib/ipi.asm with ON_EACH_CPU defined, and SYNC1, SYNC2, SYNC3 (1 or 0), as parameters or by equ.
; Instructions travel in registers as numbers, first byte lowest; a site and what is written are known by the address where the site is executed.
;
; Left out: run_sync does nothing where one CPU is online, and switches interrupts on if they were off (at boot); errors of reading, and, but where
; the program asks for them (ftrace_write below), of writing. sync_core is an IRET here, as in lib/sync-core.asm, and was CPUID in 2012.

; Text is written through the direct map of all memory, where nothing is ever executed.
PAGE_OFFSET        equ 0xffff880000000000
START_KERNEL_MAP   equ 0xffffffff80000000
TEXT_TO_DIRECT_MAP equ PAGE_OFFSET - START_KERNEL_MAP

MCOUNT_INSN_SIZE   equ 5
BREAKPOINT         equ 0xcc
; nopl 0x0(%rax,%rax,1)
IDEAL_NOP          equ 0x441f0f

section .text.ftrace at 0xffffffff81003000 exec

; Every other CPU runs a serialising instruction, and this one waits until it has. Clobbers rax, rcx, rdx.
func run_sync
| on_each_cpu(do_sync_core, NULL, 1)
        call    on_each_cpu
|
        ret

; Writes edx (1 or 4) bytes of rsi at text address rdi: plain stores, which wait in the store buffer like any others. eax = 0, or -EPERM.
func ftrace_write
| ip = __va(__pa_symbol(ip))
        mov     rax, TEXT_TO_DIRECT_MAP
        add     rax, rdi
if defined(FTRACE_WRITE_FAILS)
| what the program makes fail: if (ip == FTRACE_WRITE_FAILS) return -EPERM
        mov     rcx, FTRACE_WRITE_FAILS
        cmp     rdi, rcx
        jne     .possible
        mov     eax, - 1
        ret
.possible:
endif
| probe_kernel_write(ip, val, size)
        cmp     edx, 1
        jne     .four
        mov     [rax], sil
        jmp     .written
.four:
        mov     [rax], esi
.written:
| return 0
        xor     eax, eax
        ret

; The five bytes at rdi, as data, in rax. Clobbers rcx.
func ftrace_read
| probe_kernel_read(replaced, ip, MCOUNT_INSN_SIZE)
        mov     ecx, dword ptr [rdi]
        movzx   eax, byte ptr [rdi + 4]
        shl     rax, 32
        or      rax, rcx
|
        ret

; Stage 1 of the site rdi, which must hold rsi. eax = 0, or -EINVAL and nothing is written.
func add_break
        call    ftrace_read
| if (memcmp(replaced, old, 5) != 0) return -EINVAL
        cmp     rax, rsi
        je      .expected
        mov     eax, - 22
        ret
.expected:
| return ftrace_write(ip, &brk, 1)
        mov     esi, BREAKPOINT
        mov     edx, 1
        call    ftrace_write
        ret

; Stage 2 of the site rdi, which becomes rsi: all but the first byte.
func add_update_code
| return ftrace_write(ip + 1, new + 1, 4)
        inc     rdi
        shr     rsi, 8
        mov     edx, MCOUNT_INSN_SIZE - 1
        call    ftrace_write
        ret

; The call to rsi at rdi, as five bytes in rsi. Clobbers rax.
func ftrace_call_replace
| return e8, addr - (ip + 5)
        lea     rax, [rdi + MCOUNT_INSN_SIZE]
        sub     rsi, rax
        mov     esi, esi
        shl     rsi, 8
        or      rsi, 0xe8
|
        ret

; All three stages of one site: rdi where it is, rsi what it is, r8 what it becomes. eax = 0, or an error. Clobbers rcx, rdx, r9.
func ftrace_modify_code
phase "int3"
| if (add_break(ip, old)) return error
        call    add_break
        test    eax, eax
        jnz     .out
if SYNC1
phase "sync 1"
        call    run_sync
endif
phase "tail"
| add_update_code(ip, new)
        mov     r9, rdi
        mov     rsi, r8
        call    add_update_code
        mov     rdi, r9
if SYNC2
phase "sync 2"
        call    run_sync
endif
phase "first byte"
| ret = ftrace_write(ip, new, 1)
        mov     rsi, r8
        mov     edx, 1
        call    ftrace_write
if SYNC3
phase "sync 3"
        call    run_sync
endif
        xor     eax, eax
.out:
phase "done"
|
        ret
