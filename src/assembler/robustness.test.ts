/** Whatever the text: an answer, and soon. The text is made of pieces that occur in real programs, so that it gets far into the assembler. */
import { expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { assemble } from './assemble.ts'
import { complaintsOf } from './testing.ts'

const PIECES =
  `section text data at align = exec read func phase equ db dw dd dq resb resq times align address if elif else endif macro m a b endm rept 3 endr
  mov eax rax ah r9b byte word dword qword ptr short near far rel [ ] ( ) , : + - * / % & | ^ ~ << >> == != < && || ! $ $$ . .x x: .y: x y %% %%z {a} { } " ' "abc" 'a' ; # @
  0 1 5 0x80 -1 0xffffffff81000000 0x10000000000 1_000 0b11 0x 9g push pop call jmp je loop lock rep ret lea xchg nop int3 cpuid cr3 ds gs: fs xmm0 st0 defined rip rsp enter in al dx
  m n \\n | \\ § é`.split(/[ \n]+/)

function randomText(random: Random): string {
  let text = ''
  const length = random.below(80)
  for (let i = 0; i < length; i++) text += `${random.pick(PIECES)}${random.below(4) === 0 ? '\n' : random.below(8) === 0 ? '' : ' '}`
  return text
}

const SEED = 4711

test(`random text is assembled or refused, never more (seed ${SEED})`, () => {
  const random = new Random(SEED)
  for (let i = 0; i < 3000; i++) {
    const text = randomText(random)
    const bits = random.pick([32, 64] as const)
    const { assembly, diagnostics } = assemble({ bits, files: [{ name: 'f', text }] })
    const errors = diagnostics.filter(({ severity }) => severity === 'error')
    expect(assembly === null, text).toBe(errors.length > 0)
    for (const { line, column, length, message } of diagnostics) {
      expect(line >= 1 && line <= text.split('\n').length && column >= 1 && length >= 1, `${text}\n${line}:${column}+${length}`).toBe(true)
      expect(message, text).not.toMatch(/internal|undefined|NaN|\[object/)
    }
  }
})

const PROGRAM = `N equ 3
section text at 0xffffffff81000000 exec
macro save n=2
  rept n
  push rax
  endr
endm
func caller
  | call
  save N
site: call [rel target]
  if N > 2 && defined(N)
  jmp .out
  else
  lock inc dword ptr [rel target]
  endif
.out: ret
  align 16
section data read write
target: dq caller, site - caller
  times 8 - ($ - target) % 8 db "x"
`

test(`a program with a few characters changed is assembled or refused, never more (seed ${SEED})`, () => {
  const random = new Random(SEED)
  let good = 0
  for (let i = 0; i < 3000; i++) {
    let text = PROGRAM
    for (let edits = 1 + random.below(3); edits > 0; edits--) {
      const at = random.below(text.length)
      const piece = random.below(3) === 0 ? '' : random.pick(PIECES)
      text = text.slice(0, at) + piece + text.slice(at + random.below(4))
    }
    const { assembly, diagnostics } = assemble({ bits: 64, files: [{ name: 'f', text }] })
    expect(assembly === null, text).toBe(diagnostics.some(({ severity }) => severity === 'error'))
    if (assembly !== null) good++
  }
  expect(good).toBeGreaterThan(100)
})

test.each([
  ['parentheses', `db ${'('.repeat(50_000)}1`],
  ['signs', `db ${'-'.repeat(50_000)}1`],
  ['sums', `db ${'1+'.repeat(50_000)}1`],
  ['constants that refer to each other', Array.from({ length: 20_000 }, (_, i) => `x${i} equ x${i + 1}`).join('\n')],
  ['blocks', 'if 1\n'.repeat(5000)],
  ['macros that double', `${Array.from({ length: 40 }, (_, i) => `macro m${i}\nm${i + 1}\nm${i + 1}\nendm`).join('\n')}\nmacro m40\nnop\nendm\nm0`],
])('endless %s are refused', (_, text) => {
  expect(complaintsOf(text).length).toBeGreaterThan(0)
})

test('constants that double are no trouble', () => {
  const lines = Array.from({ length: 60 }, (_, i) => `x${i + 1} equ x${i} + x${i}`)
  const { assembly } = assemble({
    bits: 64,
    files: [{ name: 'f', text: `x0 equ $ - start\n${lines.join('\n')}\nstart: add rax, x60\nif defined(x60)\ndq x60\nendif` }],
  })
  expect(assembly?.symbols.get('x60')).toBe(0n)
})
