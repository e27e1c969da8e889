/** All fetch models side by side, on the patches that the field argues about: every outcome of each. */
import { describe, expect, test } from 'vitest'
import { assemble } from '../assembler/assemble.ts'
import { createDecode } from '../decoder/decode.ts'
import { PatchLab, type PatchProgram, patchText } from './fetch-lab.ts'
import { createFetchModel, FETCH_MODELS, type FetchModelName } from './fetch-models.ts'
import { assembled } from './lab.ts'

const decode = createDecode()

/** What the executor can end with, in every interleaving. */
function outcomes(name: FetchModelName, program: Omit<PatchProgram, 'fetch'>, look: (t: PatchLab) => string, unit = 1): string {
  const model = createFetchModel(name, unit)
  if (!model.ok) throw new Error(model.error)
  const t = new PatchLab(
    assembled(assemble({ bits: 64, files: [{ name: 'test.asm', text: patchText(program) }] })),
    { ...program, fetch: model.value },
    decode,
  )
  return t.outcomes((each) => look(each as PatchLab)).join(' ')
}

function table(program: Omit<PatchProgram, 'fetch'>, look: (t: PatchLab) => string): Record<FetchModelName, string> {
  return Object.fromEntries(FETCH_MODELS.map((name) => [name, outcomes(name, program, look)])) as Record<FetchModelName, string>
}

const eax = (t: PatchLab) => t.reg('rax', 1).toString(16)

/** `mov eax, imm32` at an offset of the page: old immediate 11000011, new 22000022. */
const move = (offset: number, patcher: string): Omit<PatchProgram, 'fetch'> => ({
  patcher: `SITE equ POKE + ${offset}\n${patcher}`,
  executor: ` times ${offset} nop\nsite: mov eax, 0x11000011`,
  hot: [[offset, 5]],
})

const OLD_NEW = '11000011 22000022'
const TORN = '11000011 11000022 22000011 22000022'

describe('one 4-byte store into an instruction', () => {
  const store = 'mov dword ptr [SITE + 1], 0x22000022'
  test('that lies inside an aligned quadword', () => {
    expect(table(move(16, store), eax)).toEqual({ worst: TORN, amd: OLD_NEW, 'snoop-keep': OLD_NEW, 'snoop-nuke': OLD_NEW, coherent: OLD_NEW })
  })

  test('that crosses quadwords inside a 32-byte window', () => {
    expect(table(move(20, store), eax)).toEqual({ worst: TORN, amd: TORN, 'snoop-keep': OLD_NEW, 'snoop-nuke': OLD_NEW, coherent: OLD_NEW })
  })

  test('that crosses 32-byte windows inside a line', () => {
    expect(table(move(28, store), eax)).toEqual({ worst: TORN, amd: TORN, 'snoop-keep': TORN, 'snoop-nuke': OLD_NEW, coherent: OLD_NEW })
  })

  test('that crosses lines: the store itself tears', () => {
    expect(table(move(60, store), eax)).toEqual({ worst: TORN, amd: TORN, 'snoop-keep': TORN, 'snoop-nuke': TORN, coherent: TORN })
  })
})

describe('int3 first: int3, tail, first byte; no sync at all', () => {
  // The handler of the int3 ends the run with edi = 1.
  const protocol = 'mov byte ptr [SITE], 0xcc\n mov dword ptr [SITE + 1], 0x22000022\n mov byte ptr [SITE], 0xb8'
  const look = (t: PatchLab) => (t.reg('rdi', 1) === 1n ? 'trap' : eax(t))
  const CLEAN = '11000011 22000022 trap'
  const MIXED = `${TORN} trap`

  test('a site inside one unit of each model', () => {
    expect(table(move(16, protocol), look)).toEqual({ worst: MIXED, amd: CLEAN, 'snoop-keep': CLEAN, 'snoop-nuke': CLEAN, coherent: CLEAN })
  })

  test('a site across 32-byte windows, inside a line: an old first byte may meet a new tail', () => {
    const oldThenNew = '11000011 22000011 22000022 trap'
    expect(table(move(28, protocol), look)).toEqual({ worst: MIXED, amd: oldThenNew, 'snoop-keep': MIXED, 'snoop-nuke': CLEAN, coherent: CLEAN })
  })

  test('a site across lines', () => {
    const seen = table(move(60, protocol), look)
    expect(seen.coherent).toBe(CLEAN)
    expect(seen.worst).toBe(MIXED)
  })
})

describe('the unit is a parameter', () => {
  const store = 'mov dword ptr [SITE + 1], 0x22000022'
  test.each([
    ['worst', 8, 16, OLD_NEW],
    ['worst', 8, 20, TORN],
    ['worst', 32, 20, OLD_NEW],
    ['amd', 16, 20, OLD_NEW],
    ['snoop-keep', 16, 12, TORN],
    ['snoop-keep', 64, 28, OLD_NEW],
  ] as [FetchModelName, number, number, string][])('%s with units of %i bytes, site at offset %i', (name, unit, offset, expected) => {
    expect(outcomes(name, move(offset, store), eax, unit)).toBe(expected)
  })

  test('1 stands for the model’s own', () => {
    const sizes = FETCH_MODELS.map((name) => {
      const model = createFetchModel(name, 1)
      return model.ok ? model.value.unitSize : 0
    })
    expect(sizes).toEqual([1, 8, 32, 32, 64])
  })

  test.each([
    ['fast', 1, 'there is no fetch model "fast"; there are worst, amd, snoop-keep, snoop-nuke, coherent'],
    ['worst', 3, 'a fetch unit of 3 bytes; there are 1, 8, 16, 32, 64'],
  ])('%s, %i is refused in words', (name, unit, message) => {
    expect(createFetchModel(name, unit)).toEqual({ ok: false, error: message })
  })
})

test('every model lets the executor see only the new code after it has seen the flag and serialised', () => {
  const program = {
    patcher: 'mov dword ptr [POKE + 33], 0x22000022\n mov byte ptr [POKE + 32], 0xb9\n mov dword ptr [rel flag], 1',
    executor:
      'spin: cmp dword ptr [rel flag], 0\n jz spin\n cpuid\n xor eax, eax\n xor ecx, ecx\n times 32 - ($ - executor) nop\nsite: mov eax, 0x11000011',
    hot: [[32, 5]] as [number, number][],
  }
  const look = (t: PatchLab) => `${t.reg('rax', 1).toString(16)}:${t.reg('rcx', 1).toString(16)}`
  expect(new Set(Object.values(table(program, look)))).toEqual(new Set(['0:22000022']))
})
