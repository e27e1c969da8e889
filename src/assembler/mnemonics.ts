/** Spellings: what people write → iced's mnemonic, and the operand orders that the manual does not list but every assembler takes. */
import { type Form, formsOf, mnemonics } from '../decoder/forms.ts'
import { registerByName } from '../decoder/registers.ts'
import type { Operand } from './operand.ts'

const CONDITIONS: Readonly<Record<string, string>> = {
  c: 'b',
  nae: 'b',
  nb: 'ae',
  nc: 'ae',
  z: 'e',
  nz: 'ne',
  na: 'be',
  nbe: 'a',
  pe: 'p',
  po: 'np',
  nge: 'l',
  nl: 'ge',
  ng: 'le',
  nle: 'g',
}

const ALIASES: ReadonlyMap<string, string> = new Map([
  ...['j', 'set', 'cmov'].flatMap((stem) => Object.entries(CONDITIONS).map(([written, iced]): [string, string] => [stem + written, stem + iced])),
  ['loopz', 'loope'],
  ['loopnz', 'loopne'],
  ['sal', 'shl'],
  ['retn', 'ret'],
  ['movabs', 'mov'],
  ['retfq', 'retf'],
  ['sysretd', 'sysret'],
  ['sysexitd', 'sysexit'],
  ['xlat', 'xlatb'],
  ['fwait', 'wait'],
  ['ud2a', 'ud2'],
  ['icebp', 'int1'],
  ['iretw', 'iret'],
  ['pushfw', 'pushf'],
  ['popfw', 'popf'],
  ['pushaw', 'pusha'],
  ['popaw', 'popa'],
])

/** iced names the 16-bit form by the bare word; people mean the form that their code would need. */
const BY_WIDTH: Readonly<Record<string, readonly [in32: string, in64: string]>> = {
  iret: ['iretd', 'iretd'],
  pushf: ['pushfd', 'pushfq'],
  popf: ['popfd', 'popfq'],
  pusha: ['pushad', 'pushad'],
  popa: ['popad', 'popad'],
}

/** Spellings that ask for some of the forms only. */
const ONLY: ReadonlyMap<string, (form: Form) => boolean> = new Map([
  ['movabs', (form: Form) => form.operands.some((operand) => operand.kind === 'moffs' || (operand.kind === 'imm' && operand.bytes === 8))],
  ['retfq', (form: Form) => form.operandBits === 64],
])

export function allowsForm(written: string, form: Form): boolean {
  return ONLY.get(written)?.(form) ?? true
}

const SUFFIX: Readonly<Record<number, string>> = { 1: 'b', 2: 'w', 4: 'd', 8: 'q' }
const STRINGS = new Set(['movs', 'cmps', 'stos', 'lods', 'scas', 'ins', 'outs'])

/** `written` in lower case; null where nothing is called so. */
export function resolveMnemonic(written: string, operands: readonly Operand[], bits: 32 | 64): string | null {
  if (STRINGS.has(written)) {
    const memory = operands.find((operand) => operand.kind === 'mem' && operand.bytes !== 0)
    return memory === undefined ? null : written + (SUFFIX[memory.kind === 'mem' ? memory.bytes : 0] ?? '')
  }
  const byWidth = BY_WIDTH[written]
  if (byWidth !== undefined) return byWidth[bits === 32 ? 0 : 1]
  const name = ALIASES.get(written) ?? written
  const source = operands[1]
  const sourceBits = source?.kind === 'reg' ? source.register.bits : source?.kind === 'mem' ? source.bytes * 8 : 0
  if (name === 'movsx' && sourceBits === 32) return 'movsxd'
  return formsOf(name).length > 0 ? name : null
}

/** Every word that begins an instruction. */
export function spellings(): readonly string[] {
  const known = mnemonics().filter((name) => formsOf(name).length > 0)
  return [...new Set([...known, ...ALIASES.keys(), ...STRINGS, ...Object.keys(BY_WIDTH)])].filter(isMnemonic).sort()
}

export function isMnemonic(word: string): boolean {
  return STRINGS.has(word) || word in BY_WIDTH || formsOf(ALIASES.get(word) ?? word).length > 0
}

const TEN: Operand = { kind: 'imm', expr: { kind: 'number', value: 10n, column: 1, length: 1 }, bytes: 0, distance: null, column: 1, length: 1 }

/** Reads only 16 bits of its register, so the form without the 66 prefix does the same. */
const READS_16 = new Set(['ltr', 'lldt', 'verr', 'verw', 'lmsw'])

/** The orders of operands to look for, the most natural first. */
export function arrangements(mnemonic: string, operands: readonly Operand[]): readonly (readonly Operand[])[] {
  const [first, second] = operands
  if ((mnemonic === 'aam' || mnemonic === 'aad') && operands.length === 0) return [[TEN]]
  if (mnemonic === 'arpl') return [operands.map(widened)]
  if (mnemonic === 'imul' && operands.length === 2 && first?.kind === 'reg' && second?.kind === 'imm') return [[first, first, second]]
  if ((mnemonic === 'xchg' || mnemonic === 'test') && first !== undefined && second !== undefined && second.kind !== 'imm') {
    return [operands, [second, first]]
  }
  if (READS_16.has(mnemonic) && first?.kind === 'reg') return [[widened(first)]]
  if (mnemonic === 'mov' && first?.kind === 'reg' && first.register.class === 'seg' && second?.kind === 'reg') return [[first, widened(second)]]
  return [operands]
}

function widened(operand: Operand): Operand {
  if (operand.kind !== 'reg' || operand.register.class !== 'r16') return operand
  const { name } = operand.register
  const wide = registerByName(/^r\d/.test(name) ? name.replace('w', 'd') : `e${name}`)
  return wide === undefined ? operand : { ...operand, register: wide }
}
