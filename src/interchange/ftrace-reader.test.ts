/** Texts as the kernel and trace-cmd print them, written for these tests. */
import { describe, expect, test } from 'vitest'
import { kernelTimeline } from '../timeline/kernel.ts'
import { FtraceReader, looksLikeFtrace, readFtrace } from './ftrace-reader.ts'

/** `trace-cmd report`: flags are left out by default, functions are "function: f <-- g". */
const TRACE_CMD = `cpus=3
          insmod-412   [000]  101.000100: function:             text_poke_bp_batch <-- text_poke_finish
          insmod-412   [000]  101.000110: function:             __text_poke <-- text_poke_bp_batch
          insmod-412   [000]  101.000120: function:             text_poke_sync <-- text_poke_bp_batch
          insmod-412   [000]  101.000121: ipi_send_cpumask:     cpumask=00000006 callsite=on_each_cpu_cond_mask+0x24 callback=do_sync_core+0x0
            spin-77    [001]  101.000125: call_function_entry:  vector=251
            spin-77    [001]  101.000126: function:             do_sync_core <-- __flush_smp_call_function_queue
            spin-77    [001]  101.000127: call_function_exit:   vector=251
          insmod-412   [000]  101.000128: function:             do_sync_core <-- on_each_cpu_cond_mask
          <idle>-0     [002]  101.000130: call_function_entry:  vector=251
          <idle>-0     [002]  101.000131: function:             do_sync_core <-- __flush_smp_call_function_queue
          <idle>-0     [002]  101.000132: call_function_exit:   vector=251
          <idle>-0     [002]  101.000133: sched_switch:         swapper/2:0 [120] R ==> kworker/2:1:99 [120]
          insmod-412   [000]  101.000140: function:             __text_poke <-- text_poke_bp_batch
          insmod-412   [000]  101.000150: function:             text_poke_sync <-- text_poke_bp_batch
          insmod-412   [000]  101.000151: ipi_send_cpumask:     cpumask=1-2 callsite=on_each_cpu_cond_mask+0x24 callback=do_sync_core+0x0
          insmod-412   [000]  101.000152: function:             do_sync_core <-- on_each_cpu_cond_mask
          insmod-412   [000]  101.000160: function:             __text_poke <-- text_poke_bp_batch
`

/** The file \`trace\` of tracefs, with kprobes on the handler, which the function tracer cannot reach. */
const TRACE_FILE = `# tracer: nop
#
# entries-in-buffer/entries-written: 9/9   #P:2
#
#                                _-----=> irqs-off/BH-disabled
#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
#              | |         |   |||||     |         |
           <...>-900     [000] d..1.    12.500001: batch: (smp_text_poke_batch_finish+0x0/0x3e0) nr=1
           <...>-900     [000] d..1.    12.500002: poke: (__text_poke+0x0/0x2d0) addr=0xffffffff810be3a0 len=1
            loop-901     [001] d..2.    12.500003: hit: (smp_text_poke_int3_handler+0x4/0x180)
            loop-901     [001] d..2.    12.500005: answer: (exc_int3+0x2a/0xb0 <- smp_text_poke_int3_handler) ret=0x1
CPU:1 [LOST 12 EVENTS]
           <...>-900     [000] d..1.    12.500006: ipi_send_cpu: cpu=1 callsite=smp_call_function+0x1/0x2 callback=do_sync_core+0x0/0x20
            loop-901     [001] d.h1.    12.500008: call_function_single_entry: vector=251
            loop-901     [001] d.h1.    12.500009: call_function_single_exit: vector=251
           <...>-900     [000] .....    12.500020: finish: (smp_text_poke_batch_add+0x88/0x90 <- smp_text_poke_batch_finish) 
`

describe('trace-cmd report', () => {
  const read = readFtrace(TRACE_CMD.split('\n'))

  test('gives the batch: writes by stage, syncs with who took them, in the order of the lines', () => {
    expect(read.batches.map(({ patcher, cpus }) => [patcher, cpus])).toEqual([[0, 3]])
    expect(read.batches[0]?.events.map(({ cpu, what, phase, mask }) => [cpu, what, phase, mask].filter((each) => each !== null).join(' '))).toEqual([
      '0 begin',
      '0 write int3',
      '0 sync begin sync 1',
      '0 ipi sent 6',
      '1 ipi taken',
      '1 sync taken',
      '1 ipi done',
      '0 sync taken',
      '2 ipi taken',
      '2 sync taken',
      '2 ipi done',
      '0 sync done sync 1',
      '0 write tail',
      '0 sync begin sync 2',
      '0 ipi sent 6',
      '0 sync taken',
      '0 sync done sync 2',
      '0 write first byte',
    ])
    expect(read).toMatchObject({ used: 16, bad: { count: 0 }, lines: 19 })
    expect([...read.others]).toEqual([['sched_switch', 1]])
    expect(read.remarks).toEqual(['no int3 handler was traced (it is not traceable by itself): traps are not shown'])
  })

  test('is a picture like that of a run: phases, handlers, arrows', () => {
    const data = kernelTimeline(read.batches[0] as never)
    expect(data.phases.map(({ label }) => label)).toEqual(['int3', 'sync 1', 'tail', 'sync 2', 'first byte'])
    expect(data.spans.filter(({ kind }) => kind === 'irq').map(({ cpu, start, end }) => [cpu, start, end])).toEqual([
      [1, 4, 7],
      [2, 8, 11],
    ])
    expect(data.arrows.map(({ kind, fromCpu, fromStep, toCpu, toStep }) => [kind, fromCpu, fromStep, toCpu, toStep])).toEqual([
      ['ipi', 0, 3, 1, 4],
      ['ipi', 0, 3, 2, 8],
      ['ack', 1, 5, 0, 11],
      ['ack', 2, 9, 0, 11],
      ['ipi', 0, 14, 1, null],
      ['ipi', 0, 14, 2, null],
    ])
  })
})

