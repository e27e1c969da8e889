import { describe, expect, test } from 'vitest'
import { bytesToHex } from '../lib/bytes.ts'
import { assembled, BASE, bytesOf, complaintsOf } from './testing.ts'

const fill = (bytes: number) => `times ${bytes} db 0`

describe('branches take the shortest form that reaches', () => {
  test.each([
    ['jmp', 127, 'eb7f'],
    ['jmp', 128, 'e980000000'],
    ['je', 127, '747f'],
    ['je', 128, '0f8480000000'],
  ])('%s over %i bytes', (mnemonic, distance, bytes) => {
    expect(bytesOf(`${mnemonic} target\n${fill(distance)}\ntarget:`)).toMatch(new RegExp(`^${bytes}(00)+$`))
  })

  test.each([
    ['jmp', 126, 'eb80'],
    ['jmp', 127, 'e97cffffff'],
    ['jne', 126, '7580'],
    ['jne', 127, '0f857bffffff'],
  ])('%s back over %i bytes', (mnemonic, distance, bytes) => {
    expect(bytesOf(`target:\n${fill(distance)}\n${mnemonic} target`).slice(2 * distance)).toBe(bytes)
  })

  test('a branch that must grow pushes another one out of reach', () => {
    // The second jump is 127 bytes from its target only as long as the first is short.
    const { symbols } = assembled(`a: jmp far_away\n b: jmp a_end\n ${fill(124)}\n c: jmp far_away\n a_end:\n ${fill(200)}\n far_away:`)
    expect((symbols.get('b') ?? 0n) - (symbols.get('a') ?? 0n)).toBe(5n)
    expect((symbols.get('c') ?? 0n) - (symbols.get('b') ?? 0n)).toBe(129n)
  })

  test('a chain of jumps that lengthen each other settles, at the least size', () => {
    // Each jump crosses the next 60 of them; with short forms only, that is 122 bytes.
    const lines = Array.from({ length: 200 }, (_, i) => `l${i}: jmp l${Math.min(199, i + 61)}`)
    expect(assembled(lines.join('\n')).sections[0]?.bytes.length).toBe(400)
  })

  test('short and near insist', () => {
    expect(bytesOf('jmp near $')).toBe('e9fbffffff')
    expect(bytesOf('je near $')).toBe('0f84faffffff')
    expect(bytesOf('jmp short $')).toBe('ebfe')
  })

  test('a call has five bytes, however near', () => {
    expect(bytesOf('call next\nnext:')).toBe('e800000000')
    expect(bytesOf('call near next\nnext:')).toBe('e800000000')
    expect(bytesOf('call next\nnext:', { bits: 32 })).toBe('e800000000')
  })

  test('loop and jrcxz have one form', () => {
    expect(bytesOf('x: loop x\njrcxz x\njecxz x')).toBe('e2fee3fc67e3f9')
    expect(bytesOf('x: jecxz x', { bits: 32 })).toBe('e3fe')
  })

  test('a local label is known elsewhere by its full name', () => {
    expect(bytesOf('a: nop\n.out: ret\nb: jmp a.out\n.out: jmp .out')).toBe('90c3ebfdebfe')
  })

  test('targets may be numbers, and 32-bit code wraps around', () => {
    expect(bytesOf('section t at 0xffffffff81000000\ncall 0xffffffff81000105')).toBe('e800010000')
    expect(bytesOf('section t at 0xc1000000\njmp 0x41000000', { bits: 32 })).toBe('e9fbffff7f')
  })
})

describe('sizes that depend on symbols', () => {
  test('an immediate grows when its label turns out to be far', () => {
    expect(bytesOf(`section t at 0\nadd eax, end\n${fill(200)}\nend:`).slice(0, 10)).toBe('05cd000000')
    expect(bytesOf('section t at 0\nadd eax, end\nend:')).toBe('83c003')
  })

  test('a displacement grows too', () => {
    expect(bytesOf(`mov eax, [rbx+end-start]\nstart: ${fill(200)}\nend:`).slice(0, 12)).toBe('8b83c8000000')
    expect(bytesOf('mov eax, [rbx+end-start]\nstart: nop\nend:')).toBe('8b430190')
  })

  test('forward references work in data, counts, addresses and constants', () => {
    const text = `size equ end - start
      dd size, later
      times size db 7
      start: nop
      nop
      end:
      later equ other + 1
      other equ 40`
    expect(bytesOf(text)).toBe('020000002900000007079090')
  })

  test('times can fill up to a size', () => {
    expect(bytesOf('start: nop\ntimes 8-($-start) int3\nend:')).toBe('90cccccccccccccc')
  })

  test('a size that depends on itself is refused, not searched for ever', () => {
    expect(complaintsOf('start: times 10-(end-start) db 0\nend:').join()).toMatch(/does not settle/)
  })
})

