; Static calls as they came into Linux 5.10: a key with the function that is called now, a trampoline for the key (a jump), and inline calls of the function
; itself. static_call_update writes the key, patches the trampoline and then each inline call, one after the other, each with three broadcasts of its own.
; Whoever traps has the call emulated: no stub, no register, nothing that could be reused under him.
;
; TO says what the key becomes: another function; NULL (an inline call becomes a nop, the trampoline a ret); or __static_call_return0 (an inline call becomes
; an xor of five bytes, and is emulated as a call of a function that returns 0).
;
; Left out: finding the sites of a key, modules, conditional tail calls (jcc), the signature behind the trampoline, return thunks.

NR_CPUS       equ 2
TP_VEC_MAX    equ 1
EMULATE_RET   equ 1
EMULATE_OTHER equ 1
IRQS          equ CALLS != CALLS_IRQS_OFF
PREEMPT       equ CALLS == CALLS_PREEMPTED

; What a pass finds behind a call of the old function, and of the new one; UNTOUCHED where nothing was called.
OLD       equ 1
UNTOUCHED equ 7
if TO == TO_FUNC
NEW       equ 2
elif TO == TO_NULL
NEW       equ UNTOUCHED
else
NEW       equ 0
endif

section .text.head at 0xffffffff81000000 exec
_stext:
        ud2

section .text.caller at 0xffffffff81001000 exec
; CPU 1: one pass after another through an inline call and a call of the trampoline, until the patcher has returned. ebx and eax hold what they did.
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
if !IRQS
| local_irq_save()
        cli
endif
| static_call(key)(), inline
        mov     eax, UNTOUCHED
site0:
        call    func_a
        mov     ebx, eax
| static_call(key)() where inline calls cannot be: through the trampoline
        mov     eax, UNTOUCHED
        call    trampoline
pass_end:
if !IRQS
| local_irq_restore()
        sti
endif
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

section .text.trampoline at 0xffffffff81003000 exec
func trampoline
tramp:
        jmp     near func_a

section .text.func_a at 0xffffffff81001200 exec
func func_a
| return 1
        mov     eax, OLD
        ret

section .text.func_b at 0xffffffff81002348 exec
func func_b
| return 2
        mov     eax, 2
        ret
func __static_call_return0
| return 0
        xor     eax, eax
        ret

section .rodata.requests at 0xffffffff81800100
; A request: +0 site (8), +8 where it is written (8), +16 length (4), +24 new bytes (8), +32 what to emulate (8).
request_tramp:
        dq      tramp, POKE_BASE + 0x1000 + (tramp & 0xfff)
        dd      5, 0
new_tramp:
if TO == TO_NULL
        db      0xc3, 0xcc, 0xcc, 0xcc, 0xcc, 0, 0, 0
        db      0xc3, 0xcc, 0xcc, 0xcc, 0xcc, 0, 0, 0
else
if TO == TO_FUNC
TRAMP_TO equ func_b
else
TRAMP_TO equ __static_call_return0
endif
rept 2
        db      0xe9
        dd      TRAMP_TO - (tramp + 5)
        db      0, 0, 0
endr
endif
request0:
        dq      site0, POKE_BASE + (site0 & 0xfff)
        dd      5, 0
new0:
if TO == TO_FUNC
rept 2
        db      0xe8
        dd      func_b - (site0 + 5)
        db      0, 0, 0
endr
elif TO == TO_NULL
rept 2
        db      0x0f, 0x1f, 0x44, 0, 0, 0, 0, 0
endr
else
; cs cs cs xor eax, eax: one instruction in the whole slot
        db      0x2e, 0x2e, 0x2e, 0x31, 0xc0, 0, 0, 0
if AS == AS_NOP
        db      0x0f, 0x1f, 0x44, 0, 0, 0, 0, 0
else
        db      0xe8
        dd      __static_call_return0 - (site0 + 5)
        db      0, 0, 0
endif
endif

section .rodata.percpu at 0xffffffff81800200
; Each CPU's gs base points at its number, and behind it the address of its run queue.
percpu0: dq     0
percpu1: dq     1
if PREEMPT
        dq      rq1
endif

section .data at 0xffffffff82000100 shared
; The key: the function that is called now.
key:    dq      func_a
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
phase "key"
| WRITE_ONCE(key->func, func)
if TO == TO_FUNC
        lea     rax, [rel func_b]
elif TO == TO_NULL
        xor     eax, eax
else
        lea     rax, [rel __static_call_return0]
endif
        mov     [rel key], rax
| arch_static_call_transform(NULL, tramp, func, true)
        lea     rbp, [rel request_tramp]
        call    smp_text_poke_single
| for each site: arch_static_call_transform(site, NULL, func, tail)
        lea     rbp, [rel request0]
        call    smp_text_poke_single
phase "done"
| return; everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest
