; A static call without a function: its trampoline returns 0. Setting a function patches the five bytes of the slot to a jmp. The old code is two instructions
; in the slot (xor, ret) or a single long one; CPU 1 runs two tasks, and the timer may preempt one of them anywhere, also between the two.
; The patcher is smp_text_poke_single of lib/tp-single.asm, with a wait for tasks in front of it or behind its first sync.
;
; Left out: see lib/rcu-tasks.asm; here the task says that it is in no slot once a pass.

NR_CPUS     equ 2
TP_VEC_MAX  equ 1
STACK_BYTES equ 640
WAIT_FIRST  equ SLOT == SLOT_WAIT_FIRST
WAIT_BEHIND equ SLOT == SLOT_WAIT_BEHIND_INT3

section .text.tramp at 0xffffffff81001010 exec
func static_call_tramp
| return 0
site0:
if SLOT == SLOT_LONG_XOR
        db      0x2e, 0x2e, 0x2e
        xor     eax, eax
else
        xor     eax, eax
        ret
        nop
        nop
endif
        ret

section .text.callee_b at 0xffffffff81002348 exec
func callee_b
| return 2
        mov     eax, 2
        ret

section .text.head at 0xffffffff81000000 exec
_stext:
        ud2

section .rodata.requests at 0xffffffff81800100
request:
        dq      site0, POKE_BASE + (site0 & 0xfff)
        dd      5, 0
new0:   db      0xe9
        dd      callee_b - (site0 + 5)
        db      0, 0, 0

; Where each CPU's gs points: its number, and its run queue.
section .rodata.percpu at 0xffffffff81800200
percpu0: dq     0, 0
percpu1: dq     1, rq1

section .data at 0xffffffff82000080 shared
csd:    times NR_CPUS dd 0
patch_done:
        dd      0

section .rq1 at 0xffffffff83000000 private=1
rq1:    dq      task_caller, 0
task_caller:
        dq      0, task_other, 0
task_other:
        dq      stack_other_top - FIRST_FRAME, task_caller, 0

section .stack0 at 0xffffc90000010000 private=0 stack
        resb    320
stack0_top:
        dq      0
section .stack1 at 0xffffc90000020000 private=1 stack
        resb    STACK_BYTES
stack1_top:
        dq      0
section .stack_other at 0xffffc90000030000 private=1 stack
        resb    STACK_BYTES
        first_frame other
stack_other_top:

section .text.caller at 0xffffffff81001100 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
| eax = nothing yet
        mov     eax, 9
| static_call(f)()
        call    static_call_tramp
pass_end:
if WAIT_FIRST || WAIT_BEHIND
        rcu_tasks_qs
endif
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

; The other task of CPU 1: gives the CPU back at once.
func other
| local_irq_enable()
        sti
.again:
| schedule()
        call    schedule
        jmp     .again

section .text.patcher at 0xffffffff81000100 exec

func patcher
if WAIT_FIRST
phase "wait for tasks"
| synchronize_rcu_tasks(): nobody is in the slot any more?
        call    synchronize_rcu_tasks
endif
| smp_text_poke_single(addr, new, 5)
        lea     rbp, [rel request]
        call    smp_text_poke_single
phase "done"
| everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest

macro behind_sync_1
if WAIT_BEHIND
phase "wait for tasks"
| synchronize_rcu_tasks(): whoever was in the slot has left it, and the int3 keeps everybody out
        call    synchronize_rcu_tasks
endif
endm
HOOK_BEHIND_SYNC_1 equ 1
