; text_poke at one call site, with int3 behind an interrupt gate or behind a trap gate. The gate is the only difference (see the scenario's IDT).
; Stacks have room for an IPI inside #BP, which only a trap gate lets in.

STACK_BYTES equ 640
