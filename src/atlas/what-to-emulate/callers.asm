; CPU 1: calls traced functions, one pass after another, until the patcher has returned; the pass that starts after that must find the new code.
; A function leaves in eax which body ran (1 its own, 2 the one that a live patch put in its place), and in ebx who was called from its first instruction: 0
; nobody, or a trampoline by its number. r13d and r15d keep both for vfs_read; r14d counts what the tracer was told.
;
; Left out: what a trampoline saves and restores, and all that a tracer does but count; pt_regs of ftrace_regs_caller: what a live patch changes in it, the
; address to return to, is changed where it lies, on the stack.

SITE0_ADDR equ 0xffffffff81001010
SITE1_ADDR equ 0xffffffff81001110

NOBODY             equ 0
; A tracer's own trampoline, the live patch's own, and the one that serves everybody.
TRACER_TRAMPOLINE  equ 1
KLP_TRAMPOLINE     equ 2
FTRACE_REGS_CALLER equ 3

; Who is called before and after, and whether vfs_read is live-patched.
if KIND == KIND_NOP_CALL
OLD0 equ NOBODY
NEW0 equ TRACER_TRAMPOLINE
elif KIND == KIND_CALL_NOP
OLD0 equ TRACER_TRAMPOLINE
NEW0 equ NOBODY
else
OLD0 equ KLP_TRAMPOLINE
NEW0 equ FTRACE_REGS_CALLER
endif
LIVE_PATCHED equ KIND == KIND_CALL_CALL || KIND == KIND_MIXED
MIXED        equ KIND == KIND_MIXED

section .text.caller at 0xffffffff81000f00 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
        xor     r14d, r14d
| visit(vfs_read)
        lea     rdi, [rel vfs_read]
        call    visit
        mov     r13d, eax
        mov     r15d, ebx
if MIXED
| visit(vfs_write)
        lea     rdi, [rel vfs_write]
        call    visit
endif
pass_end:
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

; rdi = the function that is called. The properties look at what it leaves behind.
func visit
| function()
        xor     eax, eax
        xor     ebx, ebx
        call    rdi
returned:
        ret

section .text.site0 at SITE0_ADDR exec
func vfs_read
| the first instruction: what ftrace changes
if OLD0 == NOBODY
        nop     dword ptr [rax+rax*1+0]
elif OLD0 == TRACER_TRAMPOLINE
        call    tracer_trampoline
else
        call    klp_trampoline
endif
| the function's own body
        mov     eax, 1
        ret

if MIXED
section .text.site1 at SITE1_ADDR exec
func vfs_write
| the first instruction: what ftrace changes
        nop     dword ptr [rax+rax*1+0]
| the function's own body
        mov     eax, 1
        ret
endif

section .text.trampolines at 0xffffffff81001200 exec
func livepatch_vfs_read
| the body that replaces the function's own
        mov     eax, 2
        ret

func tracer_trampoline
        mov     ebx, TRACER_TRAMPOLINE
| function_trace_call(ip, parent_ip)
        inc     r14d
| back into the function
        ret

func klp_trampoline
        mov     ebx, KLP_TRAMPOLINE
| klp_ftrace_handler(): regs->ip = livepatch_vfs_read
        lea     rax, [rel livepatch_vfs_read]
        mov     [rsp], rax
| back, but into the other body
        ret

        address 0xffffffff81002348
; Serves every ops that is registered: each says by its hash whether it wants to hear of this function.
func ftrace_regs_caller
        mov     ebx, FTRACE_REGS_CALLER
| ip = return address - MCOUNT_INSN_SIZE
        mov     rcx, [rsp]
        sub     rcx, MCOUNT_INSN_SIZE
| if (ftrace_ops_test(&klp_ops, ip)) klp_ftrace_handler()
        cmp     rcx, [rel klp_ops_hash]
        jne     .tracer
        lea     rax, [rel livepatch_vfs_read]
        mov     [rsp], rax
.tracer:
| if (ftrace_ops_test(&tracer_ops, ip)) function_trace_call(ip, parent_ip)
        cmp     rcx, [rel tracer_ops_hash]
        je      .trace
if MIXED
        cmp     rcx, [rel tracer_ops_hash + 8]
        je      .trace
endif
        ret
.trace:
        inc     r14d
        ret

section .rodata.new at 0xffffffff81800000
new0:
if NEW0 == NOBODY
        db      0x0f, 0x1f, 0x44, 0, 0
elif NEW0 == TRACER_TRAMPOLINE
        db      0xe8
        dd      tracer_trampoline - (SITE0_ADDR + 5)
else
        db      0xe8
        dd      ftrace_regs_caller - (SITE0_ADDR + 5)
endif
new1:   db      0xe8
        dd      tracer_trampoline - (SITE1_ADDR + 5)
