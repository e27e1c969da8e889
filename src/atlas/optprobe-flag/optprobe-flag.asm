; An optimized kprobe is taken back to an int3: the first byte of the jmp becomes an int3, then the tail becomes that of the probed instructions again, with a
; sync behind each. Whoever hits the int3 meanwhile is told by a flag where to go on. A parameter says when the flag is cleared.
;
; Left out: the list of kprobes to be unoptimized and the worker that does it, text_mutex and kprobe_mutex, disarming afterwards.

NR_CPUS         equ 2
PROBED_AT_FIRST equ 2
RCU_TASKS       equ 0
RECHECK         equ 1

section .text.head at 0xffffffff81000000 exec
_stext:
        ud2

section .data at 0xffffffff82000000 shared
; text_poke has nothing queued: this is written without its descriptors.
tp_vec: dq      0, 0
tp_nr:  dd      0
tp_refs:
        times NR_CPUS dd 0
        align 64
csd:    times NR_CPUS dd 0
patch_done:
        dd      0
kprobe_optimized:
        dd      1
kprobe: dq      probed
kprobe_insn:
        dq      insn_slot

POKE_BASE equ 0x7734c8d12000

section .text.patcher at 0xffffffff81000100 exec

macro clear_flag
| p->flags &= ~KPROBE_FLAG_OPTIMIZED
        mov     dword ptr [rel kprobe_optimized], 0
endm

func patcher
if FLAG == FLAG_FIRST
phase "flag"
        clear_flag
endif
phase "int3"
| arch_arm_kprobe(p): text_poke(addr, int3, 1); text_poke_sync()
        mov     rdi, POKE_BASE + (probed & 0xfff)
        mov     esi, 0xcc
        mov     edx, 1
        call    text_poke
        call    smp_text_poke_sync_each_cpu
phase "tail"
| text_poke(addr + 1, copied_insn, 4); text_poke_sync()
        mov     rdi, POKE_BASE + (probed & 0xfff) + 1
        mov     esi, [rel plain + 1]
        mov     edx, 4
        call    text_poke
        call    smp_text_poke_sync_each_cpu
if FLAG == FLAG_LAST
phase "flag"
        clear_flag
endif
phase "done"
| unoptimized
        mov     dword ptr [rel patch_done], 1
.rest:
        hlt
        jmp     .rest
