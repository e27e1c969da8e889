/**
 * Which forms could encode an instruction, by the kinds of its operands; whether values fit is decided when they are known (`encode.ts`).
 */
import { type Form, type FormOperand, formsOf } from '../decoder/forms.ts'
import { allowsForm, arrangements } from './mnemonics.ts'
import type { MemoryOperand, Operand } from './operand.ts'
import type { Candidate } from './program.ts'

export interface Matches {
  readonly candidates: readonly Candidate[]
  /** The memory operand could have several sizes, and nothing says which. */
  readonly sizeMissing: MemoryOperand | null
}

/** Without a written size, these mean the width of the stack. */
const STACK_SIZED = new Set(['push', 'pop', 'call', 'jmp'])

/** `written` is the spelling that led to the mnemonic. */
export function match(written: string, mnemonic: string, operands: readonly Operand[], bits: 32 | 64): Matches {
  const candidates: Candidate[] = []
  for (const arranged of arrangements(mnemonic, operands)) {
    for (const form of formsOf(mnemonic)) {
      if ((bits === 32 ? !form.in32 : !form.in64) || !allowsForm(written, form)) continue
      const fitting = fill(form, arranged)
      if (fitting !== null && !isTrap(mnemonic, form, fitting, bits)) candidates.push({ form, operands: fitting })
    }
  }
  return decideSize(mnemonic, operands, candidates, bits)
}

function decideSize(mnemonic: string, operands: readonly Operand[], candidates: readonly Candidate[], bits: 32 | 64): Matches {
  const unsized = operands.find((operand): operand is MemoryOperand => operand.kind === 'mem' && operand.bytes === 0)
  const sizes = new Set(candidates.map(({ form }) => form.memoryBytes))
  if (unsized === undefined || sizes.size < 2) return { candidates, sizeMissing: null }
  if (unsized.far) return { candidates: candidates.filter(({ form }) => form.operandBits === 32), sizeMissing: null }
  if (!STACK_SIZED.has(mnemonic)) return { candidates, sizeMissing: unsized }
  return { candidates: candidates.filter(({ form }) => form.memoryBytes === bits / 8), sizeMissing: null }
}

/** The operands as the form wants them, or null. String instructions may leave out what is implied. */
function fill(form: Form, operands: readonly Operand[]): readonly Operand[] | null {
  const isString = form.operands.some((wanted) => wanted.kind === 'string')
  if (!isString) {
    if (form.operands.length !== operands.length) return null
    return form.operands.every((wanted, i) => accepts(wanted, operands[i] as Operand, form)) ? operands : null
  }
  if (operands.length === 0) return []
  const written = operands.length === form.operands.length ? form.operands : form.operands.filter((wanted) => wanted.kind === 'string')
  if (written.length !== operands.length) return null
  return written.every((wanted, i) => accepts(wanted, operands[i] as Operand, form)) ? operands : null
}

export function accepts(wanted: FormOperand, operand: Operand, form: Form): boolean {
  switch (wanted.kind) {
    case 'reg':
      if (operand.kind === 'reg') return operand.register.class === wanted.class
      return wanted.memory && operand.kind === 'mem' && sizeAgrees(operand, form)
    case 'fixed':
      return operand.kind === 'reg' && operand.register.id === wanted.register
    case 'mem':
      return operand.kind === 'mem' && sizeAgrees(operand, form)
    case 'moffs':
      return isAbsolute(operand) && operand.displacementBytes === 0 && sizeAgrees(operand, form)
    case 'imm':
      if (operand.kind !== 'imm' || operand.distance !== null) return false
      // A written size is the size in the encoding; only mov has eight bytes there, elsewhere "qword" speaks of the operation.
      return operand.bytes === 0 || operand.bytes === wanted.bytes || (operand.bytes === 8 && wanted.bits === 64 && !form.text.startsWith('MOV '))
    case 'one':
      return operand.kind === 'imm' && operand.distance === null && operand.bytes === 0
    case 'branch':
      return operand.kind === 'imm' && operand.bytes === 0 && (operand.distance === null || (operand.distance === 'short') === (wanted.bytes === 1))
    case 'far':
      return operand.kind === 'far'
    case 'string':
      return operand.kind === 'mem' && isImplied(operand, wanted.at) && sizeAgrees(operand, form)
  }
}

function isAbsolute(operand: Operand): operand is MemoryOperand {
  return operand.kind === 'mem' && operand.base === null && operand.index === null && operand.relative === null
}

/** `call far [m]` and `call [m]` differ by what was written only. */
function sizeAgrees(operand: MemoryOperand, form: Form): boolean {
  const isFar = form.text.includes('m16:')
  if (isFar !== (operand.far || (isFar && operand.bytes !== 0 && operand.bytes === form.memoryBytes && operand.bytes > 4))) return false
  if (operand.bytes === 0 || form.memoryBytes === 0 || operand.bytes === form.memoryBytes) return true
  // Descriptor tables, save areas and the like have sizes that no keyword names exactly.
  return !isFar && ![1, 2, 4, 8].includes(form.memoryBytes) && operand.bytes > 4
}

const IMPLIED = { rsi: 6, rdi: 7, rbx: 3 } as const

function isImplied(operand: MemoryOperand, at: keyof typeof IMPLIED): boolean {
  if (operand.base?.number !== IMPLIED[at] || operand.index !== null || operand.displacement !== null) return false
  return at !== 'rdi' || operand.segment === null || operand.segment.name === 'es'
}

/** Forms that would be chosen for being short and mean something else. */
function isTrap(mnemonic: string, form: Form, operands: readonly Operand[], bits: 32 | 64): boolean {
  const [first, second] = operands
  // 90 is nop, which does not clear the upper half of rax.
  if (mnemonic === 'xchg' && bits === 64 && form.operands[1]?.kind === 'fixed' && form.operandBits === 32) {
    return first?.kind === 'reg' && second?.kind === 'reg' && first.register.number === 0
  }
  // push 0x80 is a stack slot, not 16 bits, unless it says so.
  if (mnemonic === 'push' && first?.kind === 'imm') return form.operandBits === 16 && first.bytes !== 2
  return false
}

/** The first prefix that no candidate allows, in words. */
export function refusedPrefix(
  prefixes: Readonly<Record<'lock' | 'rep' | 'repne' | 'notrack' | 'bnd', boolean>>,
  candidates: readonly Candidate[],
): 'lock' | 'rep' | 'repne' | 'notrack' | 'bnd' | null {
  const all = (allows: (form: Form) => boolean) => candidates.some(({ form }) => allows(form))
  if (prefixes.lock && !all((form) => form.lock)) return 'lock'
  if (prefixes.notrack && !all((form) => form.notrack)) return 'notrack'
  if (prefixes.bnd && !all((form) => form.bnd)) return 'bnd'
  if (prefixes.rep && !all((form) => form.rep || form.text.startsWith('RET'))) return 'rep'
  if (prefixes.repne && !all((form) => form.repne)) return 'repne'
  return null
}
