; CPU 1: calls the function that holds the site, one pass after another, until the patcher has returned; the pass that starts after that must do the new thing.
; A pass leaves in eax what the site did: with a jump label 1 (the key is off) or 2 (it is on), with a call 1 (the old callee), 2 (the new one) or
; 0 (nobody was called); and in ebx whether the function behind the site ran to its end: 1, or 0.

; What is a call has five bytes.
if KIND == KIND_CALL_CALL
SITE_LENGTH equ 5
else
SITE_LENGTH equ LENGTH
endif
if SITE == SITE_ACROSS
SITE0_ADDR equ 0xffffffff8100103e + (SITE_LENGTH == 2)
else
SITE0_ADDR equ 0xffffffff81001010
endif

section .text.caller at 0xffffffff81000f00 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
| nothing called, nothing run yet
        xor     eax, eax
        xor     ebx, ebx
        call    do_something
pass_end:
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

; What may stand at the site.
macro jump_label_nop
if SITE_LENGTH == 5
        nop     dword ptr [rax+rax*1+0]
else
        xchg    ax, ax
endif
endm
macro jump_label_jmp
if SITE_LENGTH == 5
        jmp     near key_on
else
        jmp     short key_on
endif
endm

section .text.site0 at SITE0_ADDR exec
func do_something
if KIND == KIND_CALL_CALL
| eax = static_call(name)()
site0:
        call    callee_a
behind_site:
| the rest of the function
        mov     ebx, 1
        ret
key_on equ callee_b
else
| if (static_branch_unlikely(&key))
site0:
if KIND == KIND_NOP_JMP
        jump_label_nop
else
        jump_label_jmp
endif
behind_site:
| off: eax = 1
        mov     eax, 1
        mov     ebx, 1
        ret
key_on:
| on: eax = 2
        mov     eax, 2
        mov     ebx, 1
        ret
endif

section .text.callees at 0xffffffff81001200 exec
func callee_a
| return 1
        mov     eax, 1
        ret

        address 0xffffffff8100134e
func callee_b
| return 2
        mov     eax, 2
        ret

if KIND == KIND_JMP_NOP
OLD equ 2
NEW equ 1
else
OLD equ 1
NEW equ 2
endif
; Where whoever traps goes on: behind the site, or where the new instruction leads.
if RESUME == RESUME_BEHIND || KIND == KIND_JMP_NOP
RESUME_AT equ behind_site
else
RESUME_AT equ key_on
endif
