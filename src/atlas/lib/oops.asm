; Where every #BP handler goes in the end if the int3 is nobody's: the kernel dies.

section .text.oops at 0xffffffff810006c0 exec

; Nobody claims this int3: the kernel dies here.
func oops
| die("int3", regs)
        cli
.dead:
        hlt
        jmp     .dead