describe("ftrace's own file", () => {
  const read = readFtrace(TRACE_FILE.split('\n'))

  test('gives kprobes on the handler and their answers', () => {
    expect(read.batches[0]?.events.map(({ cpu, what, emulated }) => [cpu, what, emulated])).toEqual([
      [0, 'begin', null],
      [0, 'write', null],
      [1, 'int3', null],
      [1, 'int3 return', true],
      [0, 'sync begin', null],
      [0, 'ipi sent', null],
      [1, 'ipi taken', null],
      [1, 'ipi done', null],
      [0, 'end', null],
    ])
    expect(read.remarks).toEqual(['the kernel lost events in 1 places: the picture has holes there'])
  })

  test('an int3 is a span from its hit to its answer, with interrupts off', () => {
    const data = kernelTimeline(read.batches[0] as never)
    expect(data.spans.filter(({ cpu, depth }) => cpu === 1 && depth > 0).map(({ kind, start, end, meaning }) => [kind, start, end, meaning])).toEqual(
      [
        ['bp', 2, 4, null],
        ['code', 2, 4, 'new'],
        ['irq', 6, 8, null],
      ],
    )
    expect(data.shades).toEqual([
      { cpu: 1, start: 2, end: 4, kind: 'if0' },
      { cpu: 1, start: 6, end: 8, kind: 'if0' },
    ])
  })
})

describe('bad input', () => {
  test.each([
    ['cut off behind the time', '   a-1   [000]  1.000000:', /the event is cut off/],
    ['cut off before the time', '   a-1   [000]', /there is no time/],
    ['no CPU', '   a-1   1.000000: function: __text_poke <-- x', /there is no CPU in brackets/],
    ['function_graph', ' 0)   1.2 us    |  do_sync_core();', /function_graph output has no CPU and time/],
    ['more CPUs than can be shown', '   a-1   [012]  1.000000: function: __text_poke <-- x', /CPU 12: only CPUs 0 to 7/],
    ['an IPI without targets', '   a-1   [000]  1.000000: ipi_send_cpumask: callback=do_sync_core', /without its targets/],
    ['an IPI to nobody that is', '   a-1   [000]  1.000000: ipi_send_cpumask: cpumask=--', /is no set of CPUs/],
  ])('%s', (_, line, why) => {
    const { bad, used } = readFtrace([line])
    expect(used).toBe(0)
    expect(bad).toEqual({ count: 1, first: [{ line: 1, text: line, why: expect.stringMatching(why) }] })
  })

  test('only the first few lines are shown, shortened; all are counted', () => {
    const { bad } = readFtrace(Array.from({ length: 1000 }, () => 'x'.repeat(5000)))
    expect(bad.count).toBe(1000)
    expect(bad.first).toHaveLength(5)
    expect(bad.first[0]?.text).toHaveLength(118)
  })

  test('other work for other CPUs is no sync', () => {
    const { batches, others } = readFtrace(['   a-1   [000]  1.000000: ipi_send_cpumask: cpumask=0000000e callback=flush_tlb_func+0x0/0x1'])
    expect(batches).toEqual([])
    expect([...others]).toEqual([['ipi_send_cpumask', 1]])
  })

  test('events of other kinds have no limit, and cost no memory: half a million lines', () => {
    const reader = new FtraceReader()
    for (let i = 0; i < 500_000; i++) reader.line(`     swapper-0   [001]  ${i}.000000: sched_wakeup: task:${i} [120]`)
    reader.line('   a-1   [000]  600000.000000: function: text_poke_bp_batch <-- text_poke_finish')
    const { lines, used, others, batches } = reader.end()
    expect([lines, used, others.get('sched_wakeup'), batches.length]).toEqual([500_001, 1, 500_000, 1])
  })
})

test('such a text is told from JSON by its first lines', () => {
  expect(looksLikeFtrace(TRACE_CMD)).toBe(true)
  expect(looksLikeFtrace(TRACE_FILE)).toBe(true)
  expect(looksLikeFtrace('{"kernel":"6.1","batches":[]}')).toBe(false)
})
