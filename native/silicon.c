/*
 * Runs machine code on the real processor: the oracle for the instruction set of src/machine/isa.
 *
 * Reads cases from standard input and writes one result for each, in order; the layout of both is that of struct test_case and
 * struct result below, little endian. Each case gets fresh memory, sixteen registers and flags, and runs until it raises an exception
 * (an int3 ends it normally). The signal handler sees what the processor pushed: that is the result.
 *
 *   CODE        one page, readable and executable: the case's bytes laid over a page that the input begins with (all int3, or a program)
 *   DATA        two pages, readable and writable, then one that is only readable; before and after them nothing is mapped
 *
 * All of it lies below 2 GiB, so that the same addresses serve 32-bit code, which runs in this very process after a far jump to the
 * compatibility code segment. Everything that the harness itself owns lies far above, where a case practically never points.
 * A filter turns stray system calls into a signal: random code cannot touch the host.
 *
 * x86-64 Linux only. Build: gcc -O2 -o silicon silicon.c
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#define CODE 0x10000000UL
#define DATA 0x20000000UL
#define PAGE 4096
#define DATA_BYTES (3 * PAGE)
/* The input begins with a table, from which initial memory is cut at an offset that the case gives, and the code page. */
#define TABLE_BYTES (4 * PAGE)
#define GS_BASE (DATA + 0x100)
#define ARCH_SET_GS 0x1001
#define USER_DATA_SEGMENT 0x2b
#define USER_CODE_SEGMENT_32 0x23

struct test_case {
	uint32_t bits;		/* 64 or 32 */
	uint32_t code_offset;	/* in the code page */
	uint32_t code_length;
	uint32_t table_offset;
	uint8_t code[64];
	uint32_t patch_at[2];	/* offsets in DATA of eight bytes to set, or ~0 */
	uint64_t patch_value[2];
	uint64_t registers[16];
	uint64_t flags;
};

struct result {
	uint32_t vector;	/* the exception; 255 for a case that never ended, 254 for a system call */
	uint32_t error_code;
	uint64_t cr2;
	uint64_t registers[16];
	uint64_t rip;
	uint64_t flags;
	uint32_t changes;	/* bytes of DATA that differ from their start: that many struct change follow */
	uint32_t padding;
};

struct change {
	uint16_t offset;
	uint8_t value;
	uint8_t padding;
};

static uint8_t table[TABLE_BYTES];
static uint8_t program[PAGE];
static uint8_t before[DATA_BYTES];
static uint8_t *code_alias;
static uint8_t *data_alias;
static struct result outcome;
static sigjmp_buf resume;
static volatile sig_atomic_t running, ticks;

/* What the entry code below loads. Global, so that it needs no register. */
uint64_t start_registers[16] __attribute__((used));
uint64_t start_flags __attribute__((used));
uint64_t start_rip __attribute__((used));
struct { uint32_t offset; uint16_t segment; } __attribute__((packed)) start_far __attribute__((used));

/* Registers in the order of their encoding: rax rcx rdx rbx rsp rbp rsi rdi r8 … r15. */
__asm__(
	".macro LOAD_REGISTERS\n"
	"	pushq start_flags(%rip)\n"
	"	popfq\n"
	"	movq 0+start_registers(%rip), %rax\n"
	"	movq 8+start_registers(%rip), %rcx\n"
	"	movq 16+start_registers(%rip), %rdx\n"
	"	movq 24+start_registers(%rip), %rbx\n"
	"	movq 32+start_registers(%rip), %rsp\n"
	"	movq 40+start_registers(%rip), %rbp\n"
	"	movq 48+start_registers(%rip), %rsi\n"
	"	movq 56+start_registers(%rip), %rdi\n"
	"	movq 64+start_registers(%rip), %r8\n"
	"	movq 72+start_registers(%rip), %r9\n"
	"	movq 80+start_registers(%rip), %r10\n"
	"	movq 88+start_registers(%rip), %r11\n"
	"	movq 96+start_registers(%rip), %r12\n"
	"	movq 104+start_registers(%rip), %r13\n"
	"	movq 112+start_registers(%rip), %r14\n"
	"	movq 120+start_registers(%rip), %r15\n"
	".endm\n"
	".globl enter64\n"
	"enter64:\n"
	"	LOAD_REGISTERS\n"
	"	jmp *start_rip(%rip)\n"
	".globl enter32\n"
	"enter32:\n"
	"	movl $0x2b, %eax\n"
	"	movl %eax, %ds\n"
	"	movl %eax, %es\n"
	"	LOAD_REGISTERS\n"
	"	ljmp *start_far(%rip)\n");
void enter64(void);
void enter32(void);

static const int REGISTERS[16] = {
	REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

static void on_signal(int number, siginfo_t *info, void *context)
{
	const greg_t *at = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)info;
	if (number == SIGALRM && (!running || ++ticks < 3))
		return;
	if (!running)
		_exit(3);
	outcome.vector = number == SIGALRM ? 255 : number == SIGSYS ? 254 : (uint32_t)at[REG_TRAPNO];
	outcome.error_code = (uint32_t)at[REG_ERR];
	outcome.cr2 = (uint64_t)at[REG_CR2];
	for (int i = 0; i < 16; i++)
		outcome.registers[i] = (uint64_t)at[REGISTERS[i]];
	outcome.rip = (uint64_t)at[REG_RIP];
	outcome.flags = (uint64_t)at[REG_EFL];
	siglongjmp(resume, 1);
}

