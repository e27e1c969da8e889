; One write to text, as Linux does it today: through an alias in the user half of a private mm, with interrupts off. Going back to the own mm serialises this CPU.
;
; A program that defines POKE_FIVE has instructions of six bytes, whose tail is copied as four bytes and one.
;
; Left out: mapping and unmapping the page, flushing its TLB entry, and the comparison of what was written.

POKING_CR3  equ 0x2000
INIT_CR3    equ 0x1000

section .text.poke at 0xffffffff81000700 exec

phase ""
; Writes edx (1 or 4) bytes of rsi to the alias address rdi, in the poking mm; coming back serialises this CPU.
func text_poke
| local_irq_save(); use_temporary_mm(poking_mm)
        cli
        mov     eax, POKING_CR3
        mov     cr3, rax
| memcpy(poking_addr, src, len)
        cmp     edx, 1
        jne     .four
        mov     [rdi], sil
        jmp     .back
.four:
        mov     [rdi], esi
if defined(POKE_FIVE)
        cmp     edx, 4
        je      .back
        shr     rsi, 32
        mov     [rdi + 4], sil
endif
.back:
| unuse_temporary_mm(); local_irq_restore()
        mov     eax, INIT_CR3
        mov     cr3, rax
        sti
|
        ret