describe('sections', () => {
  test('without an address they follow each other, aligned', () => {
    const { sections } = assembled('section a at 0x2000\nnop\nsection b\nnop\nsection c align=64\nnop')
    expect(sections.map(({ name, address, bytes }) => [name, address, bytes.length])).toEqual([
      ['a', 0x2000n, 1],
      ['b', 0x2010n, 1],
      ['c', 0x2040n, 1],
    ])
  })

  test('text before any section line has a place too', () => {
    expect(assembled('nop').sections).toMatchObject([{ name: 'text', address: 0x1000n, attributes: {} }])
  })

  test('attributes are carried as written', () => {
    const { sections } = assembled(
      'N equ 4\nsection hot at 0x1000 align=8 read write private=1 alias=text "name"=x size=(N*16) note="a b"'.replace(' "name"=x', ''),
    )
    expect(sections[0]?.attributes).toEqual({ read: true, write: true, private: '1', alias: 'text', size: '0x40', note: 'a b' })
  })

  test('a section goes on when it is opened again', () => {
    const { sections } = assembled('section a at 0x1000\nx: nop\nsection b at 0x2000\ndq x\nsection a\ny: int3\nsection b\ndq y')
    expect(sections.map(({ bytes }) => bytesToHex(bytes))).toEqual(['90cc', '00100000000000000110000000000000'])
  })

  test('an address can be computed, also from labels', () => {
    const { sections } = assembled('section a at 0x1000\nnop\nend_a:\nsection b at (end_a + 0xfff) & ~0xfff\nnop')
    expect(sections[1]?.address).toBe(0x2000n)
  })

  test('addresses in the upper half do not overflow', () => {
    const { symbols } = assembled('section t at 0xffffffff81000000\nnop\nx: dq x')
    expect(symbols.get('x')).toBe(BASE + 1n)
    expect(bytesOf('section t at 0xffffffffffffffff\nx: db 1')).toBe('01')
  })

  test.each([
    ['section a at 0x1000\ndq 0\nsection b at 0x1004\ndq 0', '3:1 section `b` (0x1004…0x100b) overlaps section `a` (0x1000…0x1007)'],
    ['section a\nsection a exec', '2:1 section `a` was opened at test.asm:1; to continue it, give no address and no attributes [section a]'],
    ['section a at 0x1001 align=8', '1:14 section `a` at 0x1001 is not aligned to 8 [a multiple of 8]'],
    ['section', '1:1 a section has a name [section NAME [at EXPR] [align=N] [key=value | flag …]]'],
    ['section a align=3', '1:11 3 is no alignment [align=N with a power of two]'],
    ['section a x=', '1:13 a value is missing after `=` [a word, a number, a string or (EXPR)]'],
    ['section a x x', '1:13 `x` is given twice'],
    ['section a at nowhere', '1:14 `nowhere` is not defined [a label, an equ constant or a parameter]'],
    ['resb 100000000', '1:1 section `text` grows too large [16 MiB in all, 1,000,000 turns of times]'],
    ['times 2000000 nop', '1:1 section `text` grows too large [16 MiB in all, 1,000,000 turns of times]'],
  ])('%j is refused', (text, complaint) => expect(complaintsOf(text)).toEqual([complaint]))
})

describe('padding', () => {
  test('in code with as few NOPs as possible', () => {
    expect(bytesOf('section t at 0x1000 exec\nret\nalign 16\nret')).toBe('c3660f1f840000000000660f1f440000c3')
    expect(bytesOf('section t at 0x1000\nret\nalign 4')).toBe('c30f1f00')
  })

  test('in data with zeros, or with what is asked for', () => {
    expect(bytesOf('section d at 0x1000 read write\ndb 1\nalign 4\ndb 2')).toBe('0100000002')
    expect(bytesOf('section t at 0x1000 exec\nret\nalign 4, 0xcc')).toBe('c3cccccc')
  })

  test('address moves forward', () => {
    const { symbols, sections } = assembled('section t at 0x1000 exec\nret\naddress 0x1000+62\nsite: call site')
    expect(symbols.get('site')).toBe(0x103en)
    expect(sections[0]?.bytes.length).toBe(67)
    expect(complaintsOf('section t at 0x1000\nnop\naddress 0x1000')).toEqual([
      '3:9 the address 0x1000 lies behind: the section is already at 0x1001 [an address further on]',
    ])
  })
})

test('repetitions may depend on where they are', () => {
  expect(bytesOf('section d at 0\ntimes 3 db $, $$')).toBe('000002000400')
  expect(bytesOf('section d at 0\ntimes 5 db 1, 2, 3')).toBe('010203'.repeat(5))
  expect(bytesOf('section d at 0\nx: times 3 jmp x\ntimes 3 db ""')).toBe('ebfeebfcebfa')
  expect(complaintsOf('times 3 mov al, 300')).toEqual(['1:17 300 does not fit in 8 bits [a value from -128 to 255]'])
  expect(complaintsOf('times 2000000 db 7')).toEqual([])
})

test('data of every width, strings and space', () => {
  const text = `db 1, -1, 'A', "hi", 0xff
    dw 0x1234, -2
    dd 0xffffffff81000000, 'abcd'
    dq -1, $
    resb 2
    resw 1
    times 3 db 0xaa, 0xbb
    db "é"`
  expect(bytesOf(`section d at 0x10\n${text}`)).toBe('01ff416869ff3412feff0000008161626364ffffffffffffffff220000000000000000000000aabbaabbaabbc3a9')
})

test.each([
  ['db 256', '1:4 256 does not fit in 8 bits [a value from -128 to 255]'],
  ['db -129', '1:4 -129 does not fit in 8 bits [a value from -128 to 255]'],
  ['dd 0x100000000', '1:4 0x100000000 does not fit in 32 bits [a value from -2147483648 to 4294967295]'],
  ['db 1/0', '1:4 division by zero'],
  ['times -1 nop', '1:7 the count is -1 [0 or more]'],
  ['db', '1:3 an expression is missing at the end of the line [a number, a symbol, $ or a parenthesis]'],
  ['db 1,', '1:6 an expression is missing at the end of the line [a number, a symbol, $ or a parenthesis]'],
])('%j is refused', (text, complaint) => expect(complaintsOf(text)).toEqual([complaint]))
