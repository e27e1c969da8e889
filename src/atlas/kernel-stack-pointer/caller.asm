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
| int3, and the rest of the nop that stood there: it becomes a call of ftrace
site0:
        db      0xcc, 0x1f, 0x44, 0, 0
| the body of the function
        ret

section .text.tracers at 0xc1001a00 exec
func ftrace_regs_caller
| what the int3 stands for
        ret

section .rodata.new at 0xc1800000
; What will stand at the site.
new0:   db      0xe8
        dd      ftrace_regs_caller - (site0 + 5)

section .stack at 0xf5c0e000 private=0
        resb    384
stack_end:
        dd      0x5a5a5a5a

; regs as somebody has remembered them, and what was answered.
section .percpu at 0xc2000000 private=0
irq_regs:
        dd      0
answer: dd      0
