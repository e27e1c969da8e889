; What each CPU of a small scenario has for itself: its number, where its gs points (percpu0, percpu1, …), and a stack of its own (up to stack0_top, …).
; The program that uses this has NR_CPUS (1 to 3), and STACK_BYTES if one int3 and one IPI need more room than usual, or nest.

if !defined(STACK_BYTES)
STACK_BYTES equ 320
endif

section .rodata.percpu at 0xffffffff81800200
percpu0: dq     0
percpu1: dq     1
percpu2: dq     2

section .stack0 at 0xffffc90000010000 private=0 stack
        resb    STACK_BYTES
stack0_top:
        dq      0
if NR_CPUS > 1
section .stack1 at 0xffffc90000020000 private=1 stack
        resb    STACK_BYTES
stack1_top:
        dq      0
endif
if NR_CPUS > 2
section .stack2 at 0xffffc90000030000 private=2 stack
        resb    STACK_BYTES
stack2_top:
        dq      0
endif
