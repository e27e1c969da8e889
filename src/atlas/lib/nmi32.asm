; The 32-bit NMI entry: the NMI runs on the stack that it interrupts, and so overwrites what lies below its stack pointer. Its frame is built like all others.
; The program that uses this has exc_nmi(eax = pt_regs).
;
; Left out: an NMI on the entry stack of user mode, and NMIs in NMIs (IRET lets the next one in).

section .text.nmi at KERNEL_TEXT + 0xb00 exec

func asm_exc_nmi
| orig_ax
        push    eax
        SAVE_ALL
| exc_nmi(regs)
        mov     eax, esp
        call    exc_nmi
        RESTORE_ALL
nmi_return:
        iretd
