; A kprobe over two instructions, xor eax, eax and add eax, 1, and everything that may stand there: the instructions themselves; an int3 over the first byte
; (armed); a jmp to a detour over all five (optimized). CPU 1 runs through it, one pass after another; each pass must leave 1 in eax.
; The program that uses this says what stands there at first, PROBED_AT_FIRST: 0 the instructions, 1 armed, 2 optimized; and has patch_done (4), kprobe (what
; get_kprobe finds: its address or 0, 8), kprobe_insn (8) and kprobe_optimized (4) in shared memory. RECHECK says whether an int3 that is no kprobe's (any more) is looked
; at again; RCU_TASKS whether each pass ends by saying that it is over. Include it behind lib/tp-int3-handler.asm.
;
; Left out: the user's handlers, the hash table of kprobes, and single-stepping: the copy of the first instruction is "boosted", it ends in a jmp back.

section .text.probed at 0xffffffff81001009 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
probed:
if PROBED_AT_FIRST == 2
        jmp     near detour
elif PROBED_AT_FIRST == 1
        db      0xcc, 0xc0
second:
        add     eax, 1
else
| eax = 0; eax++
        xor     eax, eax
second:
        add     eax, 1
endif
pass_end:
if RCU_TASKS
        rcu_tasks_qs
endif
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

section .text.kprobes at 0xffffffff81001200 exec
; The optimized kprobe: both instructions, out of line, and back.
func detour
| both instructions; back
        xor     eax, eax
        add     eax, 1
        jmp     pass_end
; The copy of the first instruction: where an int3 goes on.
func insn_slot
| the first instruction; back to the second
        xor     eax, eax
        jmp     probed + 2

section .rodata.plain at 0xffffffff81800040
; The probed code as it is without a kprobe, and with an optimized one.
plain:  xor     eax, eax
        add     eax, 1
optimized:
        db      0xe9
        dd      detour - (probed + 5)
        db      0, 0, 0

section .text.exc_int3_kprobe at 0xffffffff81000900 exec

func exc_int3
| if (poke_int3_handler(regs)) return
        call    smp_text_poke_int3_handler
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
| addr = regs->ip - 1; p = get_kprobe(addr)
        mov     rsi, [rdi + PT_RIP]
        dec     rsi
        cmp     rsi, [rel kprobe]
        jne     .none
| setup_detour_execution(): optimized? then all instructions are run out of line
        lea     rdx, [rel detour]
        cmp     dword ptr [rel kprobe_optimized], 0
        jne     .go
| setup_singlestep(): regs->ip = p->ainsn.insn
        mov     rdx, [rel kprobe_insn]
.go:
        mov     [rdi + PT_RIP], rdx
| return 1
        mov     eax, 1
        ret
.none:
if RECHECK
| if (*addr != int3) the kprobe has just been removed: regs->ip = addr, run it again
        xor     eax, eax
        cmp     byte ptr [rsi], 0xcc
        je      .back
        mov     [rdi + PT_RIP], rsi
        inc     eax
.back:
else
| return 0
        xor     eax, eax
endif
|
        ret
