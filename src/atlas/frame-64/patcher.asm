; The patcher, where it is there: the ftrace of v5.2 changes this one site in its three stages, so the int3 that the caller meets has just been written.
;
; Left out: the counter of patchers, the records, checking the old bytes before and the new ones after.

NR_CPUS equ 2
SITE0_ALIAS equ 0x7734c8d12000 + (site0 & 0xfff)

section .text.patcher at 0xffffffff81000100 exec

; Writes "size" bytes of "what" at the distance "at" from the site, and lets everybody know.
macro stage at, what, size
        mov     rdi, SITE0_ALIAS + at
        mov     esi, what
        mov     edx, size
        call    text_poke
        call    smp_text_poke_sync_each_cpu
endm

func patcher
phase "int3"
| add_breakpoints; run_sync()
        stage   0, 0xcc, 1
phase "tail"
| add_update; run_sync()
        stage   1, ftrace_regs_caller - (site0 + 5), 4
phase "first byte"
| finish_update; run_sync()
        stage   0, 0xe8, 1
phase "done"
| return; everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest

section .rodata.percpu at 0xffffffff81800200
percpu0: dq     0
percpu1: dq     1

section .data at 0xffffffff82000000 shared
csd:    times NR_CPUS dd 0
patch_done:
        dd      0

section .stack0 at 0xffffc90000040000 private=0 stack
        resb    128
stack0_top:
