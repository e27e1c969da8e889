; The 32-bit #BP entries of the thread of May 2019, side by side: each is the old entry (entry32.asm with COMPLETE_FRAME = 0), but for the lines that its
; author changed. The program that uses this defines as 1 at most one of
;   FIRST_CUT   Peter Zijlstra, 1 May: the six words that 64 bit copies, copied here as well
;   INT3_ONLY   Peter Zijlstra, 2 May: a complete frame, for this entry alone
;   MOVES       Linus Torvalds, 3 and 4 May: room below pt_regs, into which the call emulation may move it
;   POINTER     Steven Rostedt, 3 May: the same room, and a pointer to the pointer
; the others as 0, and has exc_int3. The complete frame for all entries is COMPLETE_FRAME = 1 (pt-regs32.asm). What is called asm_exc_int3 and exc_int3 here was
; called int3 and do_int3 then, or do_kernel_int3 in the last two.
;
; Left out: what the entry does when it comes from user mode. The assembly for POINTER is ours: the mail shows the C function only.

; The mark of the second, in the bit where the kernel of v5.3 has CS_FROM_KERNEL.
CS_FROM_INT3 equ CS_FROM_KERNEL

section .text.entry at KERNEL_TEXT + 0xa00 exec

func asm_exc_int3
if INT3_ONLY
; Three words of gap: flags, cs, ip.
| ss, sp, flags, cs, ip once more: the originals become the gap
        and     dword ptr [esp + 4], 0xffff
        or      dword ptr [esp + 4], CS_FROM_INT3
        push    ss
        push    esp
        add     dword ptr [esp], 16
rept 3
        push    dword ptr [esp + 16]
endr
endif
| orig_ax = -1: no system call
        push    -1
if FIRST_CUT
| from kernel mode? then copy six words below themselves
        test    byte ptr [esp + 8], SEGMENT_RPL_MASK
        jnz     .from_user
rept 6
        push    dword ptr [esp + 20]
endr
.from_user:
endif
        SAVE_ALL
if MOVES
| regs = do_kernel_int3(regs), with room for two words below them
        mov     eax, esp
        sub     esp, 8
        call    exc_int3
        mov     esp, eax
elif POINTER
| do_kernel_int3(&regs), with room for two words below them
        mov     eax, esp
        sub     esp, 8
        push    eax
        mov     eax, esp
        call    exc_int3
        mov     esp, [esp]
else
| do_int3(regs)
        mov     eax, esp
        call    exc_int3
endif
.leave:
        RESTORE_ALL
if INT3_ONLY
        IRET_FRAME
endif
        iretd
