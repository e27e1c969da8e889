/** The fetch model `amd`: AMD APM vol. 2, 7.6.1 (its examples named as there). */
import { describe, expect, test } from 'vitest'
import { assemble } from '../assembler/assemble.ts'
import { createDecode } from '../decoder/decode.ts'
import { requestIrq } from './apic.ts'
import { PatchLab, type PatchProgram, patchText } from './fetch-lab.ts'
import { createFetchModel } from './fetch-models.ts'
import { assembled } from './lab.ts'
import { STOP_FETCH_SET } from './layout.ts'

const decode = createDecode()

function model(name: string, unit = 1) {
  const created = createFetchModel(name, unit)
  if (!created.ok) throw new Error(created.error)
  return created.value
}

function lab(program: Omit<PatchProgram, 'fetch'>, unit = 1): PatchLab {
  return new PatchLab(
    assembled(assemble({ bits: 64, files: [{ name: 'test.asm', text: patchText(program) }] })),
    { ...program, fetch: model('amd', unit) },
    decode,
  )
}

const at = (offset: number, site: string, patcher: string, length: number): Omit<PatchProgram, 'fetch'> => ({
  patcher: patcher.replaceAll('SITE', `${offset}`),
  executor: ` times ${offset} nop\nsite: ${site}`,
  hot: [[offset, length]],
})

/** Outcomes of the executor's registers. */
const outcomes = (t: PatchLab, ...names: string[]) => t.outcomes((each) => names.map((name) => each.reg(name, 1).toString(16)).join(' '))

describe('one store into an aligned quadword', () => {
  // add al, 1 · add bl, 1 (5 bytes in all) → add al, 2 · add bl, 2: one 8-byte store.
  const AB = at(16, 'add al, 1\n add bl, 1\n nop\n nop\n nop', 'mov rax, 0x90909002c3800204\n mov [POKE + SITE], rax', 8)

  test('A, B → A′, B′: A with B′ is possible, A′ with B is not', () => {
    expect(outcomes(lab(AB), 'rax', 'rbx')).toEqual(['1 1', '1 2', '2 2'])
  })

  test('A → A′, B: gives only the old or all of the new', () => {
    // mov eax, imm32 (5) → mov al, 7 (2) · mov bl, 8 (2) · nop (1)
    const t = lab(at(16, 'mov eax, 0x11111111\n nop\n nop\n nop', 'mov rax, 0x90909090_08b307b0\n mov [POKE + SITE], rax'.replaceAll('_', ''), 8))
    expect(outcomes(t, 'rax', 'rbx')).toEqual(['11111111 0', '7 8'])
  })

  test('A, B → A′: may give A, and then what stands in A′ where B began', () => {
    // mov al, 1 (b0 01) · mov bl, 1 (b3 01) · nops → mov eax, 0x9002b390 (b8 90 b3 02 90): at +2 it reads mov bl, 2 · nop.
    const t = lab(at(16, 'mov al, 1\n mov bl, 1\n nop\n nop\n nop\n nop', 'mov rax, 0x9090909002b390b8\n mov [POKE + SITE], rax', 8))
    expect(outcomes(t, 'rax', 'rbx')).toEqual(['1 1', '1 2', '9002b390 0'])
  })
})

describe('two quadwords', () => {
  // mov eax, 0x11000011 with the immediate's last byte in the next quadword.
  const across = (patcher: string) => at(20, 'mov eax, 0x11000011', patcher, 5)

  test('an instruction across them may be old on the left and new on the right, not the other way round, where the right is written first', () => {
    expect(outcomes(lab(across('mov byte ptr [POKE + SITE + 4], 0x22')), 'rax')).toEqual(['11000011', '22000011'])
    const right = across('mov byte ptr [POKE + SITE + 4], 0x22\n mov byte ptr [POKE + SITE + 1], 0x22')
    expect(outcomes(lab(right), 'rax')).toEqual(['11000011', '22000011', '22000022'])
  })

  test('where the left is written first, every mixture is possible: the right may be read later', () => {
    const left = across('mov byte ptr [POKE + SITE + 1], 0x22\n mov byte ptr [POKE + SITE + 4], 0x22')
    expect(outcomes(lab(left), 'rax')).toEqual(['11000011', '11000022', '22000011', '22000022'])
  })

  test('one store across them is two to fetch, in either order; a locked one is one', () => {
    const t = lab(across('mov dword ptr [POKE + SITE + 1], 0x22000022'))
    t.take('0s')
    expect(t.choices()).toBe('0s 0d 0d.1 1s')
    expect(outcomes(t, 'rax')).toEqual(['11000011', '11000022', '22000011', '22000022'])
    const locked = lab(across('mov eax, 0x22000022\n xchg [POKE + SITE + 1], eax'))
    expect(outcomes(locked, 'rax')).toEqual(['11000011', '22000011', '22000022'])
  })

  test('larger units do not tear there', () => {
    expect(outcomes(lab(across('mov dword ptr [POKE + SITE + 1], 0x22000022'), 16), 'rax')).toEqual(['11000011', '22000022'])
  })
})

