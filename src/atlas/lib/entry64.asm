; The 64-bit #BP entry, with the gap: from kernel mode the six words of the frame are copied below themselves, so that a handler can push a return
; address onto the interrupted stack without hitting its own frame (kernel commit 2700fefdb2d9). pt_regs is memory on this stack.
; The program that uses this has exc_int3(rdi = pt_regs); GAP defined as 0 leaves the gap out. EXIT_IRET defined as 0 returns without IRET, for a program that
; wants to know what IRET's serialising is for: flags and address go below the stack pointer, into the gap, and POPF and RET take them from there.
;
;   offsets   r15 00  r14 08  r13 10  r12 18  rbp 20  rbx 28  r11 30  r10 38  r9 40  r8 48  rax 50
;             rcx 58  rdx 60  rsi 68  rdi 70  orig_rax 78  rip 80  cs 88  rflags 90  rsp 98  ss a0

PT_RIP    equ 0x80
PT_RFLAGS equ 0x90
PT_RSP    equ 0x98

if !defined(GAP)
OPEN_GAP equ 1
else
OPEN_GAP equ GAP
endif

if !defined(EXIT_IRET)
RETURN_BY_IRET equ 1
else
RETURN_BY_IRET equ EXIT_IRET
endif

section .text.entry at 0xffffffff81000600 exec

func asm_exc_int3
| orig_rax = -1: no system call
        push    -1
if OPEN_GAP
| from kernel mode? then open the gap: copy six words below themselves
        test    byte ptr [rsp + 16], 3
        jnz     .from_user
rept 6
        push    qword ptr [rsp + 40]
endr
.from_user:
endif
| PUSH_REGS: the rest of pt_regs
        push    rdi
        push    rsi
        push    rdx
        push    rcx
        push    rax
        push    r8
        push    r9
        push    r10
        push    r11
        push    rbx
        push    rbp
        push    r12
        push    r13
        push    r14
        push    r15
| exc_int3(regs)
        mov     rdi, rsp
        call    exc_int3
.leave:
if !RETURN_BY_IRET
| regs->sp -= 16; push flags and address on the interrupted stack
        mov     rax, [rsp + PT_RSP]
        sub     rax, 16
        mov     [rsp + PT_RSP], rax
        mov     rcx, [rsp + PT_RIP]
        mov     [rax + 8], rcx
        mov     rcx, [rsp + PT_RFLAGS]
        mov     [rax], rcx
endif
| POP_REGS
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     rbp
        pop     rbx
        pop     r11
        pop     r10
        pop     r9
        pop     r8
        pop     rax
        pop     rcx
        pop     rdx
        pop     rsi
        pop     rdi
if RETURN_BY_IRET
| drop orig_rax and return
        add     rsp, 8
        iretq
else
| back to the interrupted stack, and return
        mov     rsp, [rsp + 8 + PT_RSP - PT_RIP]
        popfq
        ret
endif
