/**
 * C functions as gcc compiles them, and what a real processor made of them (native/fixtures: source, command, bytes, inputs, results). The
 * machine must end with the same registers and the same memory.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import { bytesToHex, hexToBytes } from '../../lib/bytes.ts'
import { hex } from '../../lib/u64.ts'
import { FLAGS, STOP, STOP_EXCEPTION } from '../layout.ts'
import { VECTOR_BP } from '../machine.ts'
import { stepSelected } from '../step.ts'
import { createOneCpu, registerOf, ripOf, setRegister, setRip } from './one-cpu.ts'
import { RAX, RCX, RDI, RDX, RSI, RSP } from './operands.ts'

interface Fixture {
  readonly name: string
  readonly bits: 32 | 64
  readonly load: string
  readonly entry: number
  readonly data: string
  readonly stack: string
  readonly code: string
  readonly runs: readonly {
    readonly arguments: readonly number[]
    readonly memory: readonly (readonly [number, string])[]
    readonly after: { readonly registers: readonly string[]; readonly changes: readonly (readonly [number, string])[] }
  }[]
}

const FOLDER = join(import.meta.dirname, '../../../native/fixtures')
const FIXTURES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file): Fixture => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')))

const PAGE = 4096
const INT3 = 0xcc
const ARGUMENTS = { 64: [RDI, RSI, RDX], 32: [RAX, RDX, RCX] } as const

function bytes(text: string): Uint8Array {
  return hexToBytes(text) as Uint8Array
}

test('there are fixtures in both modes', () => {
  expect(new Set(FIXTURES.map(({ bits }) => bits))).toEqual(new Set([32, 64]))
})

const ALL = FIXTURES.flatMap((fixture) => fixture.runs.map((run, i) => ({ title: `${fixture.name}, ${fixture.bits} bits, run ${i}`, fixture, run })))

test.each(ALL)('$title ends as on the real processor', ({ fixture, run }) => {
  const { bits } = fixture
  const [load, start, stack] = [fixture.load, fixture.data, fixture.stack].map(Number) as [number, number, number]
  const code = new Uint8Array(PAGE).fill(INT3)
  code.set(bytes(fixture.code))
  const data = new Uint8Array(2 * PAGE)
  for (const [offset, text] of run.memory) data.set(bytes(text), offset)
  // The return address: the int3 that ends the code page.
  new DataView(data.buffer).setUint32(stack - start, load + PAGE - 1, true)
  const m = createOneCpu({
    bits,
    decode: createDecode(),
    code: { start: load, bytes: code },
    data: [{ name: 'data', start, bytes: data, write: true }],
  })
  setRip(m, load + fixture.entry)
  m.w[m.c + FLAGS] = 0x202
  ARGUMENTS[bits].forEach((register, i) => {
    setRegister(m, register, BigInt(run.arguments[i] as number))
  })
  setRegister(m, RSP, BigInt(stack))
  for (let steps = 0; m.w[m.c + STOP] === 0 && steps < 1_000_000; steps++) stepSelected(m, 0)

  expect(m.w[m.c + STOP]).toBe(STOP_EXCEPTION | (VECTOR_BP << 8))
  expect(ripOf(m)).toBe(BigInt(load + PAGE))
  expect(run.after.registers.map((_, i) => hex(registerOf(m, i)))).toEqual(run.after.registers)
  for (const [offset, text] of run.after.changes) data.set(bytes(text), offset)
  const own = (m.c + m.layout.ownMemory) * 4 + PAGE
  expect(bytesToHex(m.u8.subarray(own, own + data.length))).toBe(bytesToHex(data))
})
