; CPU 0: registers a tracer (or takes one away), and changes the first instruction of what it traces. The stages are lib/ftrace-records.asm: one broadcast after
; each, however many records there are. What is said here is only what the strategies add to it.

NR_CPUS       equ 2
ON_EACH_CPU   equ 1
SYNC1         equ 1
SYNC2         equ 1
SYNC3         equ 1
FTRACE_ERRORS equ 0
ERRSYNC       equ 0
SHARED        equ STRATEGY == STRATEGY_SHARED_TARGET || STRATEGY == STRATEGY_SHARED_ONE_BY_ONE

; Each CPU's gs base points at its number.
section .rodata.percpu at 0xffffffff81800200
percpu0: dq     0
percpu1: dq     1

section .rodata.records at 0xffffffff81800400
ftrace_pages:
if KIND == KIND_NOP_CALL
        dq      vfs_read, 0, tracer_trampoline, FTRACE_UPDATE_MAKE_CALL
elif KIND == KIND_CALL_NOP
        dq      vfs_read, tracer_trampoline, 0, FTRACE_UPDATE_MAKE_NOP
else
        dq      vfs_read, klp_trampoline, ftrace_regs_caller, FTRACE_UPDATE_MODIFY_CALL
endif
if MIXED
        dq      vfs_write, 0, tracer_trampoline, FTRACE_UPDATE_MAKE_CALL
endif
ftrace_pages_end:

; Which functions an ops wants to hear of. Nobody changes that of the live patch here.
klp_ops_hash:
if LIVE_PATCHED
        dq      vfs_read
else
        dq      0
endif

section .data at 0xffffffff82000000 shared
tracer_ops_hash:
if KIND == KIND_CALL_NOP
        dq      vfs_read, 0
else
        dq      0, 0
endif
modifying_ftrace_code:
        dd      0
        align   8
if SHARED
ftrace_update_target:
        dq      0
endif
        align 64
csd:    times NR_CPUS dd 0
patch_done:
        dd      0

section .stack0 at 0xffffc90000010000 private=0 stack
        resb    128
stack0_top:
section .stack1 at 0xffffc90000020000 private=1 stack
        resb    320
stack1_top:
        dq      0

section .text.patcher at 0xffffffff81000100 exec

func patcher
phase "register"
register:
if KIND == KIND_CALL_NOP
| unregister_ftrace_function(&tracer_ops): it wants to hear of nothing any more
        mov     qword ptr [rel tracer_ops_hash], 0
else
| register_ftrace_function(&tracer_ops): what it wants to hear of
        lea     rax, [rel vfs_read]
        mov     [rel tracer_ops_hash], rax
if MIXED
        lea     rax, [rel vfs_write]
        mov     [rel tracer_ops_hash + 8], rax
endif
endif
phase "count"
| modifying_ftrace_code++
        inc     dword ptr [rel modifying_ftrace_code]
if STRATEGY == STRATEGY_SHARED_ONE_BY_ONE
| for_ftrace_rec_iter(iter) { ftrace_update_target = rec's; modify this one alone }
        lea     rbx, [rel ftrace_pages]
.each:
        call    publish_target
        call    ftrace_new_code
        mov     r8, rsi
        call    ftrace_old_code
        call    ftrace_modify_code
        add     rbx, DYN_FTRACE_SIZE
        lea     rax, [rel ftrace_pages_end]
        cmp     rbx, rax
        jb      .each
else
if STRATEGY == STRATEGY_SHARED_TARGET
| for_ftrace_rec_iter(iter) ftrace_update_target = rec's
        lea     rbx, [rel ftrace_pages]
.each:
        call    publish_target
        add     rbx, DYN_FTRACE_SIZE
        lea     rax, [rel ftrace_pages_end]
        cmp     rbx, rax
        jb      .each
endif
| ftrace_replace_code(enable): int3, run_sync, tail, run_sync, first byte, run_sync, each for all records
        call    ftrace_replace_code
endif
phase "count"
| modifying_ftrace_code--
        dec     dword ptr [rel modifying_ftrace_code]
phase "done"
| return; everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest

if SHARED
; One variable for all that is being modified: 0 stands for a nop.
func publish_target
| ftrace_update_target = ftrace_get_addr_new(rec)
        mov     rax, [rbx + REC_ADDR_NEW]
        mov     [rel ftrace_update_target], rax
        ret
endif
