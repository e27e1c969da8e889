/** The registers that assembly text may name, with iced's numbers for them. Built once, at first use. */
import { Register, RegisterExt } from 'iced-x86'
import { registerNumber } from './operands.ts'

/** r8…r64: general registers by width; rip stands for itself. */
export type RegisterClass = 'r8' | 'r16' | 'r32' | 'r64' | 'seg' | 'cr' | 'dr' | 'rip' | 'other'

export interface RegisterInfo {
  /** Lower case. */
  readonly name: string
  /** iced's number. */
  readonly id: number
  readonly class: RegisterClass
  /** 0..15 */
  readonly number: number
  readonly bits: number
  /** ah, ch, dh, bh: not encodable together with a REX prefix. */
  readonly high: boolean
  /** Exists only with a REX prefix, so in 64-bit code only. */
  readonly rex: boolean
}

let byName: ReadonlyMap<string, RegisterInfo> | undefined

/** `name` in lower case. */
export function registerByName(name: string): RegisterInfo | undefined {
  byName ??= makeRegisters()
  return byName.get(name)
}

/** Of the registers that the assembler takes. */
export function registerNames(): readonly string[] {
  byName ??= makeRegisters()
  return [...byName].filter(([, { class: kind }]) => kind !== 'other').map(([name]) => name)
}

function makeRegisters(): ReadonlyMap<string, RegisterInfo> {
  const made = new Map<string, RegisterInfo>()
  for (let id = Register.AL as number; id < Register.DontUse0; id++) {
    const name = (Register[id] as string).toLowerCase()
    const info = describe(id, name)
    made.set(name, info)
    // iced says r8l, Intel says r8b (and both are read).
    if (/^r\d+l$/.test(name)) made.set(name.replace('l', 'b'), { ...info, name: name.replace('l', 'b') })
  }
  made.set('st', describe(Register.ST0, 'st'))
  return made
}

function describe(id: Register, name: string): RegisterInfo {
  const kind = classOf(id)
  const number = kind === 'r8' || kind === 'r16' || kind === 'r32' || kind === 'r64' ? registerNumber(id) : RegisterExt.number(id)
  const high = id >= Register.AH && id <= Register.BH
  const rex = kind === 'r64' || kind === 'rip' || (number >= 8 && kind !== 'other') || (kind === 'r8' && number >= 4)
  return { name, id, class: kind, number, bits: RegisterExt.size(id) * 8, high, rex }
}

function classOf(id: Register): RegisterClass {
  if (RegisterExt.isGPR8(id)) return 'r8'
  if (RegisterExt.isGPR16(id)) return 'r16'
  if (RegisterExt.isGPR32(id)) return 'r32'
  if (RegisterExt.isGPR64(id)) return 'r64'
  if (RegisterExt.isSegmentRegister(id)) return 'seg'
  if (RegisterExt.isCR(id)) return 'cr'
  if (RegisterExt.isDR(id)) return 'dr'
  return RegisterExt.isIP(id) ? 'rip' : 'other'
}
