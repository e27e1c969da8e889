/** Instructions that change nothing but RIP. A multi-byte nop and a prefetch have a memory operand that they do not access. */
import type { InstructionRecord } from './record.ts'

function nothing(): void {}

const bind = () => nothing

export const hintRecords: readonly InstructionRecord[] = [
  { mnemonics: ['nop'], meaning: 'Does nothing, in 1 to 15 bytes.', manual: 'SDM 2B NOP', microOps: [], bind },
  { mnemonics: ['pause'], meaning: 'Says that this is a spin loop.', manual: 'SDM 2B PAUSE', microOps: [], bind },
  { mnemonics: ['endbr64', 'endbr32'], meaning: 'Marks a branch target; a nop without CET.', manual: 'SDM 2A ENDBR64', microOps: [], bind },
  {
    mnemonics: ['rdsspd', 'rdsspq'],
    meaning: 'Reads the shadow stack pointer; a nop without CET.',
    manual: 'SDM 2B RDSSPD/RDSSPQ',
    microOps: [],
    bind,
  },
  {
    mnemonics: ['prefetch', 'prefetchw', 'prefetchwt1', 'prefetchnta', 'prefetcht0', 'prefetcht1', 'prefetcht2'],
    meaning: 'Asks for a cache line; never faults.',
    manual: 'SDM 2B PREFETCHh',
    microOps: [],
    bind,
  },
]
