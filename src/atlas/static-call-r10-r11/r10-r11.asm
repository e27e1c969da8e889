; Two registers for the int3 handler, asked of Josh Poimboeuf in January 2019 (and like what Steven Rostedt had proposed in November 2018): the handler looks the
; site up in the table of static calls, puts the return address into r10 and the target into r11, and goes on at code that pushes the one and jumps to the
; other, by a retpoline as every indirect jump then. A function call may change r10 and r11; a callee-saved paravirt op may change nothing but rax.
;
; The table stands for good and the target is that of the key now, so nothing is published for a patch, and nothing is wrong about an int3 that comes late.
; Left out: the search of the table (it has one entry), text_mutex.

NR_CPUS        equ 2
POKE_BASE      equ 0x7734c8d12000
PT_R11         equ 0x30
PT_R10         equ 0x38
ZERO_KNOWLEDGE equ 1

section .text.caller at 0xffffffff81001000 exec
; CPU 1: one pass after another through the static call, until the patcher has returned. A pass leaves in al what it did: 1 the old thing, 2 the new thing; and in
; ah what it had done before, if something was called twice.
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
if CONVENTION == CONVENTION_CALLEE_SAVED
| what a callee-saved paravirt op must leave alone
        mov     r10d, 0x1010
        mov     r11d, 0x1111
endif
        xor     eax, eax
| static_call(op)()
site0:
        call    callee_a
pass_end:
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

section .text.callee_a at 0xffffffff81001200 exec
func callee_a
| result = 1, and remember what it was
        mov     ah, al
        mov     al, 1
        ret

section .text.callee_b at 0xffffffff81002348 exec
func callee_b
| result = 2, and remember what it was
        mov     ah, al
        mov     al, 2
        ret

section .text.exc_int3 at 0xffffffff81000d80 exec
; rdi = pt_regs.
func exc_int3
| if (regs->ip - 1 is no static call) die("int3")
        mov     rcx, [rdi + PT_RIP]
        dec     rcx
        cmp     rcx, [rel static_call_sites]
        jne     oops
| regs->r10 = site + 5
        add     rcx, 5
        mov     [rdi + PT_R10], rcx
| regs->r11 = key->func
        mov     rdx, [rel static_call_sites + 8]
        mov     rdx, [rdx]
        mov     [rdi + PT_R11], rdx
| regs->ip = static_call_bp
        lea     rcx, [rel static_call_bp]
        mov     [rdi + PT_RIP], rcx
        ret

section .text.static_call_bp at 0xffffffff81003000 exec
func static_call_bp
| push r10: the return address
        push    r10
static_call_bp_jmp:
| jmp r11, without letting the processor guess where to
        jmp     __x86_indirect_thunk_r11

func __x86_indirect_thunk_r11
        call    .target
.capture:
        pause
        lfence
        jmp     .capture
.target:
        mov     [rsp], r11
        ret

section .rodata.static_calls at 0xffffffff81800000
; An entry: +0 site (8), +8 key (8).
static_call_sites:
        dq      site0, key_op
new0:   db      0xe8
        dd      callee_b - (site0 + 5)
        db      0, 0, 0
request:
        dq      site0, POKE_BASE + (site0 & 0xfff), 0
        db      0xe8
        dd      callee_b - (site0 + 5)
        db      0, 0, 0

section .rodata.percpu at 0xffffffff81800200
; Each CPU's gs base points at its number, and behind it the address of its run queue.
percpu0: dq     0
percpu1: dq     1
if PREEMPT
        dq      rq1
endif

section .data at 0xffffffff82000000 shared
; A key: the function that the static call calls now.
key_op: dq      callee_a
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
| static_call_update(op, callee_b): key->func = callee_b
phase "key"
        lea     rax, [rel callee_b]
        mov     [rel key_op], rax
| text_poke_bp(site, opcode, len)
        lea     rbp, [rel request]
        call    text_poke_bp
phase "done"
| return; everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest
