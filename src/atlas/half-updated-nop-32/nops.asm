; apply_alternatives on a 32-bit kernel: three nops of one byte become one nop of three, in place, byte by byte. A timer interrupt on the same CPU runs through
; them. There is no other CPU.
;
; The kernel writes these bytes at their own address, while text is writable; here a store needs a second, writable view of them, which changes nothing else.
; Left out: alternatives that are replaced rather than optimised, pt_regs (the interrupt handler saves all registers at once), paging.

KERNEL_TEXT        equ 0xc1000000
LOCAL_TIMER_VECTOR equ 0xec
MSR_X2APIC_EOI     equ 0x80b
TEXT_VIEW          equ 0xf0001000

section .text at 0xc1000100 exec

func apply_alternatives
if OPTIMIZE != OPTIMIZE_IRQS_ON
| local_irq_save()
        cli
endif
phase "optimize"
| memcpy(instr, x86_nops[3], 3)
        mov     edi, TEXT_VIEW + (site0 & 0xfff)
        mov     byte ptr [edi], 0x8d
        mov     byte ptr [edi + 1], 0x76
        mov     byte ptr [edi + 2], 0
if OPTIMIZE == OPTIMIZE_IRQS_OFF_SYNC
| sync_core()
        call    sync_core
endif
if OPTIMIZE != OPTIMIZE_IRQS_ON
| local_irq_restore()
        sti
endif
phase "done"
| run through it
        call    alternative
.rest:
| nothing left to do
        hlt
        jmp     .rest

func asm_sysvec_apic_timer_interrupt
| save all registers
        pushad
| ack_APIC_irq()
        mov     ecx, MSR_X2APIC_EOI
        xor     eax, eax
        xor     edx, edx
        wrmsr
| the interrupt handler runs through the same code
        call    alternative
| restore and return
        popad
        iretd

section .text.alternative at 0xc1001003 exec
func alternative
| two values in use
        mov     esi, 0x1000
        mov     edx, 0x2000
| where another CPU type would have an instruction
site0:
        nop
        nop
        nop
| both values as before
unchanged:
        cmp     esi, edx
        ret

section .rodata.new at 0xc1800000
new0:   db      0x8d, 0x76, 0x00

section .stack0 at 0xc2000000 private=0 stack
        resb    192
stack0_top:
        dd      0
