; CPU 1 runs over a kprobe again and again: an int3 that stands in the text for good and that text_poke's handler is asked about first. Which CPU waits for
; whom when text is patched does not cover it: it may begin at any time, also behind the last sync.
;
; The probed instruction is mov eax, 1, at `probed`. The kprobe has been there all the time, or it is unoptimized first: the jmp to its detour becomes
; an int3 and the old tail, by text_poke, as kprobes did it until November 2019.
;
; Left out: the user's handlers of the kprobe, looking it up in a table, and single-stepping: the copied instruction is "boosted", it ends in a jmp back.

section .text.probed at 0xffffffff81001008 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
| what the probed instruction does
        nop
probed:
if INT3 == INT3_POKED
        jmp     near detour
else
        db      0xcc
        dd      1
endif
pass_end:
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

section .text.kprobes at 0xffffffff81001200 exec
; The optimized kprobe: the probed instruction, out of line, and back.
func detour
| the probed instruction; back
        mov     eax, 1
        jmp     pass_end
; The copy of the probed instruction that an int3 goes on at.
func insn_slot
| the probed instruction; back
        mov     eax, 1
        jmp     pass_end

section .text.exc_int3 at 0xffffffff81000900 exec

func exc_int3
| if (poke_int3_handler(regs)) return
        call    poke_int3_handler
        test    eax, eax
        jnz     .back
| if (kprobe_int3_handler(regs)) return; die("int3")
        call    kprobe_int3_handler
        test    eax, eax
        jz      oops
.back:
|
        ret

; rdi = pt_regs.
func kprobe_int3_handler
| p = get_kprobe(regs->ip - 1); if (!p) return 0
        mov     rsi, [rdi + PT_RIP]
        dec     rsi
        lea     rax, [rel probed]
        cmp     rsi, rax
        mov     eax, 0
        jne     .back
| regs->ip = p->ainsn.insn; return 1
        lea     rsi, [rel insn_slot]
        mov     [rdi + PT_RIP], rsi
        mov     eax, 1
.back:
|
        ret
