; CPUs 1 and 2: one pass after another through the call site, until the patcher has returned; the pass that starts after that must do the new thing.
; A pass leaves in eax (and ebx, for a batch of two sites) what it did: 0 nothing was called, 1 the old thing, 2 the new thing.

if NR_SITES == 0
; Our own site: call A -> call B, inside one 64-byte line or across two.
if SITE == SITE_ACROSS
SITE0_ADDR equ 0xffffffff8100103e
else
SITE0_ADDR equ 0xffffffff81001010
endif
SITE0_LEN equ 5
NR        equ 1
OLD0      equ 1
NEW0      equ 2
OLD1      equ 0
NEW1      equ 0

section .text.site0 at SITE0_ADDR - 11 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
| eax = ebx = nothing called yet
        xor     eax, eax
        xor     ebx, ebx
| tracer()
site0:
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

section .text.callee_b at 0xffffffff81002348 exec
func callee_b
| return 2
        mov     eax, 2
        ret

section .rodata.new at 0xffffffff81800000
new0:   db      0xe8
        dd      callee_b - (SITE0_ADDR + 5)

else
; Sites, old and new bytes as recorded from a real kernel.
NR equ NR_SITES

; The target of the branch in these five bytes at that address.
macro TARGET5 name, at, bytes
name    equ at + 5 + ((((bytes >> 8) & 0xffffffff) ^ 0x80000000) - 0x80000000)
endm

section .text.caller at 0xffffffff81001000 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
| eax = ebx = nothing called yet
        xor     eax, eax
        xor     ebx, ebx
| the function that holds the site
        call    site0
if NR_SITES == 2
        call    site1
endif
pass_end:
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

section .text.site0 at SITE0_ADDR exec
site0:
if BATCH == BATCH_JUMP_LABEL
; jump label: a 2-byte nop becomes a short jmp
OLD0 equ 0
NEW0 equ 2
        db      SITE0_OLD & 0xff, (SITE0_OLD >> 8) & 0xff
func static_key_off_0
| the key is off: nothing
        ret
        address SITE0_ADDR + 2 + ((((SITE0_NEW >> 8) & 0xff) ^ 0x80) - 0x80)
func static_key_on_0
| the key is on: eax = 2
        mov     eax, 2
        ret
else
        db      SITE0_OLD & 0xff, (SITE0_OLD >> 8) & 0xff, (SITE0_OLD >> 16) & 0xff, (SITE0_OLD >> 24) & 0xff, (SITE0_OLD >> 32) & 0xff
func getppid_body
| the traced function itself
        ret
if (SITE0_OLD & 0xff) == 0xe8
OLD0 equ 1
        TARGET5 OLD_TARGET, SITE0_ADDR, SITE0_OLD
section .text.old_tracer at OLD_TARGET exec
func old_tracer
| return 1
        mov     eax, 1
        ret
else
OLD0 equ 0
endif
if (SITE0_NEW & 0xff) == 0xe8
NEW0 equ 2
        TARGET5 NEW_TARGET, SITE0_ADDR, SITE0_NEW
section .text.new_tracer at NEW_TARGET exec
func new_tracer
| return 2
        mov     eax, 2
        ret
else
NEW0 equ 0
endif
endif

section .rodata.new at 0xffffffff81800000
new0:   dq      SITE0_NEW

if NR_SITES == 2
; jump label: a 5-byte nop becomes a near jmp
OLD1 equ 0
NEW1 equ 2
section .text.site1 at SITE1_ADDR exec
site1:
        db      SITE1_OLD & 0xff, (SITE1_OLD >> 8) & 0xff, (SITE1_OLD >> 16) & 0xff, (SITE1_OLD >> 24) & 0xff, (SITE1_OLD >> 32) & 0xff
func static_key_off_1
| the key is off: nothing
        ret
        TARGET5 ON_TARGET1, SITE1_ADDR, SITE1_NEW
section .text.static_key_on_1 at ON_TARGET1 exec
func static_key_on_1
| the key is on: ebx = 2
        mov     ebx, 2
        ret
section .rodata.new1 at 0xffffffff81800010
new1:   dq      SITE1_NEW
else
OLD1 equ 0
NEW1 equ 0
endif
endif
