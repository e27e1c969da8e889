; Where every #BP handler goes in the end if the int3 is nobody's: the kernel dies.

if !defined(KERNEL_TEXT)
KERNEL_TEXT equ 0xffffffff81000000
endif

section .text.oops at KERNEL_TEXT + 0x6c0 exec

; Nobody claims this int3: the kernel dies here.
func oops
| die("int3", regs)
        cli
.dead:
        hlt
        jmp     .dead
