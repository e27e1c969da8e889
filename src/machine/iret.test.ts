/** IRET. Expected values: Intel SDM vol. 2A IRET (operation), vol. 3A 6.7.1 (NMI), 6.12.1, 6.14.3. */
import { describe, expect, test } from 'vitest'
import { assemble } from '../assembler/assemble.ts'
import { createDecode } from '../decoder/decode.ts'
import { requestNmi } from './apic.ts'
import { assembled, Lab, type LabCpu } from './lab.ts'
import {
  CS,
  DS,
  ES,
  FLAG_AC,
  FLAG_ID,
  FLAG_IF,
  FLAG_IOPL,
  FLAG_NT,
  FLAG_RF,
  FLAG_TF,
  FLAG_VIF,
  FLAG_VIP,
  FLAG_VM,
  SEGMENTS,
  SS,
  STATUS,
  STATUS_NMI_BLOCKED,
  STATUS_STI_SHADOW,
  STOP_UNSUPPORTED,
} from './layout.ts'

const decode = createDecode()
const KERNEL_64 = [0x10n, 0x18n] as const

/** IRET at `start` with the given words on its stack, lowest first. */
function lab(frame: readonly (bigint | string)[], options: { bits?: 64 | 32; code?: string; cpu?: Partial<LabCpu> } = {}): Lab {
  const { bits = 64, code = bits === 64 ? 'iretq' : 'iret', cpu } = options
  const size = /iretd?$/.test(code) ? 4 : 8
  const text = `section .text at ${bits === 64 ? 0xffffffff81000000n : 0xc1000000n} exec
start: ${code}
after: hlt
target: nop
 hlt
h: hlt
section .stack at ${bits === 64 ? 0xffffc90000010000n : 0xc2000000n} private=0
 resb 256
frame: resb 64
back: resb 256
section .other at ${bits === 64 ? 0xffffc90000020000n : 0xc3000000n} private=0
 resb 256
other:
`
  const program = assembled(assemble({ bits, files: [{ name: 'test.asm', text }] }))
  const at = program.symbols.get('frame') as bigint
  const stack = program.sections.find((section) => section.name === '.stack')
  for (const [i, value] of frame.entries()) {
    const bits64 = typeof value === 'bigint' ? value : (program.symbols.get(value) as bigint)
    const offset = Number(at - (stack?.address ?? 0n)) + i * size
    for (let byte = 0; byte < size; byte++) if (stack !== undefined) stack.bytes[offset + byte] = Number((bits64 >> BigInt(8 * byte)) & 0xffn)
  }
  return new Lab({
    bits,
    decode,
    program,
    gates: {
      1: { handler: 'h', ist: 1 },
      2: { handler: 'h', ist: 1 },
      12: { handler: 'h', ist: 1 },
      13: { handler: 'h', ist: 1 },
      14: { handler: 'h', ist: 1 },
    },
    cpus: [
      {
        entry: 'start',
        flags: 2,
        ist: { 1: 'other' },
        rsp0: 'other',
        ...cpu,
        registers: { [bits === 64 ? 'rsp' : 'esp']: 'frame', ...cpu?.registers },
      },
    ],
  })
}

/** Vector and error code of the fault that IRET raised; its frame must point at IRET. */
function fault(t: Lab): [number, bigint] {
  t.take('0s')
  const delivered = t.events.find((event) => event.kind === 'deliver')
  expect(delivered?.returnAddress).toBe(t.address('start'))
  return [delivered?.vector ?? -1, t.memory(t.reg(t.m.bits === 64 ? 'rsp' : 'esp'), t.m.bits / 8)]
}

