/** Which bytes lie where: storage kinds, hot ranges, aliases, accesses across regions. */
import { describe, expect, test } from 'vitest'
import { assemble } from '../assembler/assemble.ts'
import { createDecode } from '../decoder/decode.ts'
import { assembled, Lab, type LabSetup } from './lab.ts'
import { STOP_COLD_TEXT, STOP_DEAD_STACK, STOP_PRIVATE } from './layout.ts'
import { createMemoryMap, HOT, PRIVATE, type RegionSpec, ROM, SHARED } from './memory-map.ts'

const decode = createDecode()

function region(name: string, start: bigint, length: number, more: Partial<RegionSpec> = {}): RegionSpec {
  const bytes = Uint8Array.from({ length }, (_, i) => i + 1)
  return { name, start, bytes, read: true, write: more.storage !== 'rom', exec: false, storage: 'shared', ...more }
}

describe('the map', () => {
  test('cuts text at its hot ranges, which come first in shared memory', () => {
    const map = createMemoryMap(
      1,
      [region('data', 0x1000n, 8), region('text', 0x2000n, 16, { storage: 'rom', exec: true, hot: [{ offset: 4, length: 3 }] })],
      [],
    )
    expect(map.pieces.map(({ region: name, lo, size, kind, offset }) => [name, lo, size, kind, offset])).toEqual([
      ['data', 0x1000, 8, SHARED, 8],
      ['text', 0x2000, 4, ROM, 0],
      ['text', 0x2004, 3, HOT, 0],
      ['text', 0x2007, 9, ROM, 4],
    ])
    expect([map.hotBytes, map.sharedBytes, [...map.shared.slice(0, 3)]]).toEqual([3, 16, [5, 6, 7]])
  })

  test('joins hot ranges that touch or overlap, in any order', () => {
    const hot = [
      { offset: 8, length: 2 },
      { offset: 0, length: 3 },
      { offset: 3, length: 2 },
      { offset: 4, length: 2 },
    ]
    const map = createMemoryMap(1, [region('text', 0x2000n, 16, { storage: 'rom', hot })], [])
    expect(map.hot.map(({ lo, length, first }) => [lo, length, first])).toEqual([
      [0x2000, 6, 0],
      [0x2008, 2, 6],
    ])
  })

  test('takes shared memory that is executable for hot as a whole', () => {
    const map = createMemoryMap(1, [region('stubs', 0x3000n, 4, { exec: true })], [])
    expect(map.pieces.map(({ kind, write, exec }) => [kind, write, exec])).toEqual([[HOT, true, true]])
    expect(map.hotBytes).toBe(4)
  })

  test('keeps each CPU’s private bytes apart', () => {
    const map = createMemoryMap(
      2,
      [0, 1].map((owner) => region(`stack${owner}`, BigInt(0x1000 * (owner + 1)), 5, { storage: 'private', owner })),
      [],
    )
    expect(map.pieces.map(({ kind, owner, offset }) => [kind, owner, offset])).toEqual([
      [PRIVATE, 0, 0],
      [PRIVATE, 1, 0],
    ])
    expect(map.ownBytes).toEqual([5, 5])
  })

  test('knows for each shared byte its place in the line and who maps it', () => {
    const alias = { name: 'alias', start: 0x9038n, of: 'data', offset: 0, length: 16, read: true, write: true, exec: false }
    const map = createMemoryMap(1, [region('data', 0x1038n, 16)], [alias])
    expect([...map.lineOf]).toEqual([56, 57, 58, 59, 60, 61, 62, 63, 0, 1, 2, 3, 4, 5, 6, 7])
    expect(new Set(map.pieceOf)).toEqual(new Set([0]))
  })

  test.each([
    [
      'an alias that starts at another place of its line',
      () =>
        createMemoryMap(
          1,
          [region('data', 0x1000n, 8)],
          [{ name: 'a', start: 0x2001n, of: 'data', offset: 0, length: 8, read: true, write: true, exec: false }],
        ),
    ],
    ['a region that crosses 4 GiB', () => createMemoryMap(1, [region('data', 0xfffffffcn, 8)], [])],
    ['hot bytes in data', () => createMemoryMap(1, [region('data', 0x1000n, 8, { hot: [{ offset: 0, length: 1 }] })], [])],
  ])('refuses %s', (_, make) => {
    expect(make).toThrow('internal error')
  })
})

