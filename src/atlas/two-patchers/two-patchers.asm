; CPU 0 switches a call on (nop → call), CPU 1 switches it off again (call → nop), or fixes up a return in a module that it is loading. Each runs through what it
; has patched when it is done. text_poke has one vector of descriptors and one reference a CPU, for one patcher at a time: text_mutex.
;
; Left out: sleeping while the mutex is held by somebody else (here it spins, with interrupts on), and the check that the bytes at the site are the
; expected ones. What each of them patches is decided beforehand.

NR_CPUS    equ 2
TP_VEC_MAX equ 1
SAME_SITE  equ SECOND == SECOND_SAME_SITE

section .data at 0xffffffff82000080 shared
csd:    times NR_CPUS * NR_CPUS dd 0
text_mutex:
        dd      0

section .text.head at 0xffffffff81000000 exec
_stext:
        ud2

section .rodata.requests at 0xffffffff81800100
request0:
        dq      site0, POKE_BASE + (site0 & 0xfff)
        dd      5, 0
new0:   db      0xe8
        dd      tracer - (site0 + 5)
        db      0, 0, 0
request1:
if SAME_SITE
        dq      site0, POKE_BASE + (site0 & 0xfff)
        dd      5, 0
        nop     dword ptr [rax+rax*1+0]
        db      0, 0, 0
else
        dq      site1, POKE_BASE + 0x1000 + (site1 & 0xfff)
        dd      5, 0
new1:   db      0xe8
        dd      fixed_up - (site1 + 5)
        db      0, 0, 0
endif

section .text.site0 at 0xffffffff81001008 exec
func traced
| eax = nothing was called yet
        xor     eax, eax
site0:
        nop     dword ptr [rax+rax*1+0]
|
        ret

section .text.tracer at 0xffffffff81002348 exec
func tracer
| return 2
        mov     eax, 2
        ret

section .text.site1 at 0xffffffff81003010 exec
func in_module
| the tail call that the static call stands for
site1:
        call    unfixed
|
        ret
func unfixed
| return 1
        mov     eax, 1
        ret
func fixed_up
| return 2
        mov     eax, 2
        ret

section .text.patcher at 0xffffffff81000100 exec

macro lock_mutex
if LOCK != LOCK_NONE
| mutex_lock(&text_mutex)
%%try:
        mov     eax, 1
        xchg    dword ptr [rel text_mutex], eax
        test    eax, eax
        jz      %%mine
%%wait:
        pause
        cmp     dword ptr [rel text_mutex], 0
        jne     %%wait
        jmp     %%try
%%mine:
endif
endm

macro unlock_mutex
if LOCK != LOCK_NONE
| mutex_unlock(&text_mutex)
        mov     dword ptr [rel text_mutex], 0
endif
endm

func enable
        lock_mutex
| smp_text_poke_single(site, call, 5)
        lea     rbp, [rel request0]
        call    smp_text_poke_single
        unlock_mutex
        jmp     run_through

func second_patcher
        lock_mutex
if LOCK == LOCK_POKE_EARLY
| text_poke_early(addr, new, 5): nobody runs this code yet
        lea     rbp, [rel request1]
        call    text_poke_early
else
| smp_text_poke_single(addr, new, 5)
        lea     rbp, [rel request1]
        call    smp_text_poke_single
endif
        unlock_mutex
if !SAME_SITE
| run the module's function
        call    in_module
endif
        jmp     run_through

; Both of them, when they have patched.
func run_through
| run through the site
        call    traced
pass_end:
.rest:
| nothing left to do
        hlt
        jmp     .rest

if LOCK == LOCK_POKE_EARLY
; rbp = the request: writes all five bytes at once and synchronises this CPU alone.
func text_poke_early
| local_irq_save(); memcpy(addr, opcode, 5)
        cli
        mov     rdi, [rbp + 8]
        mov     eax, [rbp + 24]
        mov     [rdi], eax
        mov     al, [rbp + 28]
        mov     [rdi + 4], al
| sync_core(); local_irq_restore()
        call    sync_core
        sti
|
        ret
endif
