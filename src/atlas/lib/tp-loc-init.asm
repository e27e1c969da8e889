; text_poke_loc_init (kernel v6.16): what int3 handlers will do at a site is decided once, when the request is queued.
; The program that uses this has _stext.
;
; A program that defines EMULATE_JCC has conditional jumps of six bytes, kept as the opcode of their short form.
;
; Left out: sites of other lengths than 2, 5 and 6, and the check that what is to be emulated is what is written.

; A request: +0 site (8), +8 where text_poke may write it (8), +16 length (4), +24 new bytes (8). A program that defines EMULATE_OTHER has at +32 eight bytes
; more: what is to be emulated, which need not be what is written.
if defined(EMULATE_OTHER)
REQUEST_SIZE equ 40
EMULATE      equ 32
else
REQUEST_SIZE equ 32
EMULATE      equ 24
endif

section .text.loc_init at 0xffffffff81000a00 exec

; Fills entry r13 from request rbp: what to emulate is decided here, once.
func text_poke_loc_init
phase "publish"
| tp->rel_addr = addr - _stext
        mov     rdx, [rbp]
        lea     rcx, [rel _stext]
        sub     rdx, rcx
        mov     [r13], edx
| switch (new[0]): a nop is a jump to the next instruction
        movzx   eax, byte ptr [rbp + EMULATE]
        xor     edx, edx
        cmp     al, 0x0f
        je      .nop5
        cmp     al, 0x66
        je      .nop2
        cmp     al, 0xeb
        je      .short
        mov     edx, [rbp + EMULATE + 1]
        jmp     .store
.nop5:
if defined(EMULATE_JCC)
        movzx   eax, byte ptr [rbp + EMULATE + 1]
        cmp     al, 0x80
        jae     .jcc
endif
        mov     eax, 0xe9
        jmp     .store
.nop2:
        mov     eax, 0xeb
        jmp     .store
if defined(EMULATE_JCC)
.jcc:
        sub     eax, 0x10
        mov     edx, [rbp + EMULATE + 2]
        jmp     .store
endif
.short:
        movsx   edx, byte ptr [rbp + EMULATE + 1]
.store:
| tp->disp, tp->len, tp->opcode
        mov     [r13 + 4], edx
        shl     eax, 8
        or      al, [rbp + 16]
        mov     [r13 + 8], ax
|
        ret
