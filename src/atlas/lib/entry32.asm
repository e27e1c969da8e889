; The 32-bit #BP entry (pt-regs32.asm says what the frame looks like). Before v5.8 it was called int3, and its C function do_int3.
; The program that uses this has exc_int3(eax = pt_regs).

section .text.entry at KERNEL_TEXT + 0xa00 exec

func asm_exc_int3
| orig_ax = -1: no system call
        push    -1
        SAVE_ALL
| exc_int3(regs)
        mov     eax, esp
        call    exc_int3
        RESTORE_ALL
        iretd
