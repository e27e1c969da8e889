; CPU 0: patches the call of lib/call-site.asm by lib/tp-single.asm, once, and says that it has returned.

NR_CPUS     equ 2
TP_VEC_MAX  equ 1

section .data at 0xffffffff82000080 shared
csd:    times NR_CPUS dd 0
patch_done:
        dd      0

section .rodata.requests at 0xffffffff81800100
request:
        dq      site0, POKE_BASE + (site0 & 0xfff)
        dd      5, 0
        db      0xe8
        dd      callee_b - (site0 + 5)
        db      0, 0, 0

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
