/** The fetch models `snoop-keep` and `snoop-nuke`: only what has been prefetched can be stale (docs/fetch-models.md). */
import { describe, expect, test } from 'vitest'
import { assemble } from '../assembler/assemble.ts'
import { createDecode } from '../decoder/decode.ts'
import { requestIrq } from './apic.ts'
import { PatchLab, type PatchProgram, patchText } from './fetch-lab.ts'
import { createFetchModel } from './fetch-models.ts'
import { assembled } from './lab.ts'

const decode = createDecode()

function lab(program: Omit<PatchProgram, 'fetch'>, name: 'snoop-keep' | 'snoop-nuke' = 'snoop-keep'): PatchLab {
  const model = createFetchModel(name, 1)
  if (!model.ok) throw new Error(model.error)
  return new PatchLab(
    assembled(assemble({ bits: 64, files: [{ name: 'test.asm', text: patchText(program) }] })),
    { ...program, fetch: model.value },
    decode,
  )
}

/** `mov al, 1` at the offset; the patcher makes it `mov al, 2`. */
const site = (offset: number, before = '') => ({
  patcher: `mov byte ptr [POKE + ${offset + 1}], 2`,
  executor: `${before}site_at_${offset}:\n times ${offset} - ($ - executor) nop\nsite: mov al, 1`,
  hot: [[offset, 2]] as [number, number][],
})

const at = (offset: number, code: string, length: number) => ({
  patcher: `mov byte ptr [POKE + ${offset + 1}], 2`,
  executor: `${code}\n times ${offset - length} nop\nsite: mov al, 1`,
  hot: [[offset, 2]] as [number, number][],
})

const queue = (t: PatchLab, cpu = 1) => {
  const box = (t.m.layout.boxes[cpu] as number) + 9
  return Array.from(t.m.w.subarray(box, box + t.m.layout.fetchWords))
}

const isEmpty = (t: PatchLab) => queue(t).every((word) => word === 0)

describe('prefetching', () => {
  test('is a choice; without it every fetch reads memory', () => {
    const t = lab(at(16, 'nop', 1))
    expect(t.choices()).toBe('0s 1s 1p')
    t.take('0s 0d')
    expect(t.variants('site')).toEqual(['b002'])
    expect(t.outcomes((each) => `${each.reg('rax', 1)}`)).toEqual(['2'])
  })

  test('keeps a window as it was at that moment', () => {
    const t = lab(at(16, 'nop', 1))
    t.take('1p 0s 0d')
    expect(t.variants('site')).toEqual(['b001'])
    expect(t.choices()).toBe('0s 1s')
    expect(t.events.find((event) => event.kind === 'prefetch')).toMatchObject({ cpu: 1, address: 0xffffffff81000000n, size: 32 })
  })

  test('or not, where another CPU’s store throws it away', () => {
    const t = lab(at(16, 'nop', 1), 'snoop-nuke')
    t.take('1p 0s 0d')
    expect(t.variants('site')).toEqual(['b002'])
    expect(isEmpty(t)).toBe(true)
    // A store to another window leaves it alone.
    const elsewhere = {
      patcher: 'mov byte ptr [POKE + 40], 2',
      executor: ' times 16 nop\nsite: mov al, 1\n times 30 nop',
      hot: [
        [16, 2],
        [40, 1],
      ] as [number, number][],
    }
    const other = lab(elsewhere, 'snoop-nuke')
    other.take('1p 0s 0d')
    expect(isEmpty(other)).toBe(false)
  })

  test.each([
    ['its own window', 16, 'nop', 1, true],
    ['the next window', 40, 'nop', 1, true],
    ['the window after that', 72, 'nop', 1, false],
    ['where a jump goes', 200, 'jmp site\nskipped:', 5, true],
    ['where a call goes', 200, 'call site\nskipped:', 5, true],
    ['where a conditional jump may go', 200, 'jz site\nskipped:', 6, true],
    ['behind a return: the way ends there', 40, 'ret', 1, false],
    ['behind an indirect jump', 40, 'jmp rax', 2, false],
    ['behind a jump to elsewhere', 40, 'jmp far_away', 5, false],
  ])('reaches %s', (_, offset, code, length, reached) => {
    const program = at(offset, code, length)
    const t = lab({ ...program, executor: `${program.executor}\n hlt\n times 300 nop\nfar_away: nop` })
    expect(t.choices()).toBe(reached ? '0s 1s 1p' : '0s 1s')
  })

  test('follows the CPU: what comes into reach can be prefetched then', () => {
    const t = lab(at(72, 'nop', 1))
    t.take('1s*31')
    expect(t.choices()).toBe('0s 1s')
    t.take('1s')
    expect(t.choices()).toBe('0s 1s 1p')
  })

  test('one predicted path at a time: another guess replaces the one before', () => {
    const t = lab({
      patcher: 'hlt',
      executor: 'jz away\n jmp close\n times 120 nop\nclose: mov al, 1\n hlt\n times 128 nop\naway: mov al, 1',
      hot: [
        [129, 1],
        [260, 1],
      ],
    })
    expect(t.choices()).toBe('0s 1s 1p 1p.1')
    t.take('1p')
    expect(t.choices()).toBe('0s 1s 1p.1')
    t.take('1p.1')
    expect(t.choices()).toBe('0s 1s 1p')
  })
})

