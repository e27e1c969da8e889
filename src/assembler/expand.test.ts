import { describe, expect, test } from 'vitest'
import { assemble } from './assemble.ts'
import { assembled, bytesOf, complaintsOf } from './testing.ts'

describe('conditional assembly', () => {
  const TEXT = `if SYNC == 1
      db 1
      if DEEP
        db 11
      else
        db 12
      endif
    elif SYNC == 2
      db 2
    elif SYNC == 2 || SYNC == 3
      db 3
    else
      db 4
    endif
    db 9`

  test.each<[bigint, bigint, string]>([
    [1n, 1n, '010b09'],
    [1n, 0n, '010c09'],
    [2n, 0n, '0209'],
    [3n, 0n, '0309'],
    [7n, 0n, '0409'],
  ])('SYNC=%i, DEEP=%i reads its part', (SYNC, DEEP, bytes) => {
    expect(bytesOf(TEXT, { defines: { SYNC, DEEP } })).toBe(bytes)
  })

  test('constants that are defined above can be asked about', () => {
    expect(bytesOf('N equ 2\nM equ N*3\nif M > 5 && defined(N) && !defined(X)\ndb 1\nendif')).toBe('01')
    expect(bytesOf('if defined(X) && X > 3\ndb 1\nelse\ndb 2\nendif')).toBe('02')
  })

  test('comparisons are signed, division is not', () => {
    expect(bytesOf('if -1 < 0\ndb 0xffffffff81000004 % 64\nendif')).toBe('04')
  })

  test('what is not read may contain anything', () => {
    expect(bytesOf('if 0\nfrobnicate [[[\nmacro m\nendm\nendif\ndb 1')).toBe('01')
  })

  test.each([
    ['here: if here\nendif', '1:10 `here` is a label; its address is not known yet [numbers, parameters and constants that are defined above]'],
    ['if LATER\nendif\nLATER equ 1', '1:4 `LATER` is not defined here [numbers, parameters and constants that are defined above]'],
    ['if $ > 0\nendif', '1:4 `$` has no value before layout [numbers, parameters and constants that are defined above]'],
    ['x equ $\nif x\nendif', '2:4 `x`: `$` has no value before layout [numbers, parameters and constants that are defined above]'],
    ['if\nendif', '1:1 an expression is missing at the end of the line [a number, a symbol, $ or a parenthesis]'],
    ['if 1', '1:1 `if` is never closed [endif]'],
    ['else', '1:1 `else` without `if`'],
    ['endif', '1:1 `endif` without `if`'],
    ['if 0\nelse\nelif 1\nendif', '3:1 `elif` after `else` [endif]'],
    ['if 1 2\nendif', '1:6 unexpected `2` after the condition [the end of the line]'],
  ])('%j is refused', (text, complaint) => expect(complaintsOf(text)).toEqual([complaint]))
})

