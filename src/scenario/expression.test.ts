import { describe, expect, test } from 'vitest'
import { evaluate, parseExpression, type Scope } from './expression.ts'

const scope: Scope = {
  register: (name) => ({ rax: 5n, eax: 5n, r12d: 0xffff_ffffn })[name] ?? null,
  symbol: (name) => ({ OLD0: 1n, table: 0x1000n, sync1: 'off', sync2: 'on', callers: '2', batch: 'call-nop' })[name] ?? null,
  memory: (address, size) => (address >= 0x1000n && address + BigInt(size) <= 0x1010n ? address * 0x100n + BigInt(size) : null),
}

function value(text: string): bigint | string {
  const parsed = parseExpression(text)
  const result = parsed.ok ? evaluate(parsed.value, scope) : parsed
  return result.ok ? result.value : result.error
}

describe('an expression', () => {
  test.each<[string, bigint]>([
    ['1 + 2 * 3', 7n],
    ['(1 + 2) * 3', 9n],
    ['0xff - 1', 254n],
    ['1_000', 1000n],
    ['-1', 0xffff_ffff_ffff_ffffn],
    ['0 - 1 == -1', 1n],
    ['~0 >> 60', 15n],
    ['1 << 64', 0n],
    ['1 | 2 ^ 3 & 1', 3n],
    ['7 / 2 + 7 % 2', 4n],
    ['-1 > 1', 1n],
    ['!0 && !!2', 1n],
    ['0 && nonsense', 0n],
    ['1 || nonsense', 1n],
    ['rax == 5 && OLD0 == 1', 1n],
    ['r12d + 1', 0x1_0000_0000n],
    ['u32[table + 4]', 0x100404n],
    ['u8[u16[table] - 0xff002]', 0x10_0001n],
    ['batch == call-nop', 1n],
    ['batch != model', 1n],
    ['callers == 2', 1n],
    ['callers > 1', 1n],
    ['sync1 == off', 1n],
    ['sync1 == 0', 1n],
    ['sync2', 1n],
    ['sync2 == 1', 1n],
    ['rax -4', 1n],
    ['rax - 4', 1n],
  ])('%s is %s', (text, expected) => {
    expect(value(text)).toBe(expected)
  })

  test.each([
    ['', /ends where a value is expected/],
    ['1 +', /ends where a value is expected/],
    ['1 2', /unexpected "2" at character 3/],
    ['(1', /"\)" expected at the end/],
    ['u8[1', /"\]" expected at the end/],
    ['1 $ 2', /unexpected "\$" at character 3/],
    ['12ab', /"12ab" at character 1 is no number/],
    ['0x', /"0x" at character 1 is no number/],
    ['0x1_0000_0000_0000_0000', /no number of at most 64 bits/],
    ['nonsense', /"nonsense" is no register, symbol or parameter$/],
    ['rax-rbx', /"rax-rbx" is no register, symbol or parameter \(a minus needs a space after it\)/],
    ['1 / 0', /division by zero/],
    ['u64[0x100c]', /nothing can be read at 0x100c/],
    ['('.repeat(300), /nested too deeply/],
    ['-'.repeat(300), /nested too deeply/],
    ['1+'.repeat(3000), /at most 4000/],
  ])('%j is a mistake that is told', (text, message) => {
    expect(value(text)).toMatch(message)
  })

  test('a long chain is evaluated', () => {
    expect(value(Array.from({ length: 1500 }, () => '1').join('+'))).toBe(1500n)
  })

  test('says which names it uses, and whether it reads memory', () => {
    const parsed = parseExpression('rax == OLD0 || u8[table] == 0xcc || site == across')
    expect(parsed.ok && [[...parsed.value.names], parsed.value.readsMemory]).toEqual([['rax', 'OLD0', 'table', 'site', 'across'], true])
    const other = parseExpression('u8 + 1')
    expect(other.ok && [[...other.value.names], other.value.readsMemory]).toEqual([['u8'], false])
  })
})
