/** Instructions that set single flags or move the low byte of the flags. IF, and whole flags on the stack: system.ts. */
import { FLAG_CF, FLAG_DF, FLAGS } from '../layout.ts'
import { RAX, readRegister, writeRegister } from './operands.ts'
import type { Execute, InstructionRecord } from './record.ts'

/** The flags that ah exchanges with lahf and sahf: SF ZF AF PF CF. */
const LOW_FLAGS = 0xd5

function always(execute: Execute): () => Execute {
  return () => execute
}

/** flags = (flags and keep) xor flip, with `keep` clearing what is to be set or cleared. */
function change(keep: number, flip: number): () => Execute {
  return always((m) => {
    const at = m.c + FLAGS
    m.w[at] = ((m.w[at] as number) & keep) ^ flip
  })
}

const writeAh = writeRegister(RAX, 1, true)
const readAh = readRegister(RAX, 1, true)
const writeAl = writeRegister(RAX, 1)

export const flagRecords: readonly InstructionRecord[] = [
  { mnemonics: ['clc'], meaning: 'Clears CF.', manual: 'SDM 2A CLC', microOps: ['compute'], bind: change(~FLAG_CF, 0) },
  { mnemonics: ['stc'], meaning: 'Sets CF.', manual: 'SDM 2B STC', microOps: ['compute'], bind: change(~FLAG_CF, FLAG_CF) },
  { mnemonics: ['cmc'], meaning: 'Flips CF.', manual: 'SDM 2A CMC', microOps: ['compute'], bind: change(-1, FLAG_CF) },
  { mnemonics: ['cld'], meaning: 'Clears DF: strings go forwards.', manual: 'SDM 2A CLD', microOps: ['compute'], bind: change(~FLAG_DF, 0) },
  { mnemonics: ['std'], meaning: 'Sets DF: strings go backwards.', manual: 'SDM 2B STD', microOps: ['compute'], bind: change(~FLAG_DF, FLAG_DF) },
  {
    mnemonics: ['lahf'],
    meaning: 'Copies SF ZF AF PF CF to ah.',
    manual: 'SDM 2A LAHF',
    microOps: ['compute'],
    // Bit 1 of the flags reads as 1.
    bind: always((m) => writeAh(m, ((m.w[m.c + FLAGS] as number) & LOW_FLAGS) | 2, 0)),
  },
  {
    mnemonics: ['sahf'],
    meaning: 'Copies ah to SF ZF AF PF CF.',
    manual: 'SDM 2B SAHF',
    microOps: ['compute'],
    bind: always((m) => {
      readAh(m)
      const at = m.c + FLAGS
      m.w[at] = ((m.w[at] as number) & ~LOW_FLAGS) | (m.lo & LOW_FLAGS)
    }),
  },
  {
    mnemonics: ['salc'],
    meaning: 'Fills al with CF; 32-bit only, undocumented by Intel.',
    manual: 'AMD APM vol. 3, opcode D6',
    microOps: ['compute'],
    bind: always((m) => writeAl(m, ((m.w[m.c + FLAGS] as number) & FLAG_CF) !== 0 ? 0xff : 0, 0)),
  },
]
