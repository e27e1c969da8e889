/**
 * The tour: an order of the atlas that a newcomer can follow, from "why not just write five bytes?" to today's kernel. Each stop is one question, and the scenario
 * with the parameters that answer it. atlas.test.ts checks that every stop exists.
 */
export interface TourStop {
  readonly question: string
  readonly text: string
  readonly scenario: string
  readonly params: Readonly<Record<string, string>>
}

const stop = (question: string, text: string, scenario: string, params: Readonly<Record<string, string>> = {}): TourStop => ({
  question,
  text,
  scenario,
  params,
})

export const TOUR: readonly TourStop[] = [
  stop('Why not just write five bytes?', 'Because they do not arrive at once. Somebody executes three new bytes and two old ones.', 'just-write-it', {
    strategy: 'memcpy',
  }),
  stop(
    'And all five in one aligned store?',
    'Memory then never holds a mixture. What a CPU has fetched is another matter: see what each fetch model says.',
    'just-write-it',
    { strategy: 'quadword', site: 'quadword' },
  ),
  stop(
    'Then stop everybody else first?',
    'Until 2012 Linux did. An interrupt that cannot be masked still runs the half-written call.',
    'stop-machine',
    {
      strategy: 'plain',
      nmi: 'on-patcher',
    },
  ),
  stop('Can the NMI help?', 'In 2008 it could: whoever enters an NMI writes the same bytes first.', 'stop-machine', {
    strategy: 'nmi-writes',
    nmi: 'on-patcher',
  }),
  stop('Why a breakpoint first?', 'One byte is always written whole. While it stands there nobody executes the four behind it.', 'ftrace-2012', {}),
  stop('What is the first sync for?', 'Without it a CPU that holds the old first byte meets the new tail.', 'text-poke', { sync1: 'off' }),
  stop('And the second?', 'Without it the new first byte may meet the old tail, if the manual is read strictly.', 'text-poke', { sync2: 'off' }),
  stop('And the last, said to be needless?', 'Without it somebody traps on an int3 that nobody claims any more.', 'text-poke', { sync3: 'off' }),
  stop(
    'Whose int3 is it?',
    'A counter says that something is being patched. Too late, and the handler knows nothing of it: race (a) of the mail of 6 May 2019.',
    'who-claims',
    { strategy: 'counter', sync3: 'off' },
  ),
  stop('Would a sequence counter do?', 'It notices that the descriptor has changed, and declines: race (b) becomes race (a).', 'who-claims', {
    strategy: 'head-tail',
    sync3: 'off',
  }),
  stop(
    'Why may the handler not skip the call?',
    'A tracer loses an event. A live patch runs the function that it was to replace.',
    'what-to-emulate',
    {
      strategy: 'skip',
      kind: 'call-call',
    },
  ),
  stop(
    'Must what is emulated be what is written?',
    'Steven Rostedt always called the trampoline that does everything; Linus Torvalds wanted exactly the old or the new call.',
    'what-to-emulate',
    { strategy: 'regs-caller' },
  ),
  stop(
    'Can the offset be read from the instruction itself?',
    'As data it can: data is coherent. A lock makes it whole across a line.',
    'dcache-coherent-offset',
    {},
  ),
  stop('Why does emulating a call need a gap?', 'The return address goes where the frame lies: SS is overwritten, and IRETQ faults.', 'frame-64', {
    frame: 'no-gap',
  }),
  stop(
    'And on 32 bit?',
    'The CPU pushes no stack pointer there. Seven ways to emulate the call, one to skip it, and what each overwrites.',
    'frame-32',
    {
      frame: 'naive',
    },
  ),
  stop('What did 32 bit do in the end?', 'Every exception of the kernel gets a complete frame.', 'frame-32', { frame: 'complete' }),
  stop(
    'Or jump to a little stub instead?',
    'The handler changes only where to go on. But the stub is reused, and somebody may sleep in it.',
    'stub',
    {
      calls: 'preempted',
    },
  ),
  stop('Two stubs, and the shadow of STI?', 'Nobody can be interrupted between sti and jmp. Almost nobody.', 'two-stubs', { arrives: 'nmi' }),
  stop('Why not simply spin?', 'Because the patcher waits for the spinner: four deadlocks.', 'iret-spin', { strategy: 'spin', hit: 'irqs-off' }),
  stop(
    'Which rules may nobody break?',
    'One patcher at a time, a gate that masks interrupts, a sorted vector, one instruction a site.',
    'trap-gate',
    {
      gate: 'trap',
    },
  ),
  stop('What happens today?', 'The modern protocol with everything on. Step through it once; nothing can break.', 'text-poke', {}),
  stop('And in a real kernel?', 'Four batches recorded from Linux 6.1, on the same timeline: the model allows each of them.', 'linux-6-1', {}),
  stop('Forty thousand sites?', 'Three broadcasts in all, three a batch, or three a site: count them.', 'forty-thousand-sites', {}),
]