static int catch_signals(void)
{
	static const int signals[] = { SIGTRAP, SIGSEGV, SIGILL, SIGFPE, SIGBUS, SIGSYS, SIGALRM };
	static uint8_t stack[64 * 1024];
	const stack_t alternate = { .ss_sp = stack, .ss_size = sizeof stack };
	/* Leaving by siglongjmp, the handler must not leave its signal blocked. */
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
	const struct itimerval second = { { 1, 0 }, { 1, 0 } };

	if (sigaltstack(&alternate, NULL) != 0)
		return -1;
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (sigaction(signals[i], &action, NULL) != 0)
			return -1;
	return setitimer(ITIMER_REAL, &second, NULL);
}

/* The same pages twice: as the case sees them, and writable for the harness. */
static uint8_t *map_twice(unsigned long address, size_t bytes, int protection)
{
	const int file = memfd_create("silicon", 0);

	if (file < 0 || ftruncate(file, (off_t)bytes) != 0)
		return NULL;
	if (mmap((void *)address, bytes, protection, MAP_SHARED | MAP_POPULATE | MAP_FIXED_NOREPLACE, file, 0) != (void *)address)
		return NULL;
	uint8_t *alias = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	return alias == MAP_FAILED ? NULL : alias;
}

/* Allows what the main loop and the signal handler need; anything else becomes SIGSYS. */
static int refuse_system_calls(void)
{
#define ALLOW(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(read),
		ALLOW(write),
		ALLOW(rt_sigreturn),
		ALLOW(exit_group),
		ALLOW(exit),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
	};
	const struct sock_fprog program = { sizeof rules / sizeof *rules, rules };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int set_up(const struct test_case *given)
{
	if (given->code_offset > PAGE || given->code_length > sizeof given->code || given->code_length > PAGE - given->code_offset)
		return -1;
	if (given->table_offset > TABLE_BYTES - DATA_BYTES)
		return -1;
	memcpy(code_alias, program, PAGE);
	memcpy(code_alias + given->code_offset, given->code, given->code_length);
	memcpy(before, table + given->table_offset, DATA_BYTES);
	for (int i = 0; i < 2; i++)
		if (given->patch_at[i] <= DATA_BYTES - 8)
			memcpy(before + given->patch_at[i], &given->patch_value[i], 8);
	memcpy(data_alias, before, DATA_BYTES);
	memcpy(start_registers, given->registers, sizeof start_registers);
	start_flags = given->flags;
	start_rip = CODE + given->code_offset;
	start_far.offset = (uint32_t)start_rip;
	start_far.segment = USER_CODE_SEGMENT_32;
	return 0;
}

static void run(const struct test_case *given)
{
	memset(&outcome, 0, sizeof outcome);
	ticks = 0;
	if (sigsetjmp(resume, 0) == 0) {
		running = 1;
		if (given->bits == 32)
			enter32();
		else
			enter64();
	}
	running = 0;
}

static int report(void)
{
	static struct change changes[DATA_BYTES];
	uint32_t count = 0;

	for (uint32_t at = 0; at < DATA_BYTES; at += 8) {
		if (memcmp(before + at, data_alias + at, 8) == 0)
			continue;
		for (uint32_t i = at; i < at + 8; i++)
			if (before[i] != data_alias[i])
				changes[count++] = (struct change){ (uint16_t)i, data_alias[i], 0 };
	}
	outcome.changes = count;
	return fwrite(&outcome, sizeof outcome, 1, stdout) == 1 && fwrite(changes, sizeof *changes, count, stdout) == count ? 0 : -1;
}

int main(void)
{
	static char input_buffer[1 << 16], output_buffer[1 << 16];
	struct test_case given;

	setvbuf(stdin, input_buffer, _IOFBF, sizeof input_buffer);
	setvbuf(stdout, output_buffer, _IOFBF, sizeof output_buffer);
	code_alias = map_twice(CODE, PAGE, PROT_READ | PROT_EXEC);
	data_alias = map_twice(DATA, DATA_BYTES, PROT_READ | PROT_WRITE);
	if (code_alias == NULL || data_alias == NULL || mprotect((void *)(DATA + 2 * PAGE), PAGE, PROT_READ) != 0) {
		fprintf(stderr, "silicon: cannot map memory: %s\n", strerror(errno));
		return 2;
	}
	if (syscall(SYS_arch_prctl, ARCH_SET_GS, GS_BASE) != 0 || catch_signals() != 0) {
		fprintf(stderr, "silicon: cannot set up: %s\n", strerror(errno));
		return 2;
	}
	if (fread(table, sizeof table, 1, stdin) != 1 || fread(program, sizeof program, 1, stdin) != 1 || refuse_system_calls() != 0) {
		fprintf(stderr, "silicon: no table, no code page, or no filter\n");
		return 2;
	}
	/* A page that was never touched faults as not present, whatever its protection. */
	for (int page = 0; page < 3; page++)
		(void)*(volatile uint8_t *)(DATA + page * PAGE);
	(void)*(volatile uint8_t *)CODE;
	while (fread(&given, sizeof given, 1, stdin) == 1) {
		if (set_up(&given) != 0) {
			fprintf(stderr, "silicon: malformed case\n");
			return 2;
		}
		run(&given);
		if (report() != 0)
			return 2;
	}
	fflush(stdout);
	return 0;
}
