/**
 * Machine code that a compiler made → text → machine code again. The corpus is ours (`fixtures/corpus.c`). During development the same
 * comparison ran over the 336,000 distinct instructions of two large programs, with no wrong encoding.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { bytesToHex, hexToBytes } from '../lib/bytes.ts'
import { Random } from '../lib/random.ts'
import { highHalf, lowHalf } from '../lib/u64.ts'
import { assemble } from './assemble.ts'

interface Code {
  readonly bits: 32 | 64
  readonly address: string
  readonly hex: string
}

interface Sample {
  readonly bits: 32 | 64
  readonly address: bigint
  readonly hex: string
  readonly text: string
}

const decode = createDecode()
const disassemble = createDisassemble()

const corpus = JSON.parse(readFileSync(new URL('fixtures/corpus.json', import.meta.url), 'utf8')) as Code[]

function instructionsOf({ bits, address, hex }: Code): Sample[] {
  const bytes = hexToBytes(hex) as Uint8Array
  const samples: Sample[] = []
  for (let at = 0; at < bytes.length; ) {
    const here = BigInt(address) + BigInt(at)
    const { length, invalid } = decode(bytes.subarray(at), lowHalf(here), highHalf(here), bits)
    expect(invalid).toBeNull()
    const own = bytes.subarray(at, at + length)
    samples.push({ bits, address: here, hex: bytesToHex(own), text: disassemble(own, lowHalf(here), highHalf(here), bits) })
    at += length
  }
  return samples
}

function encode({ bits, address, text }: Sample): string {
  const { assembly, diagnostics } = assemble({ bits, files: [{ name: 'one', text: `section one at ${address}\n${text}` }] })
  return assembly === null ? `${text}: ${diagnostics[0]?.message}` : bytesToHex(assembly.sections[0]?.bytes ?? [])
}

/** The compiler pads with NOPs that are longer than they need be; their text does not say so. */
const isPadding = ({ text }: Sample) => text.startsWith('nop') || text.startsWith('lea esi, [esi')

test.each(corpus)('every instruction of the $bits-bit corpus comes back, byte for byte', (code) => {
  const samples = instructionsOf(code).filter((sample) => !isPadding(sample))
  expect(samples.length).toBeGreaterThan(250)
  for (const sample of samples) expect(encode(sample), sample.text).toBe(sample.hex)
})

test.each(corpus)('the whole $bits-bit program comes back when it is assembled as one', (code) => {
  const samples = instructionsOf(code)
  const lines = samples.map((sample) => (isPadding(sample) ? `db ${[...(hexToBytes(sample.hex) as Uint8Array)].join(', ')}` : sample.text))
  const { assembly, diagnostics } = assemble({
    bits: code.bits,
    files: [{ name: 'all', text: [`section all at ${code.address}`, ...lines].join('\n') }],
  })
  expect(diagnostics).toEqual([])
  expect(bytesToHex(assembly?.sections[0]?.bytes ?? [])).toBe(code.hex)
})

const SEED = 87

test(`random bytes that decode to supported instructions come back as something that reads the same (seed ${SEED})`, () => {
  const random = new Random(SEED)
  let compared = 0
  for (let i = 0; i < 20_000; i++) {
    const bits = random.pick([32, 64] as const)
    const bytes = Uint8Array.from({ length: 15 }, () => random.below(256))
    const address = bits === 64 ? 0xffff_ffff_8100_0000n : 0xc100_0000n
    const halves = [lowHalf(address), highHalf(address)] as const
    const decoded = decode(bytes, ...halves, bits)
    if (decoded.invalid !== null || decoded.operands.some((operand) => operand.kind === 'other') || isOdd(bytes, decoded.length, decoded.mnemonic))
      continue
    const own = bytes.subarray(0, decoded.length)
    const text = disassemble(own, ...halves, bits)
    const back = hexToBytes(encode({ bits, address, hex: '', text }))
    expect(back === null ? encode({ bits, address, hex: '', text }) : disassemble(back, ...halves, bits), `${bytesToHex(own)}, ${bits} bits`).toBe(
      text,
    )
    compared++
  }
  expect(compared).toBeGreaterThan(2000)
})

/** What the assembler leaves out, prefixes whose only effect is on the text, and xchg, whose operands have no order. */
function isOdd(bytes: Uint8Array, length: number, mnemonic: string): boolean {
  if (/^(f|v|e?mms|xlat|reservednop|ud[01]|j.*cxz|loop|xbegin|enter|ret|call|jmp|push|pop|xchg)/.test(mnemonic)) return true
  const prefixes = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf2, 0xf3])
  return bytes.subarray(0, Math.min(length, 3)).some((byte) => prefixes.has(byte)) || bytes[0] === 0x82
}