describe('in 64-bit mode', () => {
  test('pops five words, also to the same privilege', () => {
    const t = lab(['target', KERNEL_64[0], 0x246n, 'back', KERNEL_64[1]])
    expect(t.take('0s')).toBe('retired')
    expect([t.reg('rip'), t.reg('rsp'), BigInt(t.flags())]).toEqual([t.address('target'), t.address('back'), 0x246n])
    expect([t.word(SEGMENTS + CS), t.word(SEGMENTS + SS)]).toEqual([0x10, 0x18])
    expect(t.events.find((event) => event.kind === 'iret')).toMatchObject({
      frame: t.address('frame'),
      sp: t.address('back'),
      address: t.address('target'),
      ifAfter: true,
    })
  })

  test('with operand size 32 pops dwords and zero-extends them', () => {
    const t = lab([0x1234n, KERNEL_64[0], 2n, 0x5678n, KERNEL_64[1]], { code: 'iretd' })
    t.take('0s')
    expect([t.reg('rip'), t.reg('rsp')]).toEqual([0x1234n, 0x5678n])
  })

  test('to CPL 3', () => {
    const t = lab(['target', 0x33n, 0x202n, 0x7ffff000n, 0x2bn])
    t.take('0s')
    expect([t.word(SEGMENTS + CS), t.word(SEGMENTS + SS), t.reg('rsp')]).toEqual([0x33, 0x2b, 0x7ffff000n])
    // Segments of ring 0 do not survive.
    expect([t.word(SEGMENTS + DS), t.word(SEGMENTS + ES)]).toEqual([0, 0])
  })

  test('a null SS is fine for CPL 0 (delivery from CPL 3 leaves one)', () => {
    const t = lab(['target', KERNEL_64[0], 2n, 'back', 0n])
    expect(t.take('0s')).toBe('retired')
    expect(t.word(SEGMENTS + SS)).toBe(0)
  })

  const good = ['target', 0x10n, 2n, 'back', 0x18n] as const
  test.each([
    ['a null CS', [...good.slice(0, 1), 0n, ...good.slice(2)], 13, 0n],
    ['a CS that is nothing', [...good.slice(0, 1), 0x50n, ...good.slice(2)], 13, 0x50n],
    ['a RIP that is not canonical', [0x0000_8000_0000_0000n, ...good.slice(1)], 13, 0n],
    ['a null SS for CPL 3', ['target', 0x33n, 2n, 'back', 3n], 13, 0n],
    ['a null SS with another RPL than CS', ['target', 0x10n, 2n, 'back', 3n], 13, 0n],
    ['an SS with another RPL than CS', ['target', 0x10n, 2n, 'back', 0x2bn], 13, 0x28n],
    ['an SS that is nothing', ['target', 0x10n, 2n, 'back', 0x50n], 13, 0x50n],
  ] as [string, (string | bigint)[], number, bigint][])('%s raises #GP and moves nothing', (_, frame, vector, error) => {
    const t = lab(frame)
    expect(fault(t)).toEqual([vector, error])
    expect(t.memory(t.reg('rsp') + 32n)).toBe(t.address('frame'))
  })

  test('to a more privileged level raises #GP', () => {
    const t = lab(['target', 0x10n, 2n, 'back', 0x18n], { cpu: { cs: 0x33, ss: 0x2b } })
    expect(fault(t)).toEqual([13, 0x10n])
  })

  test('with NT set raises #GP(0)', () => {
    expect(fault(lab([...good], { cpu: { flags: 2 | FLAG_NT } }))).toEqual([13, 0n])
  })

  test('a frame that is not mapped raises #PF', () => {
    const t = lab([...good], { cpu: { registers: { rsp: 0x1000n } } })
    expect(fault(t)).toEqual([14, 0n])
  })
})

describe('in 32-bit mode', () => {
  test('pops three dwords to the same privilege: ESP ends above them', () => {
    const t = lab(['target', 0x60n, 0x246n], { bits: 32 })
    t.take('0s')
    expect([t.reg('rip'), t.reg('esp'), BigInt(t.flags())]).toEqual([t.address('target'), t.address('frame') + 12n, 0x246n])
  })

  test('pops ESP and SS as well to a lower privilege', () => {
    const t = lab(['target', 0x73n, 0x202n, 0x7fff0000n, 0x7bn], { bits: 32 })
    t.take('0s')
    expect([t.reg('rip'), t.reg('esp'), t.word(SEGMENTS + CS), t.word(SEGMENTS + SS)]).toEqual([t.address('target'), 0x7fff0000n, 0x73, 0x7b])
    expect(t.word(SEGMENTS + DS)).toBe(0)
  })

  test('a null SS is never right there', () => {
    expect(fault(lab(['target', 0x73n, 2n, 0x1000n, 3n], { bits: 32 }))).toEqual([13, 0n])
  })

  test.each([
    ['a task return (NT)', { flags: 2 | FLAG_NT }, 2n],
    ['virtual-8086 mode', {}, BigInt(2 | FLAG_VM)],
  ] as [string, Partial<LabCpu>, bigint][])('%s is honestly unsupported', (_, cpu, flags) => {
    const t = lab(['target', 0x60n, flags], { bits: 32, cpu })
    expect(t.take('0s')).toBe('stopped')
    expect(t.stopped()?.reason).toBe(STOP_UNSUPPORTED)
  })
})

