; pt_regs of the 32-bit kernel, and what every kernel entry does to build and to leave it. From kernel mode to kernel mode the CPU pushes only flags, cs and ip:
; no ss and no sp. What stands above them is the stack that was interrupted, so there are two ways to lay pt_regs over it. S is the interrupted stack pointer.
;
;   old, until v5.2                      complete, since v5.3 (3c88c692c287)
;                                        S-04 flags   .
;                                        S-08 cs      .  the five words of the entry, copied below themselves: the gap,
;                                        S-0c ip      .  just large enough to push one word and leave by iret
;                                        S-10 orig_ax .
;                                        S-14 gs      .
;   S    (sp 3c, ss 40: not there)       S-18 ss 40
;                                        S-1c sp 3c: S
;   S-04 flags 38                        S-20 flags 38
;   S-08 cs 34                           S-24 cs 34, with CS_FROM_KERNEL
;   S-0c ip 30                           S-28 ip 30
;   S-10 orig_ax 2c                      S-2c orig_ax 2c
;   S-14 gs 28, fs 24, es 20, ds 1c, ax 18, bp 14, di 10, si 0c, dx 08, cx 04, bx 00 in both
;   S-3c = regs                          S-58 = regs
;
; So `&regs->sp` is S in the old frame, and `regs->sp` is S in the complete one. COMPLETE_FRAME defined as 0 gives the old one.
; The program that uses this is 32-bit; KERNEL_TEXT may move the text of all the 32-bit parts of this library.
;
; Left out: loading flat segments and the per-CPU segment (they are loaded already: everything comes from kernel mode), virtual-8086 mode, the entry stack and
; the page tables of user mode, ESPFIX, Xen.

PT_BX     equ 0x00
PT_CX     equ 0x04
PT_DX     equ 0x08
PT_AX     equ 0x18
PT_IP     equ 0x30
PT_CS     equ 0x34
PT_FLAGS  equ 0x38
PT_SP     equ 0x3c

if !defined(KERNEL_TEXT)
KERNEL_TEXT equ 0xc1000000
endif
if !defined(COMPLETE_FRAME)
COMPLETE_FRAME equ 1
endif
; Ways out of the complete frame: as merged, and two that were not (see leave_complete_frame).
if !defined(EXIT)
EXIT equ 0
EXIT_EARLY equ 1
EXIT_REUSE equ 2
endif

; The lower two bits of a code selector are the privilege of what was interrupted; the upper half of its slot is free for marks.
SEGMENT_RPL_MASK equ 3
CS_FROM_KERNEL   equ 1 << 29

; FIXUP_FRAME: gs, orig_ax, ip, cs, flags lie on the stack. Copies them below themselves, with the ss and sp that the CPU did not push.
macro FIXUP_FRAME
| cs: only the lower half is the CPU's
        and     dword ptr [esp + 12], 0xffff
| from user mode? then the CPU has pushed ss and sp
        test    byte ptr [esp + 12], SEGMENT_RPL_MASK
        jnz     %%from_user
| CS_FROM_KERNEL: the way out must take this frame apart again
        or      dword ptr [esp + 12], CS_FROM_KERNEL
| ss; sp as it was before the CPU pushed anything
        push    ss
        push    esp
        add     dword ptr [esp], 24
| flags, cs, ip, orig_ax, gs; the originals become the gap
rept 5
        push    dword ptr [esp + 24]
endr
%%from_user:
endm

; SAVE_ALL: orig_ax lies on the stack; the rest of pt_regs.
macro SAVE_ALL
| SAVE_ALL
        cld
        push    gs
if COMPLETE_FRAME
        FIXUP_FRAME
| the other registers
endif
        push    fs
        push    es
        push    ds
        push    eax
        push    ebp
        push    edi
        push    esi
        push    edx
        push    ecx
        push    ebx
endm

; IRET_FRAME: ip, cs, flags, sp, ss lie on the stack, all registers are restored. Builds the three words that IRET takes right below regs->sp, wherever a
; handler has moved it. Until they stand, the stack pointer stays below the frame that they are read from: an NMI writes below the stack pointer.
macro IRET_FRAME
| from user mode? nothing to take apart
        test    dword ptr [esp + 4], CS_FROM_KERNEL
        jz      %%finished
if EXIT == EXIT_REUSE
; 6 May 2019: nobody has moved regs->sp? Then the words that the CPU pushed are still there.
| if (regs->sp == S) use the CPU's own frame, above the gap
        push    eax
        lea     eax, [esp + 44]
        cmp     [esp + 16], eax
        pop     eax
        jne     %%moved
        lea     esp, [esp + 28]
        jmp     %%finished
%%moved:
endif
| two registers to work with
        push    eax
        push    edx
if EXIT == EXIT_EARLY
; Shorter, and wrong: the stack pointer goes up first, and what is still to be read lies below it.
| go up to regs->sp, push flags, cs, ip, ax from below
        mov     edx, esp
        mov     esp, [edx + 20]
        push    dword ptr [edx + 16]
        push    dword ptr [edx + 12]
        and     dword ptr [esp], 0xffff
        push    dword ptr [edx + 8]
        push    dword ptr [edx + 4]
        mov     edx, [edx]
else
| sp = regs->sp
        mov     eax, [esp + 20]
| sp[-1] = flags, sp[-2] = cs, sp[-3] = ip, sp[-4] = ax
        mov     edx, [esp + 16]
        mov     [eax - 4], edx
        movzx   edx, word ptr [esp + 12]
        mov     [eax - 8], edx
        mov     edx, [esp + 8]
        mov     [eax - 12], edx
        mov     edx, [esp + 4]
        mov     [eax - 16], edx
| nothing is left to read below: go up
        pop     edx
        lea     esp, [eax - 16]
endif
        pop     eax
%%finished:
endm

; RESTORE_ALL: takes pt_regs off again, up to what IRET takes.
macro RESTORE_ALL
| RESTORE_REGS
        pop     ebx
        pop     ecx
        pop     edx
        pop     esi
        pop     edi
        pop     ebp
        pop     eax
        pop     ds
        pop     es
        pop     fs
        pop     gs
| drop orig_ax
        lea     esp, [esp + 4]
if COMPLETE_FRAME
        IRET_FRAME
endif
| return
endm
