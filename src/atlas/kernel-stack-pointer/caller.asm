; One CPU runs into one int3, at the entry of a traced function. S is the stack pointer there.

COMPLETE_FRAME equ FRAME == FRAME_COMPLETE
FIRST_CUT      equ FRAME == FRAME_FIRST_CUT
INT3_ONLY      equ FRAME == FRAME_INT3_ONLY
MOVES          equ FRAME == FRAME_MOVE
POINTER        equ 0
IN_PLACE       equ 0

S       equ stack_end - 4

section .text.caller at 0xc1001000 exec
func caller
| traced_function()
        call    traced_function
.rest:
| nothing left to do
        hlt
        jmp     .rest

section .text.traced at 0xc1001810 exec
func traced_function
| a call of ftrace, being changed
site0:
        db      0xcc
        dd      0
| the body of the function
        ret

section .text.tracers at 0xc1001a00 exec
func ftrace_regs_caller
| what the int3 stands for
        ret

section .stack at 0xf5c0e000 private=0
        resb    384
stack_end:
        dd      0x5a5a5a5a

; regs as somebody has remembered them, and what was answered.
section .percpu at 0xc2000000 private=0
irq_regs:
        dd      0
answer: dd      0
