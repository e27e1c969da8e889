; One stub, as in the first half of the mail: whoever traps goes there with the flags that he had.

IRQS    equ CALLS != CALLS_IRQS_OFF
PREEMPT equ CALLS == CALLS_PREEMPTED
