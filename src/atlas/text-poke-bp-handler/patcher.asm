; CPU 0: one text_poke_bp, as arch_jump_label_transform calls it: the address to go on at is the one behind the site, whichever way the key is turned.

NR_CPUS     equ 2
BP_LENGTH   equ SITE_LENGTH
; The gap in the #BP entry came with handlers that push.
GAP         equ 0
POKE0       equ 0x7734c8d12000 + (SITE0_ADDR & 0xfff)

section .data at 0xffffffff82000000 shared
; What the handler goes by.
bp_int3_handler:
        dq      0
bp_int3_addr:
        dq      0
bp_patching_in_progress:
        dd      0
        align 64
csd:    times NR_CPUS dd 0
patch_done:
        dd      0

section .rodata.requests at 0xffffffff81800100
request:
        dq      SITE0_ADDR, POKE0, RESUME_AT
new0:
if KIND == KIND_CALL_CALL
        db      0xe8
        dd      callee_b - behind_site
elif KIND == KIND_NOP_JMP && SITE_LENGTH == 5
        db      0xe9
        dd      key_on - behind_site
elif KIND == KIND_NOP_JMP
        db      0xeb, key_on - behind_site, 0, 0, 0
elif SITE_LENGTH == 5
        db      0x0f, 0x1f, 0x44, 0, 0
else
        db      0x66, 0x90, 0, 0, 0
endif
        db      0, 0, 0

section .text.patcher at 0xffffffff81000100 exec
func patcher
| text_poke_bp(addr, opcode, len, handler)
        lea     rbp, [rel request]
        call    text_poke_bp
phase "done"
| return; everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest
