import { describe, expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { at, createExec, STACK } from './exec-fixture.ts'

const exec = createExec(createDecode())

describe('results', () => {
  test('a vector without a gate stops the run; after an int3 rip is behind it, and it has retired', () => {
    expect(exec('90 90 cc')).toMatchObject({ stop: 'exception', vector: 3, steps: 3, regs: { rip: '0x10003' } })
    expect(exec('cc')).not.toHaveProperty('error')
  })

  test('a fault reports its own address and its error code, and has not retired', () => {
    expect(exec('90 0f0b')).toMatchObject({ stop: 'exception', vector: 6, steps: 1, regs: { rip: '0x10001' } })
    // mov al, [0]
    expect(exec('8a042500000000')).toMatchObject({ vector: 14, error: 0, cr2: '0x0', steps: 0 })
    // mov [rax], al at CPL 3
    expect(exec('8800', { cpl: 3, regs: { rax: '0x5000' } })).toMatchObject({ vector: 14, error: 6, cr2: '0x5000' })
    // mov al, [rax], not canonical
    expect(exec('8a00', { regs: { rax: '0x8000000000000000' } })).toMatchObject({ vector: 13, error: 0 })
  })

  test('a fetch fault sets bit 4 of the error code', () => {
    // jmp rax
    expect(exec('ffe0', { regs: { rax: '0x5000' } })).toMatchObject({ vector: 14, error: 16, cr2: '0x5000', steps: 1, regs: { rip: '0x5000' } })
    expect(exec('ffe0', { cpl: 3, regs: { rax: '0x5000' } })).toMatchObject({ error: 20 })
  })

  test('an instruction that straddles into an unmapped page reports the second page', () => {
    expect(exec('48b8', { rip: '0x10ffe', mem: [] })).toMatchObject({ vector: 14, error: 16, cr2: '0x11000', regs: { rip: '0x10ffe' } })
  })

  test('what is outside the supported set is named', () => {
    expect(exec('90 0f28c1')).toMatchObject({ stop: 'unsupported', detail: expect.stringContaining('movaps'), steps: 1, regs: { rip: '0x10001' } })
  })

  test('maxSteps counts retired instructions; the default is 1000', () => {
    expect(exec('ebfe')).toMatchObject({ stop: 'steps', steps: 1000 })
    expect(exec('ebfe', { maxSteps: 7 })).toMatchObject({ stop: 'steps', steps: 7 })
    expect(exec('cc', { maxSteps: 0 })).toMatchObject({ stop: 'steps', steps: 0, regs: { rip: '0x10000' } })
    expect(exec('90 0f0b', { maxSteps: 1 })).toMatchObject({ stop: 'steps', steps: 1 })
  })

  test('a repeated string instruction counts once, however often it repeats', () => {
    // rep stosb; int3
    const result = exec('f3aa cc', { regs: { rdi: STACK, rcx: 100, rax: 0xab } })
    expect(result).toMatchObject({ stop: 'exception', vector: 3, steps: 2, regs: { rcx: '0x0', rflags: '0x2' } })
    expect((result.mem[0] as { hex: string }).hex.startsWith(`${'ab'.repeat(100)}00`)).toBe(true)
    expect(exec('f3aa cc', { regs: { rdi: STACK, rcx: 100 }, maxSteps: 1 })).toMatchObject({
      stop: 'steps',
      steps: 1,
      regs: { rip: '0x10002', rcx: '0x0' },
    })
  })

  test('a repeated string instruction that faults half-way has done the first half, and has not retired', () => {
    expect(exec('f3aa', { regs: { rdi: STACK + 4090, rcx: 100 } })).toMatchObject({
      vector: 14,
      error: 2,
      cr2: '0x21000',
      steps: 0,
      regs: { rcx: '0x5e', rdi: '0x21000', rip: '0x10000', rflags: '0x10002' },
    })
  })

  test('memory comes back as it is after the run: the ranges in their order, then the code', () => {
    // mov byte [rip-7], 0xcc: rewrites its own first byte
    const result = exec('c605f9ffffffcc', { mem: [at(0x5008, '0102')], maxSteps: 1 })
    expect(result.mem.slice(1)).toEqual([
      { addr: '0x5008', hex: '0102' },
      { addr: '0x10000', hex: 'cc05f9ffffffcc' },
    ])
  })

  test('32-bit cases have 32-bit names', () => {
    const { regs } = exec('40 cc', { bits: 32, regs: { eax: -2 } })
    expect(regs).toEqual({
      eax: '0xffffffff',
      ecx: '0x0',
      edx: '0x0',
      ebx: '0x0',
      esp: '0x20800',
      ebp: '0x0',
      esi: '0x0',
      edi: '0x0',
      eip: '0x10002',
      eflags: '0x86',
    })
  })

  test('numbers may be numbers, decimal or hexadecimal text; flags have bit 1 always', () => {
    expect(exec('cc', { regs: { rax: 17, rbx: '17', rcx: '0x11', rdx: -1, rflags: '0x0' } }).regs).toMatchObject({
      rax: '0x11',
      rbx: '0x11',
      rcx: '0x11',
      rdx: '0xffffffffffffffff',
      rflags: '0x2',
    })
  })
})

describe('memory', () => {
  test('every page that a range touches is mapped, zero outside the given bytes; the next one is not', () => {
    // mov rax, [rbx]; mov rax, [rcx]
    expect(exec('488b03 488b01', { regs: { rbx: '0x5ff8', rcx: '0x6000', rax: 9 }, mem: [at(0x5800, 'ff')] })).toMatchObject({
      vector: 14,
      cr2: '0x6000',
      steps: 1,
      regs: { rax: '0x0' },
    })
  })

  test('data is executable and code is writable', () => {
    // call rax -> inc rbx; ret
    expect(exec('ffd0 cc', { regs: { rax: 0x5000 }, mem: [at(0x5000, '48ffc3 c3')] })).toMatchObject({ vector: 3, steps: 4, regs: { rbx: '0x1' } })
  })

  test('code that rewrites the instruction behind it runs what it wrote', () => {
    // mov byte [rip], X; then 0f 0b = ud2, but 90 0b c0 = nop; or eax, eax; int3
    expect(exec('c605000000000f 0f0bc0 cc')).toMatchObject({ vector: 6, steps: 1 })
    expect(exec('c6050000000090 0f0bc0 cc')).toMatchObject({ vector: 3, steps: 4 })
  })

  test('ranges that touch are one: an access across their border works, also across 4 GiB', () => {
    expect(
      exec('488b03 cc', { regs: { rbx: '0xfffffffc' }, mem: [at(0xffff_fff0, `${'00'.repeat(12)}11223344`), at(0x1_0000_0000, '55667788')] }),
    ).toMatchObject({
      vector: 3,
      regs: { rax: '0x8877665544332211' },
    })
    expect(exec('488b03 cc', { regs: { rbx: '0x5ffc' }, mem: [at(0x6000, '55667788'), at(0x5ffc, '11223344')] }).regs.rax).toBe('0x8877665544332211')
  })

  test('one range may cross 4 GiB, and code may run across it', () => {
    const result = exec(`${'90'.repeat(20)}cc`, { rip: '0xfffffff0' })
    expect(result).toMatchObject({ vector: 3, steps: 21, regs: { rip: '0x100000005' } })
    expect(result.mem[1]).toEqual({ addr: '0xfffffff0', hex: `${'90'.repeat(20)}cc` })
  })

  test('kernel addresses work, in both modes', () => {
    expect(
      exec('488b03 cc', { rip: '0xffffffff81000000', regs: { rbx: '0xffffffffffffff00' }, mem: [{ addr: '0xffffffffffffff00', hex: '2a' }] }),
    ).toMatchObject({
      vector: 3,
      regs: { rax: '0x2a', rip: '0xffffffff81000004' },
    })
    expect(
      exec('8b03 cc', { bits: 32, rip: '0xc1000000', regs: { ebx: '0xfffffffc' }, mem: [{ addr: '0xfffffffc', hex: '2a000000' }] }),
    ).toMatchObject({
      vector: 3,
      regs: { eax: '0x2a', eip: '0xc1000003' },
    })
  })

  test('a case sees nothing of the case before it', () => {
    const write = exec('c6000f cc', { regs: { rax: STACK } })
    expect((write.mem[0] as { hex: string }).hex.startsWith('0f')).toBe(true)
    expect((exec('90 cc').mem[0] as { hex: string }).hex).toBe('00'.repeat(4096))
  })
})
