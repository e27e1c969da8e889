import { expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { checkParts } from './check-parts.ts'

const NOTHING = { library: () => null, recording: () => null }
const ASM = [
  'section .text at 0x401000 exec',
  'func start',
  '        nop',
  'if LOCK',
  '        lock inc dword ptr [rel counter]',
  'endif',
  '        hlt',
  'section .data at 0x402000 shared',
  'counter: dd 0',
]
const JSON_TEXT = `{
  "format": 1,
  "id": "own",
  "title": "Own",
  "params": [{ "name": "lock", "title": "lock", "values": ["on", "off"], "default": "on" }],
  "program": ["own.asm"],
  "cpus": [{ "role": "one", "entry": "start" }]
}`
const check = (json = JSON_TEXT, asm: readonly string[] = ASM, params = {}) =>
  checkParts({ json, files: [{ name: 'own.asm', text: asm.join('\n') }] }, params, createDecode(), NOTHING)
const places = (checked: ReturnType<typeof check>) =>
  checked.problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`)

test('a scenario that is right: bytes beside its lines, by the chosen parameters, and the names that it defines', () => {
  const right = check()
  expect(right.problems).toEqual([])
  expect(right.bytes.map(({ line, address, bytes }) => `${line} ${address} ${bytes}`)).toEqual([
    '3 0x401000 90',
    '5 0x401001 f0ff05f80f0000',
    '7 0x401008 f4',
    '9 0x402000 00000000',
  ])
  expect(right.names.map(({ name, value }) => `${name} ${value}`)).toEqual([
    'LOCK 0x1',
    'LOCK_ON 0x1',
    'LOCK_OFF 0x0',
    'start 0x401000',
    'counter 0x402000',
  ])
  expect(right.built).toEqual({ files: 1, cpus: 1, sites: 0, bytes: 13 })
  const off = check(JSON_TEXT, ASM, { lock: 'off', gone: 'on' })
  expect(off.bytes.map(({ line }) => line)).toEqual([3, 7, 9])
  expect(off.params).toEqual({ lock: 'off' })
})

test('a mistake of the program stands at its line and column', () => {
  const wrong = check(JSON_TEXT, ASM.with(2, '        mvo eax, 1'))
  expect(wrong.problems[0]).toMatchObject({ file: 'own.asm', line: 3, column: 9, length: 3, severity: 'error' })
  expect(wrong.bytes).toEqual([])
})

test('a mistake of the JSON stands at its place: no JSON, a key that is none, an entry that is no label', () => {
  expect(places(check(JSON_TEXT.replace('"Own",', '"Own"')))).toEqual(['scenario.json:5:3 this is no JSON: unexpected "\\""'])
  expect(places(check(JSON_TEXT.replace('"entry"', '"enter"')))[0]).toMatch(/^scenario\.json:7:\d+ cpus\.0\.ent/)
  expect(places(check(JSON_TEXT.replace('"start"', '"strat"')))[0]).toMatch(/^scenario\.json:7:29 cpus\.0\.entry: /)
  expect(places(check(JSON_TEXT.replace('own.asm', 'other.asm')))).toContain('scenario.json:6:15 program.0: there is no file "other.asm"')
})

test('a mistake that only another value shows is told with that value', () => {
  const wrong = check(JSON_TEXT, [...ASM.slice(0, 5), 'else', '        mvo eax, 1', ...ASM.slice(5)])
  expect(places(wrong)[0]).toMatch(/^own\.asm:7:9 with lock=off: .*mvo/)
  expect(wrong.problems[0]?.severity).toBe('warning')
  expect(wrong.built).not.toBeNull()
})

test('a file that the program does not name is told: it would be left out', () => {
  const files = [
    { name: 'own.asm', text: ASM.join('\n') },
    { name: 'more.asm', text: '' },
  ]
  const checked = checkParts({ json: JSON_TEXT, files }, {}, createDecode(), NOTHING)
  expect(places(checked)).toEqual([
    'more.asm:1:1 no entry of “program” in scenario.json names this file: it is left out of what runs, of links and of saved files',
  ])
  expect(checked.problems[0]?.severity).toBe('warning')
  expect(checked.built?.files).toBe(1)
})

test('a text that would fill the memory is refused, not written', () => {
  for (const line of ['resb 0x7fffffff', 'times 100000000 nop', 'rept 100000000\n nop\nendr', 'resq 0xffffffffffffffff']) {
    const { problems } = check(JSON_TEXT, [...ASM, line])
    expect(problems.length, line).toBeGreaterThan(0)
  }
})
