; CPU 0 rewrites the call with no breakpoint: the ways differ in the stores. The text is written through an alias, as everywhere here.
;
; Left out: making text writable, and reading and merging the quadword around the site: what is stored stands ready in memory.

NR_CPUS equ 2
POKE    equ 0x7734c8d12000 + (SITE_ADDR & 0xfff)

; Eight bytes are stored where one store has to hold the whole call, so the site is that long then: the instruction behind the call keeps its bytes.
if STRATEGY == STRATEGY_MEMCPY
SITE_LENGTH equ 5
else
SITE_LENGTH equ 8
endif

section .rodata.percpu at 0xffffffff81800200
percpu0: dq     0
percpu1: dq     1

section .data at 0xffffffff82000000 shared
csd:    times NR_CPUS dd 0
patch_done:
        dd      0

section .stack0 at 0xffffc90000010000 private=0 stack
        resb    128
stack0_top:
section .stack1 at 0xffffc90000020000 private=1 stack
        resb    192
stack1_top:
        dq      0

section .text.patcher at 0xffffffff81000100 exec
func patcher
phase "write"
        mov     rdi, POKE
        lea     rsi, [rel new]
if STRATEGY == STRATEGY_MEMCPY
| memcpy(poking_addr, new, 5)
if WIDTH == WIDTH_FOUR_ONE
        mov     eax, [rsi]
        mov     [rdi], eax
        mov     al, [rsi + 4]
        mov     [rdi + 4], al
else
        mov     ecx, 5
        rep movsb
endif
elif STRATEGY == STRATEGY_QUADWORD
| WRITE_ONCE(*(u64 *)poking_addr, new)
        mov     rax, [rsi]
        mov     [rdi], rax
else
| xchg((u64 *)poking_addr, new)
        mov     rax, [rsi]
        xchg    [rdi], rax
endif
if SYNC
phase "sync"
| on_each_cpu(do_sync_core, NULL, 1)
        call    smp_text_poke_sync_each_cpu
endif
phase "done"
| return; everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest
