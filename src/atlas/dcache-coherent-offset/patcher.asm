; CPU 0: changes one call site by a breakpoint, and writes the four bytes behind the int3 as data: with one locked store, so that whoever reads them with a
; locked load gets the old four bytes or the new four, wherever they lie. (Linus Torvalds' thought of 6 May 2019, against ftrace's stages of that time.)
;
; The text is written through the direct map, which is never executed. smp_wmb is no instruction on x86.
;
; Left out: who decides what the site becomes; a batch of sites.

NR_CPUS       equ 2
ON_EACH_CPU   equ 1
SYNC1         equ SYNCS != SYNCS_NO_FIRST
SYNC2         equ SYNCS != SYNCS_NO_SECOND
SYNC3         equ SYNCS != SYNCS_NO_THIRD

LOCKED_WRITE  equ ACCESS == ACCESS_LOCKED || ACCESS == ACCESS_PLAIN_READ
LOCKED_READ   equ ACCESS == ACCESS_LOCKED || ACCESS == ACCESS_PLAIN_WRITE

FTRACE_UPDATE_MAKE_CALL   equ 1
FTRACE_UPDATE_MODIFY_CALL equ 2
FTRACE_UPDATE_MAKE_NOP    equ 3

; Each CPU's gs base points at its number.
section .rodata.percpu at 0xffffffff81800200
percpu0: dq     0
percpu1: dq     1

; What is being done to the site: the record knows, and does not change meanwhile.
section .rodata.record at 0xffffffff81800400
rec_update:
if KIND == KIND_NOP_CALL
        dd      FTRACE_UPDATE_MAKE_CALL
elif KIND == KIND_CALL_NOP
        dd      FTRACE_UPDATE_MAKE_NOP
else
        dd      FTRACE_UPDATE_MODIFY_CALL
endif

section .data at 0xffffffff82000000 shared
if STRATEGY == STRATEGY_TWO_FLAGS
updating_calls:
        dd      0
nopping_calls:
        dd      0
        align 64
endif
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
if STRATEGY == STRATEGY_TWO_FLAGS
phase "publish"
if KIND == KIND_CALL_CALL
| updating_calls = 1; smp_wmb()
        mov     dword ptr [rel updating_calls], 1
else
| nopping_calls = 1; smp_wmb()
        mov     dword ptr [rel nopping_calls], 1
endif
endif
phase "int3"
| ftrace_write(ip, &brk, 1)
        lea     rdi, [rel call_site]
        mov     esi, BREAKPOINT
        mov     edx, 1
        call    ftrace_write
if SYNC1
phase "sync 1"
| run_sync(): nobody holds the old first byte any more
        call    run_sync
endif
phase "offset"
write_offset:
        mov     rax, SITE_ADDR + 1 + TEXT_TO_DIRECT_MAP
        mov     ecx, [rel new + 1]
if LOCKED_WRITE
| xchg(ip + 1, offset): all four bytes at once, for whoever reads data
        xchg    [rax], ecx
else
| *(u32 *)(ip + 1) = offset
        mov     [rax], ecx
endif
if SYNC2
phase "sync 2"
| run_sync(): the new first byte never meets the old offset
        call    run_sync
endif
phase "first byte"
| ftrace_write(ip, new, 1)
        movzx   esi, byte ptr [rel new]
        mov     edx, 1
        call    ftrace_write
if SYNC3
phase "sync 3"
| run_sync(): everybody runs the new code, no handler is left
        call    run_sync
endif
if STRATEGY == STRATEGY_TWO_FLAGS
phase "over"
if KIND == KIND_CALL_CALL
| smp_wmb(); updating_calls = 0
        mov     dword ptr [rel updating_calls], 0
else
| smp_wmb(); nopping_calls = 0
        mov     dword ptr [rel nopping_calls], 0
endif
endif
phase "done"
| return; everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest
