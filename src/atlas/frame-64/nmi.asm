; The NMI of a 64-bit kernel: it has a stack of its own (IST), so it can overwrite nothing of what it interrupts. It may run into an int3 itself.
;
; Left out: NMIs in NMIs, for which the kernel keeps copies of the frame; pt_regs, which nobody asks for here.

section .text.nmi at 0xffffffff81000b00 exec

func asm_exc_nmi
| save what this handler uses
        push    rax
        push    rcx
        push    rdx
        push    rsi
        push    rdi
        push    r8
        push    r15
if NMI == NMI_TRACED
| nmi_enter(); a traced function; nmi_exit()
        mov     dword ptr [rel this_cpu_in_nmi], 1
        call    traced_in_nmi
        mov     dword ptr [rel this_cpu_in_nmi], 0
endif
| restore and return
        pop     r15
        pop     r8
        pop     rdi
        pop     rsi
        pop     rdx
        pop     rcx
        pop     rax
        iretq

func traced_in_nmi
| a nop that becomes a call of ftrace as well
site_nmi:
        db      0xcc, 0x1f, 0x44, 0, 0
nmi_body:
| the body of the function
        ret

section .nmi_stack at 0xffffc90000030000 private=0 stack
        resb    640
nmi_stack_top:
        dq      0
