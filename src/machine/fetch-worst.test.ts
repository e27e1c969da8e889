/** The fetch model `worst`: Intel SDM vol. 3A 8.1.3 and 11.6, read strictly (U = 1) or by fetch blocks. */
import { describe, expect, test } from 'vitest'
import { assemble } from '../assembler/assemble.ts'
import { createDecode } from '../decoder/decode.ts'
import { requestIrq } from './apic.ts'
import { worst } from './fetch.ts'
import { PatchLab, type PatchProgram, patchText } from './fetch-lab.ts'
import { assembled } from './lab.ts'
import { STOP_FETCH_SET } from './layout.ts'

const decode = createDecode()

function lab(program: Omit<PatchProgram, 'fetch'>, unit = 1): PatchLab {
  const text = patchText(program)
  return new PatchLab(assembled(assemble({ bits: 64, files: [{ name: 'test.asm', text }] })), { ...program, fetch: worst(unit) }, decode)
}

/** A `mov eax, imm32` whose immediate starts at `offset` + 1 of the page; the patcher changes its first and its last byte. */
function move(offset: number, patcher = 'mov dword ptr [POKE + SITE + 1], 0x22000022'): Omit<PatchProgram, 'fetch'> {
  return { patcher: patcher.replaceAll('SITE', `${offset}`), executor: `times ${offset} nop\nsite: mov eax, 0x11000011`, hot: [[offset, 5]] }
}

const OLD = 'b811000011'
const NEW = 'b822000022'

describe('the values that a unit may show', () => {
  test('are those since the last serialisation, and each byte chooses for itself (U = 1)', () => {
    const t = lab(move(16))
    expect(t.variants('site')).toEqual([OLD])
    t.take('0s')
    // A store that is still buffered is not seen, not even by its own CPU.
    expect([t.variants('site'), t.variants('site', 0)]).toEqual([[OLD], [OLD]])
    t.take('0d')
    expect(t.variants('site')).toEqual([OLD, 'b811000022', 'b822000011', NEW])
    expect(t.variants('site', 0)).toEqual([OLD, 'b811000022', 'b822000011', NEW])
  })

  test.each([
    [1, 0, 4],
    [8, 0, 2],
    [8, 3, 2],
    [8, 4, 4],
    [8, 7, 2],
    [16, 4, 2],
    [16, 12, 4],
    [32, 12, 2],
    [32, 28, 4],
    [64, 28, 2],
    [64, 60, 4],
  ])('in units of %i bytes, a site at offset %i has %i versions', (unit, offset, count) => {
    const t = lab(move(offset), unit)
    t.take('0s 0d')
    if (t.m.storeCount > 0) t.take('0d.1')
    expect(t.variants('site')).toHaveLength(count)
    expect(t.variants('site')).toContain(OLD)
    expect(t.variants('site')).toContain(NEW)
  })

  test('sites of one unit are fetched together, two units apart', () => {
    // Two one-byte sites in one instruction window: nop; nop → inc-like bytes. What stands between them is cold.
    const program = {
      patcher: 'mov byte ptr [POKE + 17], 0x22\n mov byte ptr [POKE + 20], 0x22',
      executor: 'times 16 nop\nsite: mov eax, 0x11000011',
      hot: [
        [17, 1],
        [20, 1],
      ] as [number, number][],
    }
    const apart = lab(program, 1)
    apart.take('0s*2 0d*2')
    expect(apart.variants('site')).toHaveLength(4)
    const together = lab(program, 8)
    together.take('0s*2 0d*2')
    // The unit held 11…11, 22…11 and 22…22, never 11…22.
    expect(together.variants('site')).toEqual([OLD, 'b822000011', NEW])
  })

  test('may go back: what was new once may be old again', () => {
    const t = lab({ ...move(16), executor: `times 16 nop\nsite: mov eax, 0x11000011\n mov ebx, eax\n jmp site` })
    t.take('0s 0d 1s*16 1s.3 1s*2')
    expect(t.reg('rbx', 1)).toBe(0x22000022n)
    t.take('1s.0 1s')
    expect(t.reg('rbx', 1)).toBe(0x11000011n)
  })

  test('are kept once, and writing what is there changes nothing', () => {
    const t = lab(
      move(
        16,
        'mov dword ptr [POKE + SITE + 1], 0x11000011\n mov dword ptr [POKE + SITE + 1], 0x22000022\n mov dword ptr [POKE + SITE + 1], 0x11000011',
      ),
    )
    const start = t.m.w.slice()
    t.take('0s 0d')
    expect(t.variants('site')).toEqual([OLD])
    t.take('0s 0d 0s 0d')
    expect(t.variants('site')).toHaveLength(4)
    // Only the registers of the patcher differ from the start once everybody has serialised.
    for (const cpu of [0, 1]) {
      t.m.select(cpu)
      t.m.config.fetch.refresh(t.m)
    }
    t.setReg('rip', t.address('patcher'), 0)
    expect(t.m.w).toEqual(start)
  })

  test('only as far as the instruction reaches: int3 hides the rest', () => {
    const t = lab(move(16, 'mov byte ptr [POKE + SITE], 0xcc\n mov dword ptr [POKE + SITE + 1], 0x22000022'))
    t.take('0s*2 0d*2')
    expect(t.variants('site')).toEqual([OLD, 'b811000022', 'b822000011', NEW, 'cc'])
  })

  test('more of them than the state has room for end the run, honestly', () => {
    const t = lab(move(16, 'mov bl, 1\nagain: mov byte ptr [POKE + SITE], bl\n inc bl\n jmp again'))
    for (let i = 0; i < 40 && t.stopped(0) === null; i++) t.take(t.choices().includes('0d') ? '0d' : '0s')
    expect(t.stopped(0)?.reason).toBe(STOP_FETCH_SET)
  })
})

