; CPU 0: smp_text_poke_single of one instruction (lib/tp-single.asm), whatever it is and becomes.

NR_CPUS     equ 2
TP_VEC_MAX  equ 1
; Kinds that need a case of their own in the handler.
if KIND == KIND_JCC_JCC
EMULATE_JCC equ 1
POKE_FIVE   equ 1
elif KIND == KIND_JMP_RET
EMULATE_RET equ 1
endif

section .text.head at 0xffffffff81000000 exec
_stext:
        ud2

section .data at 0xffffffff82000080 shared
csd:    times NR_CPUS dd 0
patch_done:
        dd      0

section .rodata.requests at 0xffffffff81800100
request:
        dq      SITE0_ADDR, POKE_BASE + (SITE0_ADDR & 0xfff)
        dd      SITE_LENGTH, 0
new0:
if KIND == KIND_JCC_JCC
        db      0x0f, 0x80 + CC
        dd      new_place - behind_site
elif KIND == KIND_NOP_CALL || KIND == KIND_CALL_CALL
        db      0xe8
        dd      new_place - behind_site
elif KIND == KIND_NOP_JMP
        db      0xe9
        dd      new_near - behind_site
elif KIND == KIND_JMP_RET
        db      0xc3, 0xcc, 0xcc, 0xcc, 0xcc
else
        db      0x0f, 0x1f, 0x44, 0, 0
endif
        dq      0

section .text.patcher at 0xffffffff81000100 exec
func patcher
| smp_text_poke_single(addr, new, len)
        lea     rbp, [rel request]
        call    smp_text_poke_single
phase "done"
| everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest
