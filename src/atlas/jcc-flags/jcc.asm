; A kprobe on a conditional jump: its int3 handler decides whether the jump is taken, from the flags that the CPU has saved. Beside it the CPU decides the same
; by itself: setcc in front of the jump looks at the same flags.
; CPU 0 counts through the 32 combinations of overflow, sign, zero, parity and carry; CPU 1 takes the one that it finds.
;
; Left out: the kprobe's own handlers, looking it up in a table, jumps with four-byte displacements.

NR_CPUS equ 2

FLAG_CF equ 0x1
FLAG_PF equ 0x4
FLAG_ZF equ 0x40
FLAG_SF equ 0x80
FLAG_OF equ 0x800
FLAG_IF equ 0x202

section .data at 0xffffffff82000000 shared
combination:
        dd      0

section .rodata.flags at 0xffffffff81800000
; The flags of each combination: carry, parity, zero, sign, overflow, from the lowest bit of its number up.
flags_of:
rept 32, n
        dd      FLAG_IF | (n & 1) * FLAG_CF | (n >> 1 & 1) * FLAG_PF | (n >> 2 & 1) * FLAG_ZF | (n >> 3 & 1) * FLAG_SF | (n >> 4 & 1) * FLAG_OF
endr
; What a condition of the first twelve looks at; each pair is a condition and its opposite.
jcc_mask:
        dd      FLAG_OF, FLAG_CF, FLAG_ZF, FLAG_CF | FLAG_ZF, FLAG_SF, FLAG_PF
; The kprobe: condition code and displacement of the jump that it replaced.
kprobe_type:
        dd      CONDITION
kprobe_offset:
        dd      taken - not_taken

section .text.counter at 0xffffffff81000100 exec
func counter
| 31 times: combination++
rept 31
        lock inc dword ptr [rel combination]
endr
.rest:
| all combinations have been there
        hlt
        jmp     .rest

section .text.probed at 0xffffffff81001000 exec
func caller
| flags = flags_of[combination]
        mov     eax, [rel combination]
        lea     rcx, [rel flags_of]
        mov     ecx, [rcx + rax*4]
        push    rcx
        popfq
| right = would the CPU jump?
        db      0x0f, 0x90 + CONDITION, 0xc3
| if (condition) …
probed:
        db      0xcc, taken - not_taken
not_taken:
| the jump was not taken
        mov     edx, 0
        jmp     pass_end
taken:
| the jump was taken
        mov     edx, 1
pass_end:
.rest:
| nothing left to do
        hlt
        jmp     .rest

section .text.exc_int3 at 0xffffffff81000800 exec

func exc_int3
| if (!kprobe_int3_handler(regs)) die("int3")
        call    kprobe_int3_handler
        test    eax, eax
        jz      oops
|
        ret

; rdi = pt_regs.
func kprobe_int3_handler
| p = get_kprobe(regs->ip - 1); if (!p) return 0
        mov     rsi, [rdi + PT_RIP]
        lea     rax, [rel probed + 1]
        cmp     rsi, rax
        mov     eax, 0
        jne     .back
| kprobe_emulate_jcc(p, regs)
        call    kprobe_emulate_jcc
| return 1
        mov     eax, 1
.back:
|
        ret

; rdi = pt_regs, rsi = its ip, one byte into the jump.
func kprobe_emulate_jcc
| type = p->ainsn.jcc.type; flags = regs->flags
        mov     ecx, [rel kprobe_type]
        mov     eax, [rdi + PT_RFLAGS]
        cmp     ecx, 0xc
        jae     .signed
| match = flags & jcc_mask[type >> 1]
        mov     edx, ecx
        shr     edx, 1
        lea     r8, [rel jcc_mask]
        test    eax, [r8 + rdx*4]
        setnz   dl
        jmp     .decide
.signed:
| match = SF ^ OF
        mov     edx, eax
        shr     edx, 7
        mov     r8d, eax
        shr     r8d, 11
        xor     edx, r8d
        cmp     ecx, 0xe
        jb      .decide
if ZERO == ZERO_OR
| type >= 0xe: match = match || ZF
        shr     eax, 6
        or      edx, eax
else
| type >= 0xe: match = match && ZF
        shr     eax, 6
        and     edx, eax
endif
.decide:
| ip = next; if (match != (type & 1)) ip += offset
        inc     rsi
        xor     edx, ecx
        test    dl, 1
        jz      .store
        mov     eax, [rel kprobe_offset]
        add     rsi, rax
.store:
        mov     [rdi + PT_RIP], rsi
|
        ret
