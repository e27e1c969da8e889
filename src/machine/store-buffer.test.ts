/** Data memory: store buffer, forwarding, tearing, locked operations. Expected values: Intel SDM vol. 3A 8.1 and 8.2, AMD APM vol. 2 7.3. */
import { describe, expect, test } from 'vitest'
import { assemble } from '../assembler/assemble.ts'
import { createDecode } from '../decoder/decode.ts'
import { requestIrq } from './apic.ts'
import { assembled, Lab, type LabSetup } from './lab.ts'
import { STOP_UNSUPPORTED } from './layout.ts'

const decode = createDecode()

const DATA = `
section .data at 0xffffffff82000000 shared
x:  dq 0
y:  dq 0
    align 64
    resb 62
across: dq 0
    align 64
    resb 6
within: dq 0
    align 64
z:  dq 0
`

function lab(programs: readonly string[], more: Partial<LabSetup> & { readonly data?: string } = {}): Lab {
  const text = `section .text at 0xffffffff81000000 exec
${programs.map((program, cpu) => `cpu${cpu}:\n${program}\n hlt`).join('\n')}
${programs.map((_, cpu) => `section .stack${cpu} at 0xffffc900000${cpu + 1}0000 private=${cpu} stack\n resb 256\nstack${cpu}:`).join('\n')}
${DATA}${more.data ?? ''}`
  const program = assembled(assemble({ bits: 64, files: [{ name: 'test.asm', text }] }))
  return new Lab({
    decode,
    program,
    cpus: programs.map((_, cpu) => ({ entry: `cpu${cpu}`, registers: { rsp: `stack${cpu}` }, flags: 2 })),
    ...more,
  })
}

const rax = (each: Lab) => `${each.reg('rax', 0)} ${each.reg('rax', 1)}`

describe('the store buffer', () => {
  test('holds stores back in order; only its own CPU sees them', () => {
    const t = lab(['mov dword ptr [rel x], 1\n mov dword ptr [rel y], 2\n mov eax, [rel x]', 'mov eax, [rel x]'])
    t.take('0s*2')
    expect(t.memory('x', 4)).toBe(0n)
    t.take('0s 1s')
    expect([t.reg('rax', 0), t.reg('rax', 1)]).toEqual([1n, 0n])
    t.take('0d')
    expect([t.memory('x', 4), t.memory('y', 4)]).toEqual([1n, 0n])
    t.take('0d')
    expect(t.memory('y', 4)).toBe(2n)
  })

  test('forwards byte by byte, youngest first', () => {
    const t = lab(['mov qword ptr [rel x], 0x11111111\n mov byte ptr [rel x + 1], 0x22\n mov word ptr [rel x + 1], 0x3344\n mov rax, [rel x]'])
    t.take('0s*4')
    expect(t.reg('rax')).toBe(0x11334411n)
    expect(t.memory('x')).toBe(0n)
  })

  test.each([
    ['mov', 'mov [rel x], rax', 8, 0x8877665544332211n],
    ['word', 'mov [rel x], ax', 2, 0x2211n],
    ['byte', 'mov [rel x], al', 1, 0x11n],
  ])('commits no more than its own bytes: %s', (_, store, size, value) => {
    const t = lab([`mov rax, 0x8877665544332211\n ${store}`])
    t.take('0s*2 0d')
    expect(t.memory('x')).toBe(value)
    expect(t.events.filter((event) => event.kind === 'visible').map((event) => event.size)).toEqual([size])
  })

  test('makes fences, locked operations and serialising instructions wait', () => {
    for (const instruction of [
      'mfence',
      'lock inc dword ptr [rel y]',
      'xchg [rel y], ebx',
      'cpuid',
      'serialize',
      'mov cr3, rbx',
      'mov cr2, rbx',
      'invlpg [rel y]',
      'iretq',
      'int3',
      'ud2',
    ]) {
      const t = lab([`mov dword ptr [rel x], 1\n ${instruction}`])
      t.take('0s')
      expect(t.choices(), instruction).toBe('0d')
      t.take('0d')
      expect(t.choices(), instruction).toBe('0s')
    }
  })

  test.each(['lfence', 'sfence', 'nop', 'mov eax, [rel y]', 'mov rax, cr3', 'sti', 'pause', 'push rax', 'call cpu0'])(
    'does not hold up %s',
    (instruction) => {
      const t = lab([`mov dword ptr [rel x], 1\n ${instruction}`])
      t.take('0s')
      expect(t.choices()).toBe('0s 0d')
    },
  )

  test('WRMSR of a segment base waits, of the interrupt command register it does not, unless SFENCE came between (SDM 3A 10.12.3)', () => {
    const base = lab(['mov dword ptr [rel x], 1\n wrmsr'], { cpus: [{ entry: 'cpu0', registers: { rcx: 0xc0000101n } }] })
    base.take('0s')
    expect(base.choices()).toBe('0d')
    const icr = lab(['mov dword ptr [rel x], 1\n wrmsr'], { cpus: [{ entry: 'cpu0', registers: { rcx: 0x830n, rax: 0x40n } }] })
    icr.take('0s')
    expect(icr.choices()).toBe('0s 0d')
    const fenced = lab(['mov dword ptr [rel x], 1\n sfence\n mov dword ptr [rel y], 1\n wrmsr'], {
      cpus: [{ entry: 'cpu0', registers: { rcx: 0x830n, rax: 0x40n } }],
    })
    fenced.take('0s*3')
    expect(fenced.choices()).toBe('0d')
    fenced.take('0d')
    expect(fenced.choices()).toBe('0s 0d')
  })

  test('is bounded: a CPU with no room left can only drain', () => {
    const t = lab(['mov dword ptr [rel x], 1\n mov dword ptr [rel y], 1\n mov dword ptr [rel z], 1'], { storeBuffer: 1 })
    t.take('0s')
    expect(t.choices()).toBe('0s 0d')
    t.take('0s')
    expect(t.choices()).toBe('0d')
  })

  test('drains while its CPU is halted', () => {
    const t = lab(['mov dword ptr [rel x], 1'])
    t.take('0s*2')
    expect(t.choices()).toBe('0d')
    t.take('0d')
    expect(t.choices()).toBe('')
  })

  test('private memory needs no buffer', () => {
    const t = lab(['push 5\n pop rax'])
    t.take('0s')
    expect(t.choices()).toBe('0s')
    expect(t.memory(t.reg('rsp'))).toBe(5n)
  })
})

describe('litmus tests, all outcomes (names: SDM 3A 8.2.3)', () => {
  const fence = (op: string) => ['xy', 'yx'].map(([own, other]) => `mov dword ptr [rel ${own}], 1\n ${op}\n mov eax, [rel ${other}]`)
  test.each([
    ['SB', fence(''), ['0 0', '0 1', '1 0', '1 1']],
    ['SB, fenced', fence('mfence'), ['0 1', '1 0', '1 1']],
    ['SB with SFENCE', fence('sfence'), ['0 0', '0 1', '1 0', '1 1']],
    ['SB with LFENCE', fence('lfence'), ['0 0', '0 1', '1 0', '1 1']],
    ['LB', ['mov eax, [rel x]\n mov dword ptr [rel y], 1', 'mov eax, [rel y]\n mov dword ptr [rel x], 1'], ['0 0', '0 1', '1 0']],
    ['SB, locked', ['mov ebx, 1\n xchg [rel x], ebx\n mov eax, [rel y]', 'mov ebx, 1\n xchg [rel y], ebx\n mov eax, [rel x]'], ['0 1', '1 0', '1 1']],
    ['SB, serialised', fence('mov cr3, rbx'), ['0 1', '1 0', '1 1']],
  ] as [string, string[], string[]][])('%s', (_, programs, outcomes) => {
    expect(lab(programs).outcomes(rax)).toEqual(outcomes)
  })

  test('MP: the flag is never seen before the data', () => {
    const t = lab(['mov dword ptr [rel x], 1\n mov dword ptr [rel y], 1', 'mov eax, [rel y]\n mov ebx, [rel x]'])
    expect(t.outcomes((each) => `${each.reg('rax', 1)} ${each.reg('rbx', 1)}`)).toEqual(['0 0', '0 1', '1 1'])
  })

  test('2+2W: each location ends with one of the two last stores, in an order that both allow', () => {
    const t = lab(['mov dword ptr [rel x], 1\n mov dword ptr [rel y], 2', 'mov dword ptr [rel y], 1\n mov dword ptr [rel x], 2'])
    expect(t.outcomes((each) => `${each.memory('x', 4)} ${each.memory('y', 4)}`)).toEqual(['1 2', '2 1', '2 2'])
  })
})

