/**
 * One litmus instruction, in AT&T or Intel-style operands, as a line of our assembler's Intel syntax. Locations become symbols `loc_NAME`; `$` in front of
 * immediates is dropped; sizes come from the suffix, a register operand, or the location's type.
 */
import { fail, ok, type Result } from '../../lib/result.ts'

export interface Locations {
  /** Bytes of one element of a location, or null where nothing is declared. */
  size(name: string): number | null
  /** Called for every location that the code names. */
  use(name: string, size: number | null): void
}

const BASES = new Set(
  `mov add sub and or xor cmp test inc dec neg not xchg xadd cmpxchg lea shl sal shr sar rol ror imul mul idiv div push pop adc sbb bt bts btr btc bsf bsr
   nop call jmp movabs cmove cmovne cmovz cmovnz cmovl cmovle cmovg cmovge cmova cmovae cmovb cmovbe cmovs cmovns bswap cmpxchg8b cmpxchg16b stos lods movs`.split(
    /\s+/,
  ),
)
const SUFFIX: Readonly<Record<string, number>> = { b: 1, w: 2, l: 4, q: 8 }
const SIZE_WORDS: Readonly<Record<number, string>> = { 1: 'byte ptr ', 2: 'word ptr ', 4: 'dword ptr ', 8: 'qword ptr ' }
const PREFIXES = new Set(['lock', 'rep', 'repe', 'repne', 'repz', 'repnz'])
const EXTENSIONS: Readonly<Record<string, readonly [string, number]>> = {
  movzb: ['movzx', 1],
  movzw: ['movzx', 2],
  movsb: ['movsx', 1],
  movsw: ['movsx', 2],
  movsl: ['movsxd', 4],
}

/** Is this instruction written with AT&T operands (source first)? */
export function looksAtt(instruction: string): boolean {
  return /%[a-z]|\(/i.test(instruction)
}

export function translate(instruction: string, att: boolean, bits: 32 | 64, locations: Locations): Result<string> {
  let rest = instruction.trim().replace(/;$/, '').trim()
  const prefixes: string[] = []
  for (;;) {
    const prefix = /^([a-z]+)\s*;?\s+(?=\S)/i.exec(rest)
    if (prefix === null || !PREFIXES.has((prefix[1] as string).toLowerCase())) break
    prefixes.push((prefix[1] as string).toLowerCase())
    rest = rest.slice(prefix[0].length)
  }
  const match = /^([a-z][a-z0-9]*)\s*(.*)$/is.exec(rest)
  if (match === null) return fail(`"${instruction}" is no instruction`)
  let mnemonic = (match[1] as string).toLowerCase()
  const operands = splitOperands(match[2] as string)
  if (/^nop[lw]?$/.test(mnemonic)) return ok('nop')
  if (mnemonic === 'ret' || mnemonic === 'retq') return ok('jmp end_of_cpu')
  if (/^j[a-z]+$|^loop/.test(mnemonic)) {
    const target = operands[0]?.replace(/^\*/, '') ?? ''
    return /^[A-Za-z_.][\w.]*$/.test(target) ? ok(`${mnemonic} ${labelName(target)}`) : fail(`"${instruction}": a jump to a label is expected`)
  }
  let size: number | null = null
  const extension = /^(movz[bw]|movs[bwl])([wlq])$/.exec(mnemonic)
  if (att && extension !== null && operands.length === 2) {
    const [name, sourceSize] = EXTENSIONS[extension[1] as string] as readonly [string, number]
    mnemonic = name
    size = sourceSize
  } else if (!BASES.has(mnemonic) && BASES.has(mnemonic.slice(0, -1)) && mnemonic.slice(-1) in SUFFIX) {
    size = SUFFIX[mnemonic.slice(-1)] as number
    mnemonic = mnemonic.slice(0, -1)
  }
  if (mnemonic === 'movabs') mnemonic = 'mov'
  const registerSize = operands.map((operand) => sizeOfRegister(operand)).find((found) => found !== null) ?? null
  const access = size ?? registerSize
  const texts: string[] = []
  for (const operand of operands) {
    const text = translateOperand(operand, att, mnemonic === 'lea' ? 0 : access, locations, bits)
    if (!text.ok) return fail(`"${instruction}": ${text.error}`)
    texts.push(text.value)
  }
  if (att) texts.reverse()
  return ok([...prefixes, mnemonic, texts.join(', ')].join(' ').trim())
}

export function labelName(label: string): string {
  return `lab_${label.replaceAll('.', '_')}`
}

export function locationName(name: string): string {
  return `loc_${name.replaceAll('.', '_')}`
}

function splitOperands(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const character of text) {
    if (character === '(' || character === '[') depth++
    if (character === ')' || character === ']') depth--
    if (character === ',' && depth === 0) {
      parts.push(part.trim())
      part = ''
    } else part += character
  }
  if (part.trim() !== '') parts.push(part.trim())
  return parts
}

