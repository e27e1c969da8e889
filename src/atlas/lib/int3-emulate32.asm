; What a 32-bit #BP handler does to make the interrupted code call a function, for each of the frames in entry32-2019.asm.
; Arguments as the kernel passes them: eax = regs, edx = the value or the target. Returns regs in eax, which MOVES and POINTER have moved.

section .text.emulate at KERNEL_TEXT + 0xd00 exec

if MOVES || POINTER
; There is no sp in this frame: the interrupted stack begins right above it. To push a word, everything moves down by one.
func int3_emulate_push
| new = regs - 4; memmove(new, regs, 60)
        push    esi
        push    edi
        mov     esi, eax
        lea     edi, [eax - 4]
        mov     ecx, PT_SP / 4
        cld
        rep movsd
        pop     edi
        pop     esi
        sub     eax, 4
| new->sp = value, the word that IRET leaves on top
emulated_push:
        mov     [eax + PT_SP], edx
| return new
        ret
elif IN_PLACE
func int3_emulate_push
| *(&regs->sp - 1) = value: the right address, where the CPU's flags are
emulated_push:
        mov     [eax + PT_SP - 4], edx
|
        ret
else
; As on 64 bit.
func int3_emulate_push
| regs->sp -= 4; *regs->sp = value
        mov     ecx, [eax + PT_SP]
        sub     ecx, 4
        mov     [eax + PT_SP], ecx
emulated_push:
        mov     [ecx], edx
|
        ret
endif

func int3_emulate_call
| regs = int3_emulate_push(regs, regs->ip - 1 + 5)
        push    edx
        mov     edx, [eax + PT_IP]
        add     edx, 4
        call    int3_emulate_push
| regs->ip = func
        pop     edx
        mov     [eax + PT_IP], edx
| return regs
        ret
