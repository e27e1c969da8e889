; CPU 1: calls the function that holds the site, one pass after another, until the patcher has returned; the pass that starts after that must do the new thing.
; A pass leaves in eax what the site did: 0 nothing (a nop, a jump not taken, a bare return), 1 the old thing, 2 the new thing; and in r14b whether a
; conditional jump should have been taken, as SETcc says of the same flags. ebx is 1 where the function that holds the site went on behind it.

if KIND == KIND_JCC_JCC
SITE_LENGTH equ 6
else
SITE_LENGTH equ 5
endif
if SITE == SITE_ACROSS
SITE0_ADDR equ 0xffffffff8100103e
else
SITE0_ADDR equ 0xffffffff81001010
endif

section .text.caller at 0xffffffff81000f00 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
if KIND == KIND_JCC_JCC
| compare the next pair of numbers; r14b = is the condition true?
        inc     r13d
        and     r13d, 3
        lea     rdx, [rel pairs]
        mov     ecx, [rdx + r13*8 + 4]
        mov     eax, [rdx + r13*8]
        cmp     eax, ecx
; setcc r14b
        db      0x41, 0x0f, 0x90 + CC, 0xc6
endif
| the function that holds the site; neither mov nor call touches the flags
        mov     eax, 0
        mov     ebx, 0
        call    do_something
pass_end:
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

section .text.site0 at SITE0_ADDR exec
func do_something
if KIND == KIND_JCC_JCC
| if (condition) goto old_place
site0:
        db      0x0f, 0x80 + CC
        dd      old_place - behind_site
elif KIND == KIND_NOP_CALL || KIND == KIND_NOP_JMP
| the key is off, nobody is called
site0:
        nop     dword ptr [rax+rax*1+0]
elif KIND == KIND_JMP_NOP || KIND == KIND_JMP_RET
| goto old_place
site0:
        jmp     near old_place
else
| old_callee()
site0:
        call    old_place
endif
behind_site:
| the rest of the function
        mov     ebx, 1
        ret
| where the new jump leads
new_near:
        mov     eax, 2
        ret

section .text.places at 0xffffffff81001200 exec
func old_place
| return 1
        mov     eax, 1
        ret

        address 0xffffffff8100234e
func new_place
| return 2
        mov     eax, 2
        ret

; Equal; less; greater; less by an overflow: each condition is true of some and false of others.
section .rodata.pairs at 0xffffffff81800040
pairs:  dd      1, 1
        dd      1, 2
        dd      2, 1
        dd      0x80000000, 1

; What a pass may leave, before and after.
if KIND == KIND_NOP_CALL || KIND == KIND_NOP_JMP
OLD equ 0
else
OLD equ 1
endif
if KIND == KIND_CALL_NOP || KIND == KIND_JMP_NOP || KIND == KIND_JMP_RET
NEW equ 0
else
NEW equ 2
endif
; A call comes back, and the function that made it goes on; a jump need not.
COMES_BACK equ KIND == KIND_NOP_CALL || KIND == KIND_CALL_CALL || KIND == KIND_CALL_NOP