const REGISTERS =
  /^%?(r(?:[abcd]x|[sb]p|[sd]i|8|9|1[0-5])|e(?:[abcd]x|[sb]p|[sd]i)|[abcd]x|[sb]p|[sd]i|[abcd][lh]|[sb]pl|[sd]il|r(?:8|9|1[0-5])[dwb])$/i

/** Width in bytes, or null where it is no general register. */
export function sizeOfRegister(text: string): number | null {
  const match = REGISTERS.exec(text)
  if (match === null) return null
  const name = (match[1] as string).toLowerCase()
  if (/^r\d+d$|^e/.test(name)) return 4
  if (/^r\d+w$|^([abcd]x|[sb]p|[sd]i)$/.test(name)) return 2
  return /^r/.test(name) && !/b$/.test(name) ? 8 : /^rbp$|^rbx$/.test(name) ? 8 : 1
}

function translateOperand(operand: string, att: boolean, size: number | null, locations: Locations, bits: 32 | 64): Result<string> {
  if (REGISTERS.test(operand)) return ok(operand.replace('%', '').toLowerCase())
  if (operand.startsWith('$')) return immediate(operand.slice(1), locations)
  if (/^-?(0x[0-9a-f]+|\d+)$/i.test(operand)) return ok(operand)
  return att ? attMemory(operand, size, locations) : intelMemory(operand, size, locations, bits)
}

function immediate(text: string, locations: Locations): Result<string> {
  if (/^-?(0x[0-9a-f]+|\d+)$/i.test(text)) return ok(text)
  if (!/^[A-Za-z_]\w*$/.test(text)) return fail(`the immediate "${text}" is not read`)
  locations.use(text, null)
  return ok(locationName(text))
}

function sizeWord(size: number | null, name: string | null, locations: Locations): string {
  if (size === 0) return ''
  const bytes = size ?? (name === null ? null : locations.size(name)) ?? 4
  if (name !== null) locations.use(name, bytes)
  return SIZE_WORDS[bytes] ?? ''
}

/** `x`, `(x)`, `8(x)`, `x+8`, `(%rax)`, `8(%rax,%rbx,4)`, `x(%rip)`, `%gs:0(%rax)`. */
function attMemory(text: string, size: number | null, locations: Locations): Result<string> {
  const match = /^(?:%([c-g]s):)?\s*([^()]*)(?:\(([^()]*)\))?$/.exec(text)
  if (match === null) return fail(`the operand "${text}" is not read`)
  const [, segment, outside = '', inside = ''] = match
  const terms: string[] = []
  let name: string | null = null
  const inner = inside.split(',').map((part) => part.trim())
  for (const part of [...outside.split(/(?=[+-])/).map((term) => term.replace('+', '').trim()), ...(inner.length === 1 ? inner : [])]) {
    if (part === '' || /^%[re]ip$/i.test(part)) continue
    if (REGISTERS.test(part)) terms.push(part.replace('%', '').toLowerCase())
    else if (/^-?(0x[0-9a-f]+|\d+)$/i.test(part)) terms.push(part)
    else if (/^[A-Za-z_]\w*$/.test(part)) {
      name = part
      terms.push(locationName(part))
    } else return fail(`the operand "${text}" is not read`)
  }
  if (inner.length > 1) {
    const [base = '', index = '', scale = '1'] = inner
    if (base !== '') terms.push(base.replace('%', '').toLowerCase())
    if (index !== '') terms.push(`${index.replace('%', '').toLowerCase()}*${scale}`)
  }
  if (terms.length === 0) return fail(`the operand "${text}" is empty`)
  const word = sizeWord(size, name, locations)
  return ok(`${word}${segment === undefined ? '' : `${segment}:`}[${terms.join(' + ').replaceAll('+ -', '- ')}]`)
}

/** `[x]`, `[EAX]`, `dword ptr [x+4]`. */
function intelMemory(text: string, size: number | null, locations: Locations, bits: 32 | 64): Result<string> {
  const match = /^((?:byte|word|dword|qword)\s+(?:ptr\s*)?)?\[([^\]]*)\]$/i.exec(text)
  const inside = match === null ? (/^[A-Za-z_]\w*$/.test(text) ? text : null) : (match[2] as string)
  if (inside === null) return fail(`the operand "${text}" is not read`)
  let name: string | null = null
  const mapped = inside.replace(/[A-Za-z_]\w*/g, (word) => {
    if (REGISTERS.test(word)) return word.toLowerCase()
    name = word
    return locationName(word)
  })
  const stated = match?.[1]
  if (stated !== undefined) {
    if (name !== null) locations.use(name, null)
    return ok(`${stated.toLowerCase().replace(/\s+(ptr\s*)?$/, '')} ptr [${mapped}]`)
  }
  return ok(`${sizeWord(size, name, locations) || (bits === 32 ? 'dword ptr ' : '')}[${mapped}]`)
}