describe('what refreshes fetch, and what does not (SDM 3A 8.3)', () => {
  const site = '\nsite: mov eax, 0x11000011'
  const at = (code: string, length: number) => ({
    patcher: 'mov dword ptr [POKE + 33], 0x22000022',
    executor: `start: ${code}\n times ${32 - length} nop${site}`,
    hot: [[32, 5]] as [number, number][],
  })
  test.each([
    ['cpuid', 2, true],
    ['serialize', 3, true],
    ['mov cr3, rax', 3, true],
    ['mov cr2, rax', 3, true],
    ['invlpg [rax]', 3, true],
    ['mfence', 3, false],
    ['lfence', 3, false],
    ['sfence', 3, false],
    ['lock inc dword ptr [rel flag]', 7, false],
    ['jmp next\nnext: nop', 3, false],
    ['rdmsr', 2, false],
    ['swapgs', 3, false],
  ])('%s', (code, length, refreshes) => {
    const t = lab(at(code, length))
    t.setReg('rcx', 0x802n, 1)
    t.take('0s 0d')
    expect(t.variants('site')).toHaveLength(4)
    t.take('1s')
    expect(t.variants('site')).toEqual(refreshes ? [NEW] : [OLD, 'b811000022', 'b822000011', NEW])
    // Nobody else is refreshed by it.
    expect(t.variants('site', 0)).toHaveLength(4)
  })

  test.each([
    ['an x2APIC register', 0x80bn, false],
    ['a segment base', 0xc0000101n, true],
  ])('WRMSR of %s', (_, msr, refreshes) => {
    const t = lab(at('wrmsr', 2))
    t.setReg('rcx', msr, 1)
    t.take('0s 0d 1s')
    expect(t.variants('site')).toHaveLength(refreshes ? 1 : 4)
  })

  test('exception entry, interrupt entry: no; the IRET that ends them: yes', () => {
    const t = lab(at('int3', 1))
    t.take('0s 0d 1s')
    expect(t.reg('rip', 1)).toBe(t.address('handler'))
    expect(t.variants('site')).toHaveLength(4)
    const irq = lab(at('sti', 1))
    irq.take('0s 0d 1s*2')
    requestIrq(irq.m, 1, 0x40)
    irq.take('1i')
    expect(irq.variants('site')).toHaveLength(4)
    irq.take('1s')
    expect(irq.variants('site')).toEqual([NEW])
  })
})

test('self-modification: the CPU’s own store is no better than another’s', () => {
  const program = {
    patcher: 'hlt',
    executor: 'mov dword ptr [POKE + 33], 0x22000022\n times 21 nop\nsite: mov eax, 0x11000011',
    hot: [[32, 5]] as [number, number][],
  }
  const t = lab(program)
  t.take('1s 1d')
  expect(t.variants('site')).toContain(OLD)
})

test('int3 first, all three syncs left out: every mixture of what was written (strict reading)', () => {
  const t = lab(move(16, 'mov byte ptr [POKE + SITE], 0xcc\n mov dword ptr [POKE + SITE + 1], 0x22000022\n mov byte ptr [POKE + SITE], 0xb9'))
  t.take('0s*3 0d*3')
  expect(t.variants('site')).toEqual([OLD, 'b811000022', 'b822000011', NEW, 'b911000011', 'b911000022', 'b922000011', 'b922000022', 'cc'])
})
