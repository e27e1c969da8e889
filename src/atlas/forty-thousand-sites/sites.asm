; Traced functions, as many as there are sites and a few more that nobody traces, and the CPUs that call one after another.
; A pass leaves in eax what the function called: 0 nothing, 1 the old tracer, 2 the new one.

; Every 17th record is to be left as it is, beginning with the first; the others take turns: make a call, modify a call, make a nop.
; (What Linux counts are the sites that change, and so does the parameter.)
RECORDS     equ SITES + (SITES + 15) / 16
IGNORE      equ 0
MAKE_CALL   equ 1
MODIFY_CALL equ 2
MAKE_NOP    equ 3
STRIDE      equ 16
SITE_LEN    equ 5
NOP5        equ 0x441f0f
PAD         equ 0xcccccccccccccccc

section .text.tracers at 0xffffffff81002000 exec
func tracer_a
| what was called before
        mov     eax, 1
        ret
        align   16
func tracer_b
| what is to be called
        mov     eax, 2
        ret

; Each function is 16 bytes: the site, a return, padding. Its number is that of its record.
section .text.sites at 0xffffffff81200000 exec
functions:
; The old instruction of record r, as a number: a call of tracer_a where one is to be modified or removed.
times RECORDS dq (((($ - functions) / STRIDE % 17 != 0) * (1 + (($ - functions) / STRIDE - 1) % 3) >= MODIFY_CALL) * (0xe8 | (((tracer_a - ($ + 5)) & 0xffffffff) << 8)) + ((($ - functions) / STRIDE % 17 != 0) * (1 + (($ - functions) / STRIDE - 1) % 3) < MODIFY_CALL) * NOP5) | (0xccccc3 << 40), PAD

; The kind of each record; what a function of a kind calls before and behind the patch.
section .rodata.kinds at 0xffffffff81c00000
site_kinds:
times RECORDS db (($ - site_kinds) % 17 != 0) * (1 + ($ - site_kinds - 1) % 3)
        align   16
olds:   db      0, 0, 1, 1
news:   db      0, 2, 2, 0

; The new instructions, 8 bytes for each record.
section .rodata.new at 0xffffffff81d00000
new_bytes:
times RECORDS dq (($ - new_bytes) / 8 % 17 == 0) * NOP5 | (($ - new_bytes) / 8 % 17 != 0) * (((($ - new_bytes) / 8 - 1) % 3 == 2) * NOP5 | ((($ - new_bytes) / 8 - 1) % 3 != 2) * (0xe8 | (((tracer_b - (functions + ($ - new_bytes) * 2 + 5)) & 0xffffffff) << 8)))

section .text.caller at 0xffffffff81001000 exec
; r14: the function that it calls next; r15: how far it goes from one to the next.
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
| eax = nothing called yet
        xor     eax, eax
        mov     r13, rsp
| functions[i]()
        mov     rcx, r14
        shl     rcx, 4
        lea     rdx, [rel functions]
        add     rdx, rcx
        call    rdx
pass_end:
| i = (i + step) % RECORDS
        add     r14d, r15d
        cmp     r14d, RECORDS
        jb      .again
        sub     r14d, RECORDS
.again:
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest
