; The caller: a function calls a traced function, whose first five bytes are being changed: an int3 stands there. Every register holds something that can be
; recognised. S is the stack pointer at the site; at the entry of a function the word there is its caller's return address, and so lies in kernel text.
;
; Left out: what ftrace_regs_caller does for its callbacks. It only looks whether it was called as by a call.

COMPLETE_FRAME equ FRAME == FRAME_COMPLETE
FIRST_CUT      equ FRAME == FRAME_FIRST_CUT
INT3_ONLY      equ FRAME == FRAME_INT3_ONLY
MOVES          equ FRAME == FRAME_MOVE
POINTER        equ FRAME == FRAME_POINTER
IN_PLACE       equ FRAME == FRAME_IN_PLACE

S       equ stack_end - 4

section .text.caller at 0xc1001000 exec
func caller
| registers that can be recognised
        mov     eax, 0xa0
        mov     ecx, 0xa1
        mov     esi, 0xa6
        mov     ebx, 0xa3
        xor     edi, edi
        mov     ebp, esp
| edx = flags
        cmp     eax, ecx
        pushfd
        pop     edx
| traced_function()
        call    traced_function
pass_end:
.rest:
| nothing left to do
        hlt
        jmp     .rest

section .text.traced at 0xc1001810 exec
func traced_function
| int3, and the rest of the nop that stood there: it becomes a call of ftrace, or the jump of a static key
site0:
        db      0xcc, 0x1f, 0x44, 0, 0
site0_end:
| the body of the function
        inc     ebx
        ret
if EMULATES == EMULATES_JMP
called:
key_on:
| the body with the key on
        mov     edi, 2
        ret
endif

section .text.tracers at 0xc1001a00 exec
; What the int3 stands for, where it is a call.
func ftrace_regs_caller
if EMULATES == EMULATES_CALL
called:
endif
| ecx = flags; edi = 2
        pushfd
        pop     ecx
        mov     edi, 2
        ret

section .rodata.new at 0xc1800000
; What will stand at the site.
if EMULATES == EMULATES_CALL
new0:   db      0xe8
        dd      ftrace_regs_caller - site0_end
else
new0:   db      0xe9
        dd      key_on - site0_end
endif

; No section of the kind "stack": what lies below the stack pointer is dead, and this scenario is about those who read it there.
section .stack at 0xf5c0e000 private=0
        resb    384
stack_end:
        dd      0x5a5a5a5a, 0x5a5a5a5a
