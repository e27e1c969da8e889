; CPU 0: changes one call by a breakpoint, then another (ftrace's update_ftrace_func of 2012 to v5.5, and what the mail of 6 May 2019 proposes instead).
; The sites, the stages and run_sync are lib/ftrace-stages.asm. Here is only what is published around them: where the int3 is, and what it stands for.
;
; smp_wmb is no instruction on x86, and atomic_inc is a locked one: stores become visible in program order anyway.
;
; Left out: the check that the site holds what is expected is made (add_break), but what is done if not is not; ftrace_update_target came with call emulation
; (v5.2, as ftrace_update_func_call), before it the handler skipped.

NR_CPUS       equ 2
ON_EACH_CPU   equ 1
SYNC1         equ 1
SYNC2         equ 1
EXIT_IRET     equ STRATEGY != STRATEGY_RECHECK_NO_IRET

; Families of strategies.
COUNTED   equ STRATEGY == STRATEGY_COUNTER || STRATEGY == STRATEGY_RECHECK || STRATEGY == STRATEGY_RECHECK_NO_IRET
HEAD_TAIL equ STRATEGY == STRATEGY_HEAD_TAIL || STRATEGY == STRATEGY_HEAD_TAIL_IP || STRATEGY == STRATEGY_HEAD_TAIL_RECHECK

; Each CPU's gs base points at its number.
section .rodata.percpu at 0xffffffff81800200
percpu0: dq     0
percpu1: dq     1

section .data at 0xffffffff82000000 shared
; What an int3 stands for while one instruction is modified. A permanent handler keeps two of these, by turns (hpa 2010), or one.
ftrace_update_func:
        dq      0
ftrace_update_target:
        dq      0
if STRATEGY == STRATEGY_TWO_ENTRIES
other_update_func:
        dq      0
other_update_target:
        dq      0
endif
ENTRY_SIZE equ 16
; Is anything being modified? A counter; or what has begun and what has ended; or a seqcount, beside the counter or instead of it.
if HEAD_TAIL
modifying_ftrace_head:
        dd      0
modifying_ftrace_tail:
        dd      0
elif COUNTED || STRATEGY == STRATEGY_SEQCOUNT
modifying_ftrace_code:
        dd      0
endif
if STRATEGY == STRATEGY_SEQCOUNT || STRATEGY == STRATEGY_SEQCOUNT_AROUND
ftrace_seq:
        dd      0
endif
        align 64
csd:    times NR_CPUS dd 0
patch_done:
        dd      0

section .stack0 at 0xffffc90000010000 private=0 stack
        resb    128
stack0_top:
section .stack1 at 0xffffc90000020000 private=1 stack
        resb    512
stack1_top:
        dq      0

section .text.patcher at 0xffffffff81000100 exec

func patcher
| ftrace_update_ftrace_func(), ftrace_update_trampoline(): one call after another
        lea     rdi, [rel ftrace_call]
        lea     rsi, [rel trace_old]
        lea     rdx, [rel trace_new]
        lea     rbp, [rel ftrace_update_func]
        call    update_ftrace_func
if MODIFICATIONS == 3
        lea     rdi, [rel ftrace_regs_call]
        lea     rsi, [rel regs_trace_old]
        lea     rdx, [rel regs_trace_new]
if STRATEGY == STRATEGY_TWO_ENTRIES
        add     rbp, ENTRY_SIZE
endif
        call    update_ftrace_func
        lea     rdi, [rel ops_call]
        lea     rsi, [rel ops_trace_old]
        lea     rdx, [rel ops_trace_new]
if STRATEGY == STRATEGY_TWO_ENTRIES
        sub     rbp, ENTRY_SIZE
endif
        call    update_ftrace_func
endif
phase "done"
| return; everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest

; Changes the call at rdi from calling rsi to calling rdx; publishes it in the entry rbp.
func update_ftrace_func
if STRATEGY == STRATEGY_SEQCOUNT || STRATEGY == STRATEGY_SEQCOUNT_AROUND
| write_seqcount_begin(&ftrace_seq)
        inc     dword ptr [rel ftrace_seq]
endif
if PUBLISH == PUBLISH_COUNTER_FIRST && COUNTED
| modifying_ftrace_code++, before the fields
        lock inc dword ptr [rel modifying_ftrace_code]
endif
phase "publish"
| ftrace_update_func = ip; ftrace_update_target = func
publish_entry:
        mov     [rbp], rdi
        mov     [rbp + 8], rdx
if STRATEGY == STRATEGY_SEQCOUNT
| modifying_ftrace_code++; write_seqcount_end(&ftrace_seq)
        inc     dword ptr [rel modifying_ftrace_code]
        inc     dword ptr [rel ftrace_seq]
elif HEAD_TAIL
| smp_wmb(); atomic_inc(&modifying_ftrace_head)
        lock inc dword ptr [rel modifying_ftrace_head]
elif COUNTED && PUBLISH == PUBLISH_FIELDS_FIRST
| smp_wmb(); atomic_inc(&modifying_ftrace_code)
        lock inc dword ptr [rel modifying_ftrace_code]
endif

| ret = ftrace_modify_code(ip, old, new)
        push    rsi
        mov     rsi, rdx
        call    ftrace_call_replace
        mov     r8, rsi
        pop     rsi
        call    ftrace_call_replace
modify:
        call    ftrace_modify_code
modified:

phase "over"
if STRATEGY == STRATEGY_SEQCOUNT
| write_seqcount_begin(&ftrace_seq); modifying_ftrace_code--; write_seqcount_end(&ftrace_seq)
        inc     dword ptr [rel ftrace_seq]
        dec     dword ptr [rel modifying_ftrace_code]
        inc     dword ptr [rel ftrace_seq]
elif STRATEGY == STRATEGY_SEQCOUNT_AROUND
| write_seqcount_end(&ftrace_seq)
        inc     dword ptr [rel ftrace_seq]
elif HEAD_TAIL
| atomic_inc(&modifying_ftrace_tail); smp_wmb()
        lock inc dword ptr [rel modifying_ftrace_tail]
elif COUNTED
| atomic_dec(&modifying_ftrace_code)
        lock dec dword ptr [rel modifying_ftrace_code]
endif
|
        ret