describe('the order of stores', () => {
  test('code that nobody executes may be rewritten freely, and exposed by one last store', () => {
    const t = lab({
      patcher: `mov byte ptr [POKE + 33], 5\n mov byte ptr [POKE + 36], 6\n mov byte ptr [POKE + 17], 14`,
      executor: ' times 16 nop\nsite: jmp old\n nop\nold: hlt\n times 12 nop\n mov al, 1\n nop\n mov bl, 1\n hlt',
      hot: [
        [16, 2],
        [32, 6],
      ],
    })
    expect(outcomes(t, 'rax', 'rbx')).toEqual(['0 0', '5 6'])
  })

  test('a CPU that has seen a newer value never sees an older one again', () => {
    const t = lab({ ...at(16, 'mov al, 1\n mov bl, al\n jmp site', 'mov byte ptr [POKE + SITE + 1], 2', 2) })
    t.take('0s 0d')
    expect(t.variants('site')).toEqual(['b001', 'b002'])
    t.take('1s*16 1s.1 1s*2')
    expect(t.variants('site')).toEqual(['b002'])
    // The patcher itself is always up to date.
    expect(t.variants('site', 0)).toEqual(['b002'])
  })

  test('the oldest of equal readings is kept, since it leaves most open', () => {
    const t = lab(at(16, 'mov al, 1\n mov bl, al\n jmp site', 'mov byte ptr [POKE + SITE + 1], 2\n mov byte ptr [POKE + SITE + 1], 1', 2))
    t.take('0s*2 0d*2')
    expect(t.variants('site')).toEqual(['b001', 'b002'])
    t.take('1s*16 1s.0 1s*2')
    expect(t.variants('site')).toEqual(['b001', 'b002'])
  })
})

describe('what brings a CPU up to date', () => {
  const code = (instruction: string, length: number) => ({
    patcher: 'mov byte ptr [POKE + 33], 2',
    executor: `start: ${instruction}\n times ${32 - length} nop\nsite: mov al, 1`,
    hot: [[32, 2]] as [number, number][],
  })
  test.each([
    ['mfence', 3, true],
    ['cpuid', 2, true],
    ['mov cr3, rax', 3, true],
    ['int3', 1, true],
    ['lfence', 3, false],
    ['lock inc dword ptr [rel flag]', 7, false],
    ['jmp next\nnext: nop', 3, false],
  ])('%s', (instruction, length, refreshes) => {
    const t = lab(code(instruction, length))
    t.take('0s 0d 1s')
    expect(t.variants('site')).toEqual(refreshes ? ['b002'] : ['b001', 'b002'])
  })

  test('an interrupt, also one that ends a HLT', () => {
    const t = lab(code('sti', 1))
    t.take('0s 0d 1s*2')
    requestIrq(t.m, 1, 0x40)
    t.take('1i')
    expect(t.variants('site')).toEqual(['b002'])
    const halted = lab(code('sti\n hlt', 2))
    halted.take('1s*2 0s 0d')
    requestIrq(halted.m, 1, 0x40)
    halted.take('1i')
    expect(halted.variants('site')).toEqual(['b002'])
  })

  test('its own stores, which it sees even while they are buffered', () => {
    const t = lab({
      patcher: 'mov byte ptr [POKE + 41], 7',
      executor: ' mov byte ptr [POKE + 33], 2\n times 24 nop\nsite: mov al, 1\n times 6 nop\nother: mov bl, 1',
      hot: [
        [33, 1],
        [41, 1],
      ],
    })
    t.take('0s 0d 1s')
    expect(t.variants('site')).toEqual(['b002'])
    expect(t.variants('other')).toEqual(['b301', 'b307'])
    t.take('1d')
    expect(t.variants('other')).toEqual(['b307'])
  })
})

describe('the log', () => {
  const state = (t: PatchLab) => Array.from(t.m.w.subarray(t.m.layout.fetchShared, t.m.layout.environment))

  test('is forgotten as far as everybody has seen it', () => {
    const t = lab(at(16, 'mov al, 1\n mfence', 'mov byte ptr [POKE + SITE + 1], 2\n mov byte ptr [POKE + SITE + 1], 3', 2))
    t.take('0s 0d')
    expect(state(t).some((word) => word !== 0)).toBe(true)
    t.take('1s*16 1s.1')
    expect(state(t).every((word) => word === 0)).toBe(true)
    t.take('0s 0d 1s')
    expect(state(t).every((word) => word === 0)).toBe(true)
  })

  test('does not wait for a CPU that has halted', () => {
    const t = lab({ patcher: 'mov byte ptr [POKE + 33], 2', executor: ' hlt\n times 31 nop\nsite: mov al, 1', hot: [[32, 2]] })
    t.take('1s 0s 0d')
    expect(state(t).every((word) => word === 0)).toBe(true)
  })

  test('is bounded, honestly', () => {
    const t = lab(at(16, 'mov al, 1', 'mov bl, 1\nagain: mov byte ptr [POKE + SITE + 1], bl\n inc bl\n jmp again', 2))
    for (let i = 0; i < 200 && t.stopped(0) === null; i++) t.take(t.choices().includes('0d') ? '0d' : '0s')
    expect(t.stopped(0)?.reason).toBe(STOP_FETCH_SET)
  })
})
