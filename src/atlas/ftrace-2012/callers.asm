; CPU 1: calls traced functions, one pass after another, until the patcher has returned; the pass that starts after that must find the new code.
; A function leaves in eax which body ran (1 its own, 2 its live-patched one), and in ebx who was called from its first instruction: 0 nobody, 1 the old
; trampoline or tracer, 2 the new one. The second function's are in r14d and r13d.

if SITE == SITE_ACROSS
SITE0_ADDR equ 0xffffffff8100103e
SITE1_ADDR equ 0xffffffff8100113e
else
SITE0_ADDR equ 0xffffffff81001010
SITE1_ADDR equ 0xffffffff81001110
endif

; There is one trampoline; and going back where a stage fails is worth a look only where another record has been changed already.
if KIND == KIND_FTRACE_CALL
NR_RECORDS equ 1
elif FAILS == FAILS_NEVER
NR_RECORDS equ RECORDS
else
NR_RECORDS equ 2
endif

section .text.caller at 0xffffffff81000f00 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
if NR_RECORDS == 2
| vfs_write()
        xor     ebx, ebx
        call    vfs_write
        mov     r13d, ebx
        mov     r14d, eax
endif
| vfs_read()
        xor     ebx, ebx
        call    vfs_read
pass_end:
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest

; What is there before.
macro site_before
if KIND == KIND_MAKE_CALL
        nop     dword ptr [rax+rax*1+0]
else
        call    old_trampoline
endif
endm

if KIND == KIND_FTRACE_CALL
; The site lies in the trampoline: a CPU that arrives there is inside of a function already, with registers saved.
section .text.site0 at SITE0_ADDR - 3 exec
func ftrace_caller
| save what a tracer may clobber
        push    rax
        push    rcx
        push    rdx
| ftrace_call: the tracer
ftrace_call:
site0:
        call    function_trace_call
| restore, and return into the traced function
        pop     rdx
        pop     rcx
        pop     rax
        ret

section .text.vfs_read at 0xffffffff81001200 exec
func vfs_read
| call ftrace_caller: this record does not change
record0:
        call    ftrace_caller
| the function's own body
        mov     eax, 1
        ret

func function_trace_call
| the tracer that is there: it writes down an event
        mov     ebx, 1
        ret

        address 0xffffffff81001348
func ftrace_ops_list_func
| the tracer that comes: it calls all that are registered
        mov     ebx, 2
        ret

else
section .text.site0 at SITE0_ADDR exec
func vfs_read
| the first instruction: what ftrace changes
site0:
        site_before
| the function's own body
        mov     eax, 1
        ret

if NR_RECORDS == 2
section .text.site1 at SITE1_ADDR exec
func vfs_write
| the first instruction: what ftrace changes
site1:
if FAILS == FAILS_ADD_BREAKPOINTS
; Not what the record says: somebody else has put a jump to the next instruction here.
        db      0xe9, 0, 0, 0, 0
else
        site_before
endif
| the function's own body
        mov     eax, 1
        ret
endif

section .text.trampolines at 0xffffffff81001200 exec
; Where a live patch is attached, a trampoline returns to the new body instead.
macro redirect
if KIND == KIND_MODIFY_CALL
| klp_ftrace_handler(): regs->ip = func->new_func
        lea     rax, [rel live_patched]
        mov     [rsp], rax
endif
endm

func live_patched
| the body that replaces the function's own
        mov     eax, 2
        ret

func old_trampoline
| the old trampoline calls its tracer
        mov     ebx, 1
        redirect
| back into the function
        ret

; So far from a site across lines that the nop's first byte and the new call's second are ud2.
        address 0xffffffff8100234e
func new_trampoline
| ftrace_regs_caller calls everybody who is registered
        mov     ebx, 2
        redirect
| back into the function
        ret
endif

if KIND == KIND_MAKE_CALL
OLD equ 0
else
OLD equ 1
endif
if KIND == KIND_MAKE_NOP
NEW equ 0
else
NEW equ 2
endif

; What each site does when the patcher has returned.
if FAILS == FAILS_ADD_BREAKPOINTS
FINAL0 equ OLD
else
FINAL0 equ NEW
endif
if FAILS == FAILS_NEVER
FINAL1 equ NEW
else
FINAL1 equ OLD
endif

section .rodata.new at 0xffffffff81800000
macro site_after at
if KIND == KIND_MAKE_NOP
        db      0x0f, 0x1f, 0x44, 0, 0
elif KIND == KIND_FTRACE_CALL
        db      0xe8
        dd      ftrace_ops_list_func - (at + 5)
else
        db      0xe8
        dd      new_trampoline - (at + 5)
endif
endm
new0:   site_after SITE0_ADDR
new1:   site_after SITE1_ADDR
