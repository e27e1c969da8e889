; Static calls by stubs, as Linus proposed them on 11 January 2019: for each call a stub is made that does what the new call would do, {push return address;
; jmp target}, and text_poke_bp gets its address, so that whoever traps goes there. When text_poke_bp has returned, the stub is made anew for the next call.
; Two calls are updated, one after the other (lib/two-sites.asm).
; The program defines IRQS and PREEMPT (1: the caller's CPU has another task, and a timer); and it may define STUBSYNC as 0 (step 2 is left out), REUSE
; as 0 (each call has a stub of its own) and TWO_STUBS (beside each stub lies one that switches interrupts on before it jumps).
;
; Left out: the list of static calls and their keys. The bytes of the stubs are made at build time, only the writing is at run time; they lie in text, so
; they are written through an alias, like the sites.

if !defined(STUBSYNC)
STUBSYNC    equ 1
endif
if !defined(REUSE)
REUSE       equ 1
endif

NR_CPUS     equ 2
POKE_BASE   equ 0x7734c8d12000
STUB_LENGTH equ 10
STI_LENGTH  equ 11

; What a stub does: a push of four bytes that are sign-extended, as kernel text addresses are, and a jump. Behind it the length of both.
macro stub_for at, return, target
        db      0x68
        dd      return & 0xffffffff
        db      0xe9
        dd      target - (at + STUB_LENGTH)
        times 6 db 0
endm
if defined(TWO_STUBS)
macro sti_stub_for at, return, target
        db      0x68
        dd      return & 0xffffffff
        db      0xfb, 0xe9
        dd      target - (at + STI_LENGTH)
        times 5 db 0
endm
endif

section .text.stub at 0xffffffff81003000 exec
; Not made yet: int3 everywhere.
stub:
        times 5 db 0xcc
stub_jmp:
        times 5 db 0xcc
        align 16
if defined(TWO_STUBS)
sti_stub:
        times 5 db 0xcc
sti_stub_sti:
        db      0xcc
sti_stub_jmp:
        times 5 db 0xcc
endif
if REUSE
stub_of_second equ stub
else
stub_of_second:
        times STUB_LENGTH db 0xcc
endif

section .rodata.requests at 0xffffffff81800100
; A request of text_poke_bp; behind it where its stub is written, and what the stub is to be.
request0:
        dq      site0, POKE_BASE + (site0 & 0xfff), stub
        db      0xe8
        dd      callee_b - (site0 + 5)
        db      0, 0, 0
        dq      POKE_BASE + 0x1000 + (stub & 0xfff)
stub_for_first:
        stub_for stub, site0 + 5, callee_b
if defined(TWO_STUBS)
sti_stub_for_first:
        sti_stub_for sti_stub, site0 + 5, callee_b
endif
request1:
        dq      site1, POKE_BASE + (site1 & 0xfff), stub_of_second
        db      0xe8
        dd      callee_d - (site1 + 5)
        db      0, 0, 0
        dq      POKE_BASE + 0x1000 + (stub_of_second & 0xfff)
stub_for_second:
        stub_for stub_of_second, site1 + 5, callee_d
if defined(TWO_STUBS)
sti_stub_for_second:
        sti_stub_for sti_stub, site1 + 5, callee_d
endif

section .rodata.percpu at 0xffffffff81800200
; Each CPU's gs base points at its number, and behind it the address of its run queue.
percpu0: dq     0
percpu1: dq     1
if PREEMPT
        dq      rq1
endif

section .data at 0xffffffff82000000 shared
bp_int3_addr:
        dq      0
bp_int3_handler:
        dq      0
bp_patching_in_progress:
        dd      0
        align 64
csd:    times NR_CPUS dd 0
patch_done:
        dd      0

section .stack0 at 0xffffc90000010000 private=0 stack
        resb    128
stack0_top:
section .stack1 at 0xffffc90000020000 private=1 stack
        resb    400
stack1_top:
        dq      0
if PREEMPT
section .tasks1 at 0xffffc90000030000 private=1
rq1:    dq      task_caller, 0
task_caller:
        dq      0, task_other, 0
task_other:
        dq      stack_other_top - FIRST_FRAME, task_caller, 0
section .stack_other at 0xffffc90000040000 private=1 stack
        resb    200
        first_frame other_task
stack_other_top:
endif

section .text.patcher at 0xffffffff81000100 exec

func patcher
| static_call_update(first, callee_b)
        lea     rbp, [rel request0]
        call    arch_static_call_transform
| static_call_update(second, callee_d)
        lea     rbp, [rel request1]
        call    arch_static_call_transform
phase "done"
| return; everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest

; rbp = the request.
func arch_static_call_transform
phase "stub"
| 1. the fixup stub: push return address; jmp target
        call    text_poke_stub
if STUBSYNC
phase "stub sync"
| 2. on_each_cpu(do_sync_core, NULL, 1): everybody sees the stub
        call    smp_text_poke_sync_each_cpu
endif
| 3. text_poke_bp(addr, newcode, newlen, stub)
        jmp     text_poke_bp

; text_poke for whole stubs: in the poking mm, with interrupts off.
func text_poke_stub
| local_irq_save(); use_temporary_mm(poking_mm)
        cli
        mov     eax, POKING_CR3
        mov     cr3, rax
| memcpy(stub, bytes, 10)
        mov     rdi, [rbp + 32]
        mov     rax, [rbp + 40]
write_stub:
        mov     [rdi], rax
        mov     ax, [rbp + 48]
        mov     [rdi + 8], ax
if defined(TWO_STUBS)
| memcpy(sti_stub, bytes, 11)
        mov     rax, [rbp + 56]
        mov     [rdi + 16], rax
        mov     eax, [rbp + 63]
        mov     [rdi + 23], eax
endif
| unuse_temporary_mm(); local_irq_restore()
        mov     eax, INIT_CR3
        mov     cr3, rax
        sti
|
        ret