describe('what clears prefetched windows', () => {
  const cases: [string, string, number, boolean][] = [
    ['nop', 'nop', 1, false],
    ['mfence', 'mfence', 3, false],
    ['lock inc', 'lock inc dword ptr [rel flag]', 7, false],
    ['cpuid', 'cpuid', 2, true],
    ['mov cr3', 'mov cr3, rax', 3, true],
    ['an exception', 'int3', 1, true],
    ['hlt', 'hlt', 1, true],
    ['a taken branch, which fetches anew', 'jmp next\n nop\nnext:', 3, true],
    ['a branch not taken', 'jc elsewhere\nelsewhere:', 2, false],
    ['a buffered store of its own to the window', 'mov byte ptr [POKE + 17], 3', 8, true],
    ['a store of its own to elsewhere', 'mov byte ptr [rel flag], 3', 7, false],
  ]
  test.each(cases)('%s', (_, code, length, clears) => {
    const t = lab(at(16, code, length))
    t.take('1p 1s')
    expect(isEmpty(t)).toBe(clears)
  })

  test('an interrupt', () => {
    const t = lab(at(16, 'sti', 1))
    t.take('1s*2 1p')
    requestIrq(t.m, 1, 0x40)
    t.take('1i')
    expect(isEmpty(t)).toBe(true)
  })

  test('a taken branch to a prefetched window keeps that window', () => {
    const program = at(200, 'jmp site\nskipped:', 5)
    const t = lab(program)
    t.take('1p 0s 0d 1s')
    expect(t.variants('site')).toEqual(['b001'])
  })

  test('leaving a window', () => {
    const t = lab({ patcher: 'hlt', executor: 'nop\n nop\n times 30 nop\n nop', hot: [[2, 1]] })
    t.take('1p 1s')
    expect(isEmpty(t)).toBe(false)
    t.take('1s*31')
    expect(isEmpty(t)).toBe(true)
  })
})

describe('own stores', () => {
  test('are seen at once, even while they are buffered, and never stale', () => {
    const t = lab({ patcher: 'hlt', executor: ' mov byte ptr [POKE + 17], 3\n times 8 nop\nsite: mov al, 1', hot: [[16, 2]] })
    expect(t.outcomes((each) => `${each.reg('rax', 1)}`)).toEqual(['3'])
  })
})

describe('cross-modification as the manual wants it, and not', () => {
  // The executor waits for a flag in the window of the site.
  const wait = (sync: string) => ({
    patcher: 'mov byte ptr [POKE + SITE + 1], 2\n mov dword ptr [rel flag], 1'.replace('SITE', 'SITE_OFFSET'),
    executor: `SITE_OFFSET equ 16\nspin: cmp dword ptr [rel flag], 0\n jz spin\n ${sync}\n times SITE_OFFSET - ($ - executor) nop\nsite: mov al, 1`,
    hot: [[16, 2]] as [number, number][],
  })
  test('flag seen, no serialising instruction: the window may have been fetched before', () => {
    expect(lab(wait('')).outcomes((each) => `${each.reg('rax', 1)}`)).toEqual(['1', '2'])
    expect(lab(wait('lfence')).outcomes((each) => `${each.reg('rax', 1)}`)).toEqual(['1', '2'])
    expect(lab(wait(''), 'snoop-nuke').outcomes((each) => `${each.reg('rax', 1)}`)).toEqual(['2'])
  })

  test('with a serialising instruction: never', () => {
    expect(lab(wait('serialize')).outcomes((each) => `${each.reg('rax', 1)}`)).toEqual(['2'])
  })
})

test('equal situations are equal states: prefetching and clearing leaves nothing behind', () => {
  const t = lab(site(16))
  const before = queue(t)
  t.take('1p')
  t.m.select(1)
  t.m.config.fetch.refresh(t.m)
  expect(queue(t)).toEqual(before)
})
