/** The sixteen conditions of jcc, setcc and cmovcc as tests of the flags word. Source: SDM vol. 1 appendix B. */
import { FLAG_CF, FLAG_OF, FLAG_PF, FLAG_SF, FLAG_ZF, FLAGS } from '../layout.ts'
import type { Machine } from '../machine.ts'

export type Condition = (m: Machine) => boolean

/** Any of the flags in `mask` set (`wanted`), or none. */
function any(mask: number, wanted: boolean): Condition {
  if (wanted) return (m) => ((m.w[m.c + FLAGS] as number) & mask) !== 0
  return (m) => ((m.w[m.c + FLAGS] as number) & mask) === 0
}

/** SF (bit 7) differs from OF (bit 11). */
function less(wanted: boolean): Condition {
  const expected = wanted ? FLAG_SF : 0
  return (m) => {
    const flags = m.w[m.c + FLAGS] as number
    return ((flags ^ (flags >>> 4)) & FLAG_SF) === expected
  }
}

function lessOrEqual(wanted: boolean): Condition {
  return (m) => {
    const flags = m.w[m.c + FLAGS] as number
    return ((((flags ^ (flags >>> 4)) & FLAG_SF) | (flags & FLAG_ZF)) !== 0) === wanted
  }
}

/** By the suffixes that iced prints. */
const CONDITIONS: Readonly<Record<string, Condition>> = {
  o: any(FLAG_OF, true),
  no: any(FLAG_OF, false),
  b: any(FLAG_CF, true),
  ae: any(FLAG_CF, false),
  e: any(FLAG_ZF, true),
  ne: any(FLAG_ZF, false),
  be: any(FLAG_CF | FLAG_ZF, true),
  a: any(FLAG_CF | FLAG_ZF, false),
  s: any(FLAG_SF, true),
  ns: any(FLAG_SF, false),
  p: any(FLAG_PF, true),
  np: any(FLAG_PF, false),
  l: less(true),
  ge: less(false),
  le: lessOrEqual(true),
  g: lessOrEqual(false),
}

/** "j", "set" or "cmov" with each condition. */
export function conditionalMnemonics(prefix: string): string[] {
  return Object.keys(CONDITIONS).map((suffix) => prefix + suffix)
}

export function conditionOf(mnemonic: string, prefix: string): Condition | undefined {
  return CONDITIONS[mnemonic.slice(prefix.length)]
}