describe('an access that crosses a line (SDM 3A 8.1.1)', () => {
  const ALL = 0xffffffffffffffffn
  const half = (value: bigint) => value.toString(16).padStart(16, '0')

  test('a plain load reads its pieces at two moments, in either order', () => {
    const t = lab(['mov rax, [rel across]', 'mov rbx, -1\n xchg [rel across], rbx'])
    // CPU 1's store is whole, so what is torn is torn by the load.
    expect(t.outcomes((each) => half(each.reg('rax', 0)))).toEqual(['0000000000000000', '000000000000ffff', 'ffffffffffff0000', 'ffffffffffffffff'])
  })

  test('a plain store becomes visible in two pieces, in either order', () => {
    const t = lab(['mov qword ptr [rel across], -1', 'xor eax, eax\n lock xadd [rel across], rax'])
    expect(t.outcomes((each) => half(each.reg('rax', 1)))).toEqual(['0000000000000000', '000000000000ffff', 'ffffffffffff0000', 'ffffffffffffffff'])
  })

  test('a locked access does not tear, at any alignment', () => {
    const t = lab(['mov rax, -1\n xchg [rel across], rax', 'xor eax, eax\n lock xadd [rel across], rax'])
    expect(t.outcomes((each) => half(each.reg('rax', 1)))).toEqual(['0000000000000000', 'ffffffffffffffff'])
  })

  test('a locked access raises #AC where the processor is told to (TEST_CTRL bit 29)', () => {
    const t = lab(['lock inc dword ptr [rel within]\n lock inc qword ptr [rel across]'], { more: { splitLock: 'fault' } })
    t.run()
    expect(t.stopped()?.vector).toBe(17)
    expect(t.memory('within', 4)).toBe(1n)
  })

  test('the steps of a torn load: one that finds out, then one a piece; an interrupt has to wait', () => {
    const t = lab(['sti\n nop\n mov rax, [rel across]'], { gates: { 64: { handler: 'cpu0' } } })
    t.take('0s*2')
    t.m.w[(t.m.layout.boxes[0] as number) + 2] = 1
    expect(t.choices()).toBe('0s 0i')
    expect(t.take('0s')).toBe('paused')
    expect(t.choices()).toBe('0s 0s.1')
    expect(t.take('0s.1')).toBe('paused')
    expect(t.choices()).toBe('0s')
    expect(t.take('0s')).toBe('retired')
    expect(t.choices()).toBe('0s 0i')
    expect(t.events.filter((event) => event.kind === 'execute')).toHaveLength(3)
    expect(t.events.flatMap((event) => (event.kind === 'load' ? [[event.address - t.address('across'), event.size]] : []))).toEqual([
      [2n, 6],
      [0n, 2],
    ])
  })

  test('own stores are forwarded until they are visible, and no longer', () => {
    const t = lab(['mov qword ptr [rel across], -1\n mov rax, [rel across]', 'mov byte ptr [rel across], 7\n mfence'])
    // The lower piece is visible and overwritten by CPU 1 before CPU 0 reads: it must see that.
    t.take('0s 0d 1s 1d 1s 0s*3')
    expect(half(t.reg('rax', 0))).toBe('ffffffffffffff07')
    expect(t.memory('across')).toBe(0xff07n)
    t.take('0d.1')
    expect(t.memory('across')).toBe(ALL - 0xf8n)
  })

  test('inside a line nothing tears on Intel; on AMD what is not inside an aligned quadword does (APM 2 7.3.2)', () => {
    const programs = ['mov rax, [rel within]', 'mov rbx, -1\n xchg [rel within], rbx']
    expect(lab(programs).outcomes((each) => half(each.reg('rax', 0)))).toEqual(['0000000000000000', 'ffffffffffffffff'])
    expect(lab(programs, { more: { tearing: 'amd' } }).outcomes((each) => half(each.reg('rax', 0)))).toEqual([
      '0000000000000000',
      '000000000000ffff',
      'ffffffffffff0000',
      'ffffffffffffffff',
    ])
    const small = ['mov eax, [rel within - 4]', 'mov ebx, -1\n xchg [rel within - 4], ebx']
    expect(lab(small, { more: { tearing: 'amd' } }).outcomes((each) => half(each.reg('rax', 0)))).toEqual(['0000000000000000', '00000000ffffffff'])
  })
})

describe('an instruction that reads shared memory twice', () => {
  test('lets others in between: cmps may see the second location newer than the first', () => {
    // Above: x below y. One atomic look at both never sees x = 0 with y = 1, since x is written first.
    const programs = ['lea rsi, [rel x]\n lea rdi, [rel y]\n cmpsd\n setb al\n movzx eax, al', 'mov dword ptr [rel x], 1\n mov dword ptr [rel y], 1']
    const t = lab(programs)
    expect(t.take('0s*3')).toBe('paused')
    t.take('1s*2 1d*2')
    expect(t.take('0s')).toBe('retired')
    t.take('0s*2')
    expect(t.reg('rax', 0)).toBe(1n)
    expect(lab(programs).outcomes((each) => `${each.reg('rax', 0)}`)).toEqual(['0', '1'])
  })

  test('IRET reads a frame in shared memory word by word', () => {
    const data = 'section .shared_stack at 0xffffffff83000000 shared\nframe: dq back, 0x10, 2, stack0, 0x18\n'
    const t = lab(['lea rsp, [rel frame]\n iretq\nback: nop'], { data })
    t.take('0s')
    expect(['0s', '0s', '0s', '0s', '0s'].map((step) => t.take(step))).toEqual(['paused', 'paused', 'paused', 'paused', 'retired'])
    expect(t.reg('rip')).toBe(t.address('back'))
    expect(t.reg('rsp')).toBe(t.address('stack0'))
  })

  test('a read-modify-write without LOCK is a load and a store: increments get lost', () => {
    const t = lab(['inc dword ptr [rel x]', 'inc dword ptr [rel x]'])
    expect(t.outcomes((each) => `${each.memory('x', 4)}`)).toEqual(['1', '2'])
    expect(lab(['lock inc dword ptr [rel x]', 'lock inc dword ptr [rel x]']).outcomes((each) => `${each.memory('x', 4)}`)).toEqual(['2'])
  })
})

