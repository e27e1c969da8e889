; The int3 handler calls a function that is itself being patched: rcu_read_lock, whose first instruction is the nop that becomes a call of the tracer.
; In 5.4.y it was called by ftrace_location, which ftrace's own handler asked; here today's handler makes the call, at its start, and nothing else differs.
;
; Left out: what ftrace_location looks up, rcu_read_unlock being traced as well, the tracer's own protection against recursion (it comes too late: the
; int3 is the first byte of the function), and what the kernel prints when a guard page is hit.

NR_CPUS       equ 2
TP_VEC_MAX    equ 1
STACK_BYTES   equ 1024
HANDLER_HOOKS equ 1

section .text.rcu at 0xffffffff81001010 exec
func __rcu_read_lock
site0:
        nop     dword ptr [rax+rax*1+0]
| current->rcu_read_lock_nesting++
        inc     dword ptr [rel rcu_read_lock_nesting]
|
        ret
func __rcu_read_unlock
| current->rcu_read_lock_nesting--
        dec     dword ptr [rel rcu_read_lock_nesting]
|
        ret

section .text.tracer at 0xffffffff81002348 exec
func tracer
| return 2
        mov     eax, 2
        ret

macro before_reference
if HELPER == HELPER_RCU_READ_LOCK
| rcu_read_lock(); …; rcu_read_unlock()
        call    __rcu_read_lock
        call    __rcu_read_unlock
elif HELPER == HELPER_PREEMPT_OFF
| preempt_disable_notrace(); …; preempt_enable_notrace(): no function, nothing to trace
        inc     dword ptr [rel preempt_count]
        dec     dword ptr [rel preempt_count]
endif
endm

macro before_lookup
endm

section .text.caller at 0xffffffff81001100 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
| nothing was called yet
        xor     eax, eax
| rcu_read_lock(); …; rcu_read_unlock()
        call    __rcu_read_lock
        call    __rcu_read_unlock
pass_end:
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

section .text.head at 0xffffffff81000000 exec
_stext:
        ud2

section .rodata.requests at 0xffffffff81800100
request:
        dq      site0, POKE_BASE + (site0 & 0xfff)
        dd      5, 0
new0:   db      0xe8
        dd      tracer - (site0 + 5)
        db      0, 0, 0

section .data at 0xffffffff82000080 shared
csd:    times NR_CPUS dd 0
patch_done:
        dd      0

section .task1 at 0xffffffff83000000 private=1
rcu_read_lock_nesting:
        dd      0
preempt_count:
        dd      0

section .df_stack1 at 0xffffc90000040000 private=1
        resb    128
df_stack1_top:
        dq      0

section .text.patcher at 0xffffffff81000100 exec
func patcher
| smp_text_poke_single(addr, new, 5)
        lea     rbp, [rel request]
        call    smp_text_poke_single
phase "done"
| everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest

section .text.faults at 0xffffffff81000900 exec
; A page fault in the kernel: here only of a stack that is used up, and then there is no room for this frame either.
func asm_exc_page_fault
| die()
        cli
.dead:
        hlt
        jmp     .dead

; On a stack of its own.
func asm_exc_double_fault
double_fault:
| panic("Machine halted")
        cli
.dead:
        hlt
        jmp     .dead
