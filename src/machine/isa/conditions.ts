/** The sixteen conditions of jcc, setcc and cmovcc as tests of the flags word. Source: SDM vol. 1 appendix B. */
import { assert } from '../../lib/assert.ts'
import { FLAG_CF, FLAG_OF, FLAG_PF, FLAG_SF, FLAG_ZF, FLAGS } from '../layout.ts'
import type { Machine } from '../machine.ts'

/**
 * What holds, from the flags: any flag in `mask` is set, SF differs from OF, or (for `le`) either. All compared with `wanted`.
 * Every condition is one of these, so that the code which tests one can be written for its shape.
 */
export type Condition =
  | { readonly shape: 'any'; readonly mask: number; readonly wanted: boolean }
  | { readonly shape: 'signed'; readonly mask: number; readonly wanted: boolean }

function any(mask: number, wanted: boolean): Condition {
  return { shape: 'any', mask, wanted }
}

/** `mask`: FLAG_ZF where equality counts too. */
function signed(mask: number, wanted: boolean): Condition {
  return { shape: 'signed', mask, wanted }
}

/** Does it hold? */
export function bindCondition({ shape, mask, wanted }: Condition): (m: Machine) => boolean {
  if (shape === 'any') return (m) => (((m.w[m.c + FLAGS] as number) & mask) !== 0) === wanted
  return (m) => isLess(m.w[m.c + FLAGS] as number, mask) === wanted
}

/** SF (bit 7) differs from OF (bit 11), or a flag of `mask` is set. */
export function isLess(flags: number, mask: number): boolean {
  return (((flags ^ (flags >>> 4)) & FLAG_SF) | (flags & mask)) !== 0
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
  l: signed(0, true),
  ge: signed(0, false),
  le: signed(FLAG_ZF, true),
  g: signed(FLAG_ZF, false),
}

/** "j", "set" or "cmov" with each condition. */
export function conditionalMnemonics(prefix: string): string[] {
  return Object.keys(CONDITIONS).map((suffix) => prefix + suffix)
}

export function conditionOf(mnemonic: string, prefix: string): Condition {
  const condition = CONDITIONS[mnemonic.slice(prefix.length)]
  assert(condition !== undefined, `${mnemonic} has no condition`)
  return condition
}