describe('which flags it restores', () => {
  const always = 0xdd5 | FLAG_RF | FLAG_AC | FLAG_ID
  const all = always | FLAG_IF | FLAG_NT | FLAG_IOPL | FLAG_VIF | FLAG_VIP
  const user = { cs: 0x33, ss: 0x2b }
  test.each([
    ['CPL 0: all', {}, all, 2, all | 2],
    ['CPL 0: clears as well', { flags: (all & ~FLAG_NT) | 2 }, 2, 0, 2],
    ['CPL 3, IOPL 0: neither IF nor IOPL', user, all, 0, always | FLAG_NT | 2],
    ['CPL 3, IOPL 0: IF stays 1', { ...user, flags: 2 | FLAG_IF }, 0, 0, 2 | FLAG_IF],
    ['CPL 3, IOPL 3: IF, but not IOPL', { ...user, flags: 2 | FLAG_IOPL }, all, 0, always | FLAG_NT | FLAG_IF | FLAG_IOPL | 2],
  ] as [string, Partial<LabCpu>, number, number, number][])('%s', (_, cpu, popped, __, expected) => {
    const [cs, ss] = 'cs' in cpu ? [0x33n, 0x2bn] : KERNEL_64
    const t = lab(['target', cs, BigInt(popped), 'back', ss], { cpu })
    t.take('0s')
    expect(t.flags().toString(16)).toBe(expected.toString(16))
  })

  test('a restored TF traps after the next instruction, a restored RF lasts for it', () => {
    const t = lab(['target', ...[0x10n, BigInt(2 | FLAG_TF | FLAG_RF)], 'back', 0x18n])
    expect(t.take('0s')).toBe('retired')
    expect(t.reg('rip')).toBe(t.address('target'))
    t.take('0s')
    expect(t.events.find((event) => event.kind === 'deliver')).toMatchObject({ vector: 1, returnAddress: t.address('target') + 1n })
    expect(t.memory(t.reg('rsp') + 16n)).toBe(BigInt(2 | FLAG_TF))
  })
})

describe('what comes with it', () => {
  test('it unblocks NMIs, whoever executes it; one that waits is taken next', () => {
    const t = lab(['target', 0x10n, 2n, 'back', 0x18n])
    t.m.w[t.m.c + STATUS] = STATUS_NMI_BLOCKED
    requestNmi(t.m, 0)
    expect(t.choices()).toBe('0s')
    t.take('0s')
    expect(t.choices()).toBe('0s 0n')
  })

  test('it unblocks NMIs even if it faults', () => {
    const t = lab(['target', 0x50n, 2n, 'back', 0x18n])
    t.m.w[t.m.c + STATUS] = STATUS_NMI_BLOCKED
    expect(fault(t)).toEqual([13, 0x50n])
    expect(t.status() & STATUS_NMI_BLOCKED).toBe(0)
  })

  test('IF set by it casts no shadow', () => {
    const t = lab(['target', 0x10n, 0x202n, 'back', 0x18n])
    t.take('0s')
    expect(t.status() & STATUS_STI_SHADOW).toBe(0)
  })

  test('it serialises', () => {
    const t = lab(['target', 0x10n, 2n, 'back', 0x18n])
    t.take('0s')
    expect(t.events.some((event) => event.kind === 'serialize' && event.by === 'iret')).toBe(true)
  })
})