describe('macros', () => {
  test('parameters, defaults, commas or none in the header', () => {
    const text = `macro three a b, c=0x33
      db a, b, c
      endm
      three 1, 2
      three 1, 2, 3`
    expect(bytesOf(text)).toBe('010233010203')
  })

  test('an argument may be an operand', () => {
    expect(bytesOf('macro load to, from\nmov to, from\nendm\nload eax, dword ptr [rbx+8]\nload rcx, rdx')).toBe('8b43084889d1')
  })

  test('an argument that is a sum stays one', () => {
    expect(bytesOf('macro twice n\ndb n*2\nendm\ntwice 1+2')).toBe('06')
    expect(bytesOf('macro scaled n\nmov eax, [rbx+n]\nendm\nscaled rcx*4')).toBe('8b048b')
  })

  test('%%labels are those of one expansion, .labels those of the function', () => {
    const { symbols } = assembled(`macro skip
      jz %%over
      nop
      %%over:
      endm
      func f
      .again: skip
      skip
      jmp .again`)
    expect([...symbols.keys()]).toEqual(['f', 'f.again', 'over%1', 'over%2'])
  })

  test('braces put an argument into a word, a string and an annotation', () => {
    const text = `macro site name, n
      | call {name}
      phase "step {n}"
      site_{name}_{n}: call {name}
      endm
      site callee, 3
      callee: ret`
    const { symbols, lines } = assembled(text)
    expect(symbols.has('site_callee_3')).toBe(true)
    expect(lines[0]).toMatchObject({ source: 'call callee', phase: 'step 3' })
  })

  test('macros use macros, and conditions inside decide for each use', () => {
    const text = `macro one n
      if n > 1
      db n
      else
      db 0xff
      endif
      endm
      macro two n
      one n
      one n+1
      endm
      two 1`
    expect(bytesOf(text)).toBe('ff02')
  })

  test('an entry stub pushes six times', () => {
    expect(bytesOf('macro gap\nrept 6\npush qword ptr [rsp+40]\nendr\nendm\ngap')).toBe('ff742428'.repeat(6))
  })

  test.each([
    ['macro m a\nendm\nm', '3:1 macro `m` needs an argument for `a` [m a]'],
    ['macro m a, b=1\nendm\nm 1, 2, 3', '3:9 macro `m` takes 2 arguments, not 3 [m a, [b]]'],
    ['macro m\nendm\nmacro m\nendm', '3:7 macro `m` is already defined [another name]'],
    ['macro mov\nendm', '1:7 `mov` is an instruction [another name]'],
    ['macro db\nendm', '1:7 `db` is a directive [another name]'],
    ['macro m\nnop', '1:1 `macro` is never closed [endm]'],
    ['macro m\nm\nendm\nm', /^4:1 macros and blocks are nested more than 50 deep; does `m` use itself without end\? \(in macro `m`, test\.asm:2/],
    ['macro m a\n  mov a, bl\nendm\n  m eax', '4:3 the sizes differ: EAX has 32 bits, BL has 8 (in macro `m`, test.asm:2) [operands of one size]'],
    [
      'macro i\nfrob\nendm\nmacro o\ni\nendm\no',
      '7:1 unknown mnemonic `frob` (in macro `i`, test.asm:2, in macro `o`, test.asm:5) [an instruction, a directive or a macro]',
    ],
    [
      'macro m a\nx: db a\nendm\nm 1\nm 2',
      '5:1 `x` is already defined at test.asm:2 (in macro `m`, test.asm:2) [a name of its own for each expansion: %%name in a macro]',
    ],
    ['%%x: nop', '1:1 `%%x` stands outside a macro [a name without %%]'],
    ['x_{n}: nop', '1:1 `{n}` is no parameter here [the name of a parameter of the macro or repetition]'],
  ])('%j is refused', (text, complaint) => {
    const complaints = complaintsOf(text)
    expect(complaints).toHaveLength(1)
    if (typeof complaint === 'string') expect(complaints[0]).toBe(complaint)
    else expect(complaints[0]).toMatch(complaint)
  })
})

describe('repetitions', () => {
  test('count and counter', () => {
    expect(bytesOf('N equ 2\nrept N+1, i\ndb i, i*2\nendr')).toBe('000001020204')
    expect(bytesOf('rept 0\ndb 1\nendr')).toBe('')
  })

  test('the counter makes names', () => {
    const { symbols } = assembled('section t at 0\nrept 3, n\nsite_{n}: call $\nendr')
    expect([...symbols]).toEqual([
      ['site_0', 0n],
      ['site_1', 5n],
      ['site_2', 10n],
    ])
  })

  test('%%labels are those of one turn', () => {
    expect(bytesOf('rept 2\njmp %%x\n%%x:\nendr')).toBe('eb00eb00')
  })

  test('a complaint about the body is made once', () => {
    expect(complaintsOf('rept 5\n  mov eax, bl\nendr')).toEqual(['2:12 the sizes differ: EAX has 32 bits, BL has 8 [operands of one size]'])
  })

  test.each([
    ['rept 10000000\nnop\nendr', '1:1 more than 1,000,000 lines after expansion [fewer repetitions]'],
    ['rept -1\nnop\nendr', '1:6 a repetition cannot happen -1 times [0 or more]'],
    ['rept 2, 3\nendr', '1:7 rept takes a count and at most one name [rept COUNT, NAME]'],
    ['endr', '1:1 `endr` without `rept`'],
  ])('%j is refused', (text, complaint) => expect(complaintsOf(text)).toEqual([complaint]))

  test('too many lines are refused wherever they come from', () => {
    expect(complaintsOf('rept 1000\nrept 1000\nnop\nnop\nendr\nendr').join()).toMatch(/more than 1,000,000 lines/)
  })
})

test('files are one unit, in order', () => {
  const { assembly, diagnostics } = assemble({
    bits: 64,
    files: [
      { name: 'a.asm', text: 'section t at 0\ncall f\nmacro two\ndb 2\nendm' },
      { name: 'b.asm', text: 'func f\ntwo\nret' },
    ],
  })
  expect(diagnostics).toEqual([])
  expect(assembly?.lines.map(({ file, line }) => `${file}:${line}`)).toEqual(['a.asm:2', 'a.asm:4', 'b.asm:3'])
})
