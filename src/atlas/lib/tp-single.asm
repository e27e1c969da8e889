; smp_text_poke_single (kernel v6.16): one site is queued and patched at once, breakpoint first. What a batch does with several is scenario text-poke.
; The program that uses this has NR_CPUS, TP_VEC_MAX (room for how many descriptors), _stext and smp_text_poke_sync_each_cpu; include it behind
; lib/tp-int3-handler.asm. A program that defines HOOK_BEHIND_SYNC_1 brings a macro behind_sync_1, for what it does there besides. POKE_BASE + (address & 0xfff) is where a site may be written.
;
; Left out: the page-table work of poking (the alias is mapped all the time), the perf event and the old first byte kept for it, cond_resched, the
; verification of each write, and the lock: whoever calls holds text_mutex, or tries without.
; smp_wmb orders nothing that x86 could reorder: it has no instruction here.

; The kernel maps the page at a user-range address of a private mm.
POKE_BASE equ 0x7734c8d12000

; Programs that want to know what these are for may define them: the syncs, publishing behind the int3, and no wait for references.
if !defined(SYNC1)
SYNC1 equ 1
SYNC2 equ 1
SYNC3 equ 1
endif
if !defined(PUBLISH)
PUBLISH_EARLY equ 1
else
PUBLISH_EARLY equ PUBLISH == PUBLISH_FIRST
endif
if !defined(REFWAIT)
WAIT_FOR_REFS equ 1
else
WAIT_FOR_REFS equ REFWAIT
endif

section .data.text_poke at 0xffffffff82000000 shared
; The descriptors, and the references on a line of their own.
tp_vec: times 16 * TP_VEC_MAX db 0
tp_nr:  dd      0
        align 64
tp_refs:
        times NR_CPUS dd 0

section .text.poke_single at 0xffffffff81000b00 exec

macro publish
phase "publish"
| text_poke_loc_init(&vec[0], addr, new, len); vec.nr_entries = 1
        lea     r13, [rel tp_vec]
        call    text_poke_loc_init
        mov     dword ptr [rel tp_nr], 1
| for_each_possible_cpu(cpu) refs[cpu] = 1
rept NR_CPUS, n
        mov     dword ptr [rel tp_refs + 4*n], 1
endr
endm

; rbp = the request. Interrupts are on; clobbers what a call may, and r13.
func smp_text_poke_single
if PUBLISH_EARLY
        publish
endif
phase "int3"
| text_poke(addr, int3, 1)
        mov     rdi, [rbp + 8]
        mov     esi, 0xcc
        mov     edx, 1
        call    text_poke
if !PUBLISH_EARLY
        publish
endif
if SYNC1
phase "sync 1"
| smp_text_poke_sync_each_cpu(): nobody holds the old first byte any more
        call    smp_text_poke_sync_each_cpu
endif
if defined(HOOK_BEHIND_SYNC_1)
        behind_sync_1
endif
phase "tail"
| text_poke(addr + 1, new + 1, len - 1)
        mov     rdi, [rbp + 8]
        inc     rdi
if defined(POKE_FIVE)
        mov     rsi, [rbp + 25]
else
        mov     esi, [rbp + 25]
endif
        mov     edx, [rbp + 16]
        dec     edx
        call    text_poke
if SYNC2
phase "sync 2"
| smp_text_poke_sync_each_cpu(): the new first byte never meets the old tail
        call    smp_text_poke_sync_each_cpu
endif
phase "first byte"
| if (new[0] != int3) text_poke(addr, new, 1)
        movzx   esi, byte ptr [rbp + 24]
        cmp     sil, 0xcc
        je      .references
        mov     rdi, [rbp + 8]
        mov     edx, 1
        call    text_poke
if SYNC3
phase "sync 3"
| smp_text_poke_sync_each_cpu(): everybody runs the new code, no handler is left
        call    smp_text_poke_sync_each_cpu
endif
.references:
phase "reference wait"
| for_each_possible_cpu(cpu) { if (--refs[cpu] != 0) wait until it is 0 }
rept NR_CPUS, n
        put_ref [rel tp_refs + 4*n]
if WAIT_FOR_REFS
        jz      %%released
%%wait:
        pause
        cmp     dword ptr [rel tp_refs + 4*n], 0
        jne     %%wait
%%released:
endif
endr
| vec.nr_entries = 0
        mov     dword ptr [rel tp_nr], 0
phase ""
|
        ret
