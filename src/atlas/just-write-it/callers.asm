; CPU 1: one pass after another through the call, until the patcher has returned; the pass that starts after that must do the new thing.
; A pass leaves in eax what it did: 1 the old thing, 2 the new thing.

; Inside one aligned quadword; across two of them, inside one line; across two lines.
if SITE == SITE_QUADWORD
SITE_ADDR equ 0xffffffff81001010
elif SITE == SITE_LINE
SITE_ADDR equ 0xffffffff81001016
else
SITE_ADDR equ 0xffffffff8100103e
endif

section .text.site at SITE_ADDR - 7 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
| tracer()
call_site:
        call    callee_a
pass_end:
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

section .text.callee_a at 0xffffffff81001200 exec
func callee_a
| return 1
        mov     eax, 1
        ret

; Below the site, so that every byte of the displacement differs.
section .text.callee_b at 0xffffffff80ffe348 exec
func callee_b
| return 2
        mov     eax, 2
        ret

; What stands there afterwards; the instruction behind it stays as it is.
section .rodata.new at 0xffffffff81800000
new:    db      0xe8
        dd      callee_b - (SITE_ADDR + 5)
        db      0x45, 0x85, 0xe4