describe('repeated string instructions (SDM 3A 8.2.4)', () => {
  const COPY = 'lea rdi, [rel x]\n mov al, 1\n mov ecx, 2\n rep stosb'
  test('their own stores may become visible in any order', () => {
    const t = lab([COPY, 'movzx eax, byte ptr [rel x + 1]\n movzx ebx, byte ptr [rel x]'])
    expect(t.outcomes((each) => `${each.reg('rax', 1)} ${each.reg('rbx', 1)}`)).toEqual(['0 0', '0 1', '1 0', '1 1'])
  })

  test('but not before older stores, nor after younger ones, nor mixed with another string instruction', () => {
    const before = lab([`mov byte ptr [rel y], 1\n ${COPY}`, 'movzx eax, byte ptr [rel x + 1]\n movzx ebx, byte ptr [rel y]'])
    expect(before.outcomes((each) => `${each.reg('rax', 1)} ${each.reg('rbx', 1)}`)).toEqual(['0 0', '0 1', '1 1'])
    const after = lab([`${COPY}\n mov byte ptr [rel y], 1`, 'movzx eax, byte ptr [rel y]\n movzx ebx, byte ptr [rel x]'])
    expect(after.outcomes((each) => `${each.reg('rax', 1)} ${each.reg('rbx', 1)}`)).toEqual(['0 0', '0 1', '1 1'])
    const twice = lab([`${COPY}\n lea rdi, [rel y]\n mov ecx, 1\n rep stosb`, 'movzx eax, byte ptr [rel y]\n movzx ebx, byte ptr [rel x]'])
    expect(twice.outcomes((each) => `${each.reg('rax', 1)} ${each.reg('rbx', 1)}`)).toEqual(['0 0', '0 1', '1 1'])
  })
})

test('a frame on a shared stack is no string store, though it interrupts a string instruction', () => {
  const data =
    'section .shared_stack at 0xffffffff83000000 shared\n resb 128\nframe:\nsection .handlers at 0xffffffff81001000 exec\nhandler: nop\n hlt\n'
  const t = lab(['rep stosb'], {
    data,
    gates: { 64: { handler: 'handler' } },
    cpus: [{ entry: 'cpu0', flags: 0x202, registers: { rsp: 'frame', rdi: 'stack0', rcx: 5n } }],
  })
  t.setReg('rdi', t.address('stack0') - 64n)
  t.take('0s*2')
  requestIrq(t.m, 0, 0x40)
  t.take('0i')
  expect(t.choices()).toBe('0s 0d')
})

describe('an exception with stores still buffered', () => {
  const divide = 'mov dword ptr [rel x], 1\n xor edx, edx\n mov eax, 1\n div dword ptr [rel y]\n mov eax, 5'
  test('waits for them as state, so that others can miss them after the instruction has read', () => {
    const t = lab([divide, 'mov dword ptr [rel y], 1\n mfence\n mov eax, [rel x]'], {
      gates: { 0: { handler: 'handler' } },
      data: '\nsection .handlers at 0xffffffff81001000 exec\nhandler: mov eax, 9\n hlt\n',
    })
    // Store buffering: division by what y was (0) and x unseen (0) go together, though the exception drains the buffer before its handler.
    expect(t.outcomes(rax)).toEqual(['5 0', '5 1', '9 0', '9 1'])
    t.take('0s*3')
    expect(t.take('0s')).toBe('paused')
    expect(t.choices()).toBe('0d 1s')
    t.take('0d')
    expect(t.take('0s')).toBe('event')
    expect(t.reg('rip', 0)).toBe(t.address('handler'))
  })

  test('without a gate the CPU stops at once', () => {
    const t = lab([divide])
    t.take('0s*3')
    expect(t.take('0s')).toBe('stopped')
    expect(t.stopped()).toEqual({ reason: 1, vector: 0 })
  })
})

test('more than the latch holds is honestly unsupported', () => {
  const data = 'section .shared_stack at 0xffffffff83000000 shared\n resb 256\nframe: resb 128\n'
  const t = lab(['lea rbp, [rel frame + 64]\n lea rsp, [rel frame + 32]\n enter 0, 8'], { data })
  t.run()
  expect(t.stopped()?.reason).toBe(STOP_UNSUPPORTED)
})
