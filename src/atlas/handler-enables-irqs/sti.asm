; One line in text_poke's int3 handler: STI, before it has its reference or behind it. Stacks have room for an IPI inside #BP.
;
; Left out: scheduling inside of the handler, which needs interrupts on as well and lets the patcher go just as far.

STACK_BYTES   equ 640
HANDLER_HOOKS equ 1

macro before_reference
if IRQS == IRQS_ON_FIRST
| local_irq_enable()
        sti
endif
endm

macro before_lookup
if IRQS == IRQS_ON_LATER
| local_irq_enable()
        sti
endif
endm
