; ftrace of 2012 to v5.5 (kernel arch/x86/kernel/ftrace.c), in our own words as assembly: what the patcher does around the stages of lib/ftrace-stages.asm and
; lib/ftrace-records.asm, and the data of all.
;
; Left out: who decides which records change, and the locks that keep out a second patcher.

NR_CPUS       equ 2
ON_EACH_CPU   equ 1
; The gap in the #BP entry came in 2019, for handlers that push; this one does not.
GAP           equ 0
FTRACE_ERRORS equ FAILS != FAILS_NEVER && KIND != KIND_FTRACE_CALL
; On the way back from a failed stage: 2012 had no sync there, a later kernel has one behind it, and ours one before it too.
SYNC_REMOVED  equ ERRSYNC != ERRSYNC_NONE
SYNC_FAILED   equ ERRSYNC == ERRSYNC_BOTH
; A page that cannot be written, just where the second record's tail begins.
if FAILS == FAILS_ADD_UPDATE
FTRACE_WRITE_FAILS equ SITE1_ADDR + 1
endif

; Each CPU's gs base points at its number.
section .rodata.percpu at 0xffffffff81800200
percpu0: dq     0
percpu1: dq     1

section .data at 0xffffffff82000000 shared
modifying_ftrace_code:
        dd      0
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
if KIND == KIND_FTRACE_CALL
| ftrace_update_ftrace_func(ftrace_ops_list_func)
        call    ftrace_update_ftrace_func
else
| arch_ftrace_update_code(command)
        call    arch_ftrace_update_code
endif
phase "done"
| return; everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest

if KIND == KIND_FTRACE_CALL
func ftrace_update_ftrace_func
phase "count"
| modifying_ftrace_code++
        inc     dword ptr [rel modifying_ftrace_code]
| ftrace_modify_code(&ftrace_call, old, new)
        lea     rdi, [rel ftrace_call]
        lea     rsi, [rel ftrace_ops_list_func]
        call    ftrace_call_replace
        mov     r8, rsi
        lea     rsi, [rel function_trace_call]
        call    ftrace_call_replace
        call    ftrace_modify_code
| modifying_ftrace_code--
        dec     dword ptr [rel modifying_ftrace_code]
|
        ret
else
func arch_ftrace_update_code
phase "count"
| modifying_ftrace_code++: from here on the handler asks ftrace
        inc     dword ptr [rel modifying_ftrace_code]
| ftrace_modify_all_code(command): ftrace_replace_code(enable)
        call    ftrace_replace_code
| modifying_ftrace_code--
        dec     dword ptr [rel modifying_ftrace_code]
|
        ret
endif

section .rodata.records at 0xffffffff81800400
ftrace_pages:
if KIND == KIND_FTRACE_CALL
        dq      record0, ftrace_caller, ftrace_caller, FTRACE_UPDATE_IGNORE
else
if KIND == KIND_MAKE_CALL
UPDATE equ FTRACE_UPDATE_MAKE_CALL
elif KIND == KIND_MODIFY_CALL
UPDATE equ FTRACE_UPDATE_MODIFY_CALL
else
UPDATE equ FTRACE_UPDATE_MAKE_NOP
endif
        dq      site0, old_trampoline, new_trampoline, UPDATE
if NR_RECORDS == 2
        dq      site1, old_trampoline, new_trampoline, UPDATE
endif
endif
ftrace_pages_end:
