; sync_core: a serialising instruction that works everywhere, IRET to the next instruction (kernel: sync_core.h).
; IRET also unblocks NMIs, which is why it must not run inside an NMI handler that cares.

section .text.sync_core at 0xffffffff81000400 exec

func sync_core
| push a frame that returns right here, and IRET through it
        mov     eax, ss
        push    rax
        push    rsp
        add     qword ptr [rsp], 8
        pushfq
        mov     eax, cs
        push    rax
        lea     rax, [rel .here]
        push    rax
        iretq
.here:
|
        ret
