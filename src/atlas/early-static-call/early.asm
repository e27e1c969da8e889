; A static call is set while the machine boots: the jmp of its trampoline is simply written, and this CPU synchronises. Then it is used.
; With the other processors asleep; or, as it must not be, with one of them running through the trampoline.
;
; Left out: why text_poke cannot be used yet (its private mm is set up later; here the alias is always there), the checks that the kernel is booting and
; interrupts are off, the static call's key. The kernel writes at the address itself, while text is writable.

if APS == APS_RUNNING
NR_CPUS    equ 2
else
NR_CPUS    equ 1
endif
TP_VEC_MAX equ 1

section .text.head at 0xffffffff81000000 exec
_stext:
        ud2

; The jmp lies across two lines, so that writing it is two writes whatever the compiler makes of memcpy.
section .text.tramp at 0xffffffff8100103d exec
func static_call_tramp
site0:
        jmp     near callee_a

section .text.callee_a at 0xffffffff81001200 exec
func callee_a
| return 1
        mov     eax, 1
        ret
; Far away, so that the displacements differ on both sides of the line boundary.
section .text.callee_b at 0xffffffff81022348 exec
func callee_b
| return 2
        mov     eax, 2
        ret

section .rodata.requests at 0xffffffff81800100
request:
        dq      site0, POKE_BASE + (site0 & 0xfff)
        dd      5, 0
new0:   db      0xe9
        dd      callee_b - (site0 + 5)
        db      0, 0, 0

section .data at 0xffffffff82000080 shared
csd:    times NR_CPUS dd 0
patch_done:
        dd      0

section .text.boot at 0xffffffff81000100 exec

func start_kernel
if UPDATE == UPDATE_TEXT_POKE
| smp_text_poke_single(tramp, jmp func, 5)
        lea     rbp, [rel request]
        call    smp_text_poke_single
else
phase "write"
| __static_call_update_early(): memcpy(tramp, jmp func, 5)
        lea     rbp, [rel request]
        mov     rdi, [rbp + 8]
        mov     eax, [rbp + 25]
        mov     cl, [rbp + 24]
        mov     [rdi], cl
        mov     [rdi + 1], eax
if UPDATE == UPDATE_WRITE_AND_SYNC
| sync_core()
        call    sync_core
endif
endif
phase "done"
| everybody may rely on the new function now
        mov     dword ptr [rel patch_done], 1
| static_call(f)()
        xor     eax, eax
        call    static_call_tramp
booted:
.rest:
| nothing left to do
        hlt
        jmp     .rest

if APS == APS_RUNNING
section .text.caller at 0xffffffff81001100 exec
func caller
| done = READ_ONCE(patch_done)
        mov     r12d, dword ptr [rel patch_done]
| nothing was called yet
        xor     eax, eax
| static_call(f)()
        call    static_call_tramp
pass_end:
| while (!done)
        test    r12d, r12d
        jz      caller
.rest:
| nothing left to do
        hlt
        jmp     .rest
else
section .text.caller at 0xffffffff81001100 exec
; Nobody arrives here.
caller:
pass_end:
        ud2
endif
