; hpa's question of January 2019: why not spin in #BP until the patch is complete? The handler needs to know nothing: it goes back to the int3, and either traps
; again or finds the new instruction. IRET serialises on the way. Beside it what Linux does instead: emulate the new call in the handler.
;
; Left out: telling our int3 from one that is somebody else's (a spinning handler that knows nothing would spin on those for ever).

NOP_CALL equ 0

if STRATEGY == STRATEGY_SPIN
ZERO_KNOWLEDGE equ 1

section .text.exc_int3 at 0xffffffff81000d80 exec
; rdi = pt_regs.
func exc_int3
| regs->ip -= 1: back to the int3
        dec     qword ptr [rdi + PT_RIP]
        ret
else
AT_INT3 equ 1
macro at_int3
| int3_emulate_call(): regs->sp -= 8; *(u64 *)regs->sp = ip + 5
        mov     rax, [rdi + PT_RSP]
        sub     rax, 8
        mov     [rdi + PT_RSP], rax
        mov     rdx, [rdi + PT_RIP]
        add     rdx, 4
        mov     [rax], rdx
endm
endif

section .rodata.requests at 0xffffffff81800100
; The request of text_poke_bp; only the emulating handler asks where to go.
request:
        dq      site0, POKE0, callee_b
        db      0xe8
        dd      callee_b - (site0 + 5)
        db      0, 0, 0

section .data at 0xffffffff82000000 shared
if STRATEGY == STRATEGY_EMULATE
bp_int3_addr:
        dq      0
bp_int3_handler:
        dq      0
bp_patching_in_progress:
        dd      0
endif
        align 64
csd:    times NR_CPUS dd 0
patch_done:
        dd      0
lock_word:
        dd      0

section .text.patcher at 0xffffffff81000100 exec
func patcher
| text_poke_bp(addr, opcode, len, handler)
        lea     rbp, [rel request]
        call    text_poke_bp
phase "done"
| return; everybody may rely on the new code now
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest
