; exc_int3 of the modern kernel, as far as text_poke goes: its handler claims the int3, or the kernel dies. Older and other handlers bring their own exc_int3.

if !defined(KERNEL_TEXT)
KERNEL_TEXT equ 0xffffffff81000000
endif

section .text.exc_int3 at KERNEL_TEXT + 0x680 exec

func exc_int3
| if (!smp_text_poke_int3_handler(regs)) die("int3")
        call    smp_text_poke_int3_handler
        test    eax, eax
        jz      oops
|
        ret