function lab(programs: readonly string[], more: Partial<LabSetup> & { readonly sections?: string } = {}): Lab {
  const text = `section .text at 0xffffffff81000000 exec
${programs.map((program, cpu) => `cpu${cpu}:\n${program}\n hlt`).join('\n')}
site: nop
 nop
 nop
 nop
 hlt
${programs.map((_, cpu) => `section .stack${cpu} at 0xffffc900000${cpu + 1}0000 private=${cpu} stack\n resb 256\nstack${cpu}:\n resb 64\n`).join('')}
${more.sections ?? ''}`
  const program = assembled(assemble({ bits: 64, files: [{ name: 'test.asm', text }] }))
  return new Lab({ decode, program, cpus: programs.map((_, cpu) => ({ entry: `cpu${cpu}`, registers: { rsp: `stack${cpu}` }, flags: 2 })), ...more })
}

describe('accesses', () => {
  const neighbours =
    'section .a at 0xffffffff82000000 shared\n db 1, 2, 3, 4\nsection .b at 0xffffffff82000004\nb: db 5, 6, 7, 8\nsection .c at 0xffffffff82000008 private=0\n db 9, 10, 11, 12\n'

  test('a load may span regions of different kinds', () => {
    const t = lab(['mov rbx, 0xffffffff82000002\n mov rax, [rbx]'], { sections: neighbours })
    t.run()
    expect(t.reg('rax')).toBe(0x0a09080706050403n)
  })

  test('a store may span regions; each part goes where it belongs', () => {
    const sections = 'section .a at 0xffffffff82000000 shared\na: db 1, 2, 3, 4\nsection .c at 0xffffffff82000004 private=0\nc: db 9, 10, 11, 12\n'
    const t = lab(['mov rbx, 0xffffffff82000002\n mov rax, 0x8877665544332211\n mov [rbx], eax'], { sections })
    t.take('0s*3')
    expect([t.memory('a', 4), t.memory('c', 4)]).toEqual([0x04030201n, 0x0c0b4433n])
    t.take('0d')
    expect(t.memory('a', 4)).toBe(0x22110201n)
  })

  test('both mappings of an alias show one memory, through one store buffer', () => {
    const t = lab(['mov rbx, 0x7000\n lea rcx, [rel site]\n and ecx, 0xfff\n mov byte ptr [rbx + rcx], 0xcc\n movzx eax, byte ptr [rel site]'], {
      hot: [['site', 4]],
      aliases: [{ of: '.text', at: 0x7000n }],
    })
    t.take('0s*5')
    expect(t.reg('rax')).toBe(0xccn)
    expect(t.memory('site', 1)).toBe(0x90n)
    t.take('0d')
    expect([t.memory('site', 1), t.memory(0x7000n + (t.address('site') & 0xfffn), 1)]).toEqual([0xccn, 0xccn])
  })

  test('text that is not hot must not be written, through whatever mapping', () => {
    const t = lab(['mov rbx, 0x7000\n mov byte ptr [rbx], 0xcc'], { aliases: [{ of: '.text', at: 0x7000n }] })
    t.run()
    expect(t.stopped()?.reason).toBe(STOP_COLD_TEXT)
  })

  test('another CPU’s private memory ends the run: loads, stores and fetches', () => {
    for (const access of ['mov rax, [rbx]', 'mov [rbx], rax', 'jmp rbx']) {
      const sections = 'section .own at 0xffffc900000f0000 private=1 exec\nown: nop\n nop\n nop\n nop\n nop\n nop\n nop\n hlt\n'
      const t = lab([`mov rbx, own\n ${access}`, 'hlt'], { sections })
      t.run(0)
      expect(t.stopped(0)?.reason, access).toBe(STOP_PRIVATE)
    }
  })

  test('a private stack must not be read below the stack pointer', () => {
    const t = lab(['push 1\n pop rax\n mov rax, [rsp - 8]'])
    t.run()
    expect(t.stopped()?.reason).toBe(STOP_DEAD_STACK)
    expect(t.m.stopDetail).toContain('.stack0')
  })

  test('code in private memory follows what its only writer writes', () => {
    const sections = 'section .jit at 0xffffc900000f0000 private=0 exec\njit: mov eax, 1\n jmp rbx\n'
    const t = lab(
      ['lea rbx, [rel back]\n mov rcx, jit\n jmp rcx\nback: mov byte ptr [rcx + 1], 2\n lea rbx, [rel done]\n mov edx, eax\n jmp rcx\ndone: nop'],
      { sections },
    )
    t.run()
    expect([t.reg('rdx'), t.reg('rax')]).toEqual([1n, 2n])
  })
})
