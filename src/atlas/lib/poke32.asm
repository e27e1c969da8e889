; One write to text by a 32-bit kernel: as poke.asm, with its arguments in eax, edx, ecx.
;
; Left out: mapping and unmapping the page, flushing its TLB entry, and the comparison of what was written.

POKING_CR3  equ 0x2000
INIT_CR3    equ 0x1000

section .text.poke at KERNEL_TEXT + 0x700 exec

phase ""
; Writes ecx (1 or 4) bytes of edx to the alias address eax, in the poking mm; coming back serialises this CPU. Clobbers ecx.
func text_poke
| local_irq_save(); use_temporary_mm(poking_mm)
        cli
        push    ecx
        mov     ecx, POKING_CR3
        mov     cr3, ecx
        pop     ecx
| memcpy(poking_addr, src, len)
        cmp     ecx, 1
        jne     .four
        mov     [eax], dl
        jmp     .back
.four:
        mov     [eax], edx
.back:
| unuse_temporary_mm(); local_irq_restore()
        mov     ecx, INIT_CR3
        mov     cr3, ecx
        sti
|
        ret
