; CPU 0: patches the call of lib/call-site.asm by lib/tp-single.asm, then another call that nobody runs. So the one descriptor is used twice.

NR_CPUS     equ 2
TP_VEC_MAX  equ 1

section .data at 0xffffffff82000080 shared
csd:    times NR_CPUS dd 0
patch_done:
        dd      0

section .text.elsewhere at 0xffffffff81003010 exec
func elsewhere
| tracer()
site1:
        call    callee_a
|
        ret

section .text.callee_c at 0xffffffff81004458 exec
func callee_c
| return 3
        mov     eax, 3
        ret

section .rodata.requests at 0xffffffff81800100
request0:
        dq      site0, POKE_BASE + (site0 & 0xfff)
        dd      5, 0
        db      0xe8
        dd      callee_b - (site0 + 5)
        db      0, 0, 0
request1:
        dq      site1, POKE_BASE + 0x1000 + (site1 & 0xfff)
        dd      5, 0
new1:   db      0xe8
        dd      callee_c - (site1 + 5)
        db      0, 0, 0

section .text.patcher at 0xffffffff81000100 exec

func patcher
| smp_text_poke_single(site0, new0, 5)
        lea     rbp, [rel request0]
        call    smp_text_poke_single
| smp_text_poke_single(site1, new1, 5)
        lea     rbp, [rel request1]
        call    smp_text_poke_single
phase "done"
| everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest
