; text_poke_bp as it was from 2013 to 2019 (kernel commit fd4363fff3d9 to v5.4): one site, and an address where whoever traps there goes on. Three words say
; what is being patched; the handler only changes the saved instruction pointer, so it can skip or jump, but not call.
; The program that uses this has bp_patching_in_progress (4), bp_int3_addr (8) and bp_int3_handler (8) in shared memory. SYNC1, SYNC2, SYNC3 defined as 0
; leave out a broadcast; BP_LENGTH is how many bytes the site has (5, or 2). A program that defines ZERO_KNOWLEDGE brings an exc_int3 that needs no
; address: nothing is published then. One that defines AT_INT3 changes how the handler ends by a macro at_int3: rdi is pt_regs, rcx the address to go on at.
;
; Names: what was do_int3 is exc_int3 today, and on_each_cpu(do_sync_core) is smp_text_poke_sync_each_cpu; the entry and the broadcast here are today's.
; Left out: text_mutex (there is one patcher), user mode. smp_wmb and smp_rmb order nothing that x86 could reorder.

; A request: +0 site (8), +8 where text_poke may write it (8), +16 where its int3 goes (8), +24 new bytes (8).

if !defined(SYNC1)
SYNC1 equ 1
SYNC2 equ 1
SYNC3 equ 1
endif
if !defined(BP_LENGTH)
BP_LENGTH equ 5
endif

section .text.text_poke_bp at 0xffffffff81000c00 exec

; rbp = the request. Interrupts are on; clobbers what a call may.
func text_poke_bp
if !defined(ZERO_KNOWLEDGE)
phase "publish"
| bp_int3_handler = handler; bp_int3_addr = addr + 1
        mov     rax, [rbp + 16]
        mov     [rel bp_int3_handler], rax
        mov     rax, [rbp]
        inc     rax
        mov     [rel bp_int3_addr], rax
| bp_patching_in_progress = true
        mov     dword ptr [rel bp_patching_in_progress], 1
endif

phase "int3"
| text_poke(addr, &int3, 1)
        mov     rdi, [rbp + 8]
        mov     esi, 0xcc
        mov     edx, 1
        call    text_poke
if SYNC1
phase "sync 1"
| on_each_cpu(do_sync_core, NULL, 1): nobody holds the old first byte any more
        call    smp_text_poke_sync_each_cpu
endif

phase "tail"
| text_poke(addr + 1, opcode + 1, len - 1)
        mov     rdi, [rbp + 8]
        inc     rdi
        mov     esi, [rbp + 25]
        mov     edx, BP_LENGTH - 1
        call    text_poke
if SYNC2
phase "sync 2"
| on_each_cpu(do_sync_core, NULL, 1): the new first byte never meets the old tail
        call    smp_text_poke_sync_each_cpu
endif

phase "first byte"
| text_poke(addr, opcode, 1)
        mov     rdi, [rbp + 8]
        movzx   esi, byte ptr [rbp + 24]
        mov     edx, 1
        call    text_poke
if SYNC3
phase "sync 3"
| on_each_cpu(do_sync_core, NULL, 1): everybody runs the new code, no handler is left
        call    smp_text_poke_sync_each_cpu
endif
if !defined(ZERO_KNOWLEDGE)
| bp_patching_in_progress = false
        mov     dword ptr [rel bp_patching_in_progress], 0
endif
phase ""
|
        ret

if !defined(ZERO_KNOWLEDGE)
; rdi = pt_regs. Runs with interrupts off from start to end.
func exc_int3
| if (poke_int3_handler(regs)) return; die("int3")
        call    poke_int3_handler
        test    eax, eax
        jz      oops
|
        ret

func poke_int3_handler
| if (!bp_patching_in_progress) return 0
        xor     eax, eax
        cmp     dword ptr [rel bp_patching_in_progress], 0
        je      .out
| if (regs->ip != (unsigned long)bp_int3_addr) return 0
        mov     rcx, [rdi + PT_RIP]
        cmp     rcx, [rel bp_int3_addr]
        jne     .out
| newip = bp_int3_handler
        mov     rcx, [rel bp_int3_handler]
if defined(AT_INT3)
        at_int3
endif
| regs->ip = newip; return 1
        mov     [rdi + PT_RIP], rcx
        mov     eax, 1
.out:
|
        ret
endif
