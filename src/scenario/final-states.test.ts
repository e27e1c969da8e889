import { expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { Random } from '../lib/random.ts'
import type { Instance } from './build.ts'
import { finalStates } from './final-states.ts'
import type { Scenario } from './format.ts'
import { mustBuild, search, toy } from './toy.ts'

const decode = createDecode()
const LIMITS = { maxStates: 1_000_000, maxBytes: 1e9 }
const NEVER_STOPS = [{ kind: 'never', id: 'no-fault', title: 'no processor faults', at: [], stops: true }]

const PLACES = ['x', 'y', 'z', 'lock_a']
const REGISTERS = ['eax', 'ebx', 'esi']

/** One instruction of a kind that a reduction could get wrong. `cross` lies in two cache lines. */
function instruction(random: Random): string {
  const place = random.pick(PLACES)
  const register = random.pick(REGISTERS)
  return random.pick([
    `mov dword ptr [rel ${place}], ${random.below(3)}`,
    `mov dword ptr [rel ${place}], ${random.below(3)}`,
    `mov [rel ${place}], ${register}`,
    `mov ${register}, [rel ${place}]`,
    `mov ${register}, [rel ${place}]`,
    `add dword ptr [rel ${place}], 1`,
    `lock add dword ptr [rel ${place}], 1`,
    `xchg [rel ${place}], ${register}`,
    'mfence',
    'lfence',
    'sfence',
    `inc ${register}`,
    `push r${register.slice(1)}`,
    'mov qword ptr [rel cross], rbx',
    'mov rax, [rel cross]',
  ])
}

/** Two or three CPUs with a few instructions each; some spin until x is not 0, and with `faults` some may divide by zero. */
function randomScenario(random: Random, faults: boolean): Scenario {
  const cpus = 2 + random.below(2)
  const entries = Array.from({ length: cpus }, (_, cpu) => `p${cpu}`)
  const text = entries.map((entry) => {
    const lines = Array.from({ length: 1 + random.below(cpus === 2 ? 5 : 3) }, () => instruction(random))
    if (random.below(8) === 0) lines.splice(random.below(lines.length), 0, '.wait: mov esi, [rel x]', 'test esi, esi', 'jz .wait')
    if (faults && random.below(4) === 0) lines.push('mov ecx, [rel y]', 'xor edx, edx', 'div ecx')
    return `${entry}:\n  ${lines.join('\n  ')}\n  hlt\n`
  })
  const shared = 'section .wide at 0xffffffff84000000 shared\n  resb 60\ncross: dq 0\n'
  const registers = entries.flatMap((_, cpu) => REGISTERS.map((name) => `${cpu}:r${name.slice(1)}`))
  const outcome = [...registers, ...PLACES.map((place) => `u32[${place}]`), 'u64[cross]']
  return toy(text.join('') + shared, entries, { properties: NEVER_STOPS, outcome })
}

/** What the exploration of every schedule says, with and without its own reduction. */
function explored(instance: Instance): { keys: readonly string[]; fails: boolean } {
  const reduced = search(instance)
  const full = search(instance, { reduce: false })
  expect(full.outcomes.map(({ key }) => key)).toEqual(reduced.outcomes.map(({ key }) => key))
  return { keys: full.outcomes.map(({ key }) => key), fails: full.kind === 'violated' }
}

test.each([1, 2, 3, 4])('the same final states as the search over all schedules, 15 random programs from seed %i00', (hundred) => {
  for (let seed = 100 * hundred; seed < 100 * hundred + 15; seed++) {
    const instance = mustBuild(randomScenario(new Random(seed), false), {}, decode)
    const found = finalStates(instance, LIMITS)
    expect(found.ok && found.value.keys, `seed ${seed}`).toEqual(explored(instance).keys)
  }
})

test('and the same faults, 30 random programs from seed 500', () => {
  let faulty = 0
  for (let seed = 500; seed < 530; seed++) {
    const instance = mustBuild(randomScenario(new Random(seed), true), {}, decode)
    const found = finalStates(instance, LIMITS)
    const { keys, fails } = explored(instance)
    expect(found.ok, `seed ${seed}`).toBe(!fails)
    if (found.ok) expect(found.value.keys, `seed ${seed}`).toEqual(keys)
    else faulty++
  }
  expect(faulty).toBeGreaterThan(5)
})

test('a fault is told with a shortest way to it', () => {
  const scenario = toy('a:\n mov dword ptr [rel x], 1\n hlt\nb:\n mov ecx, 1\n sub ecx, [rel x]\n mov eax, 1\n div ecx\n hlt', ['a', 'b'], {
    properties: NEVER_STOPS,
  })
  const found = finalStates(mustBuild(scenario, {}, decode), LIMITS)
  expect(found).toEqual({ ok: false, error: [expect.stringMatching(/^a processor faults \(0s 0d 1s\*4\)$/)] })
})

test('a store and what follows it up to the next load are no states of their own', () => {
  const program = (a: string, b: string) => `  mov dword ptr [rel ${a}], 1\n  inc ebx\n  mov eax, [rel ${b}]\n  hlt\n`
  const scenario = toy(`a:\n${program('x', 'y')}b:\n${program('y', 'x')}`, ['a', 'b'], { outcome: ['0:rax', '1:rax'] })
  const instance = mustBuild(scenario, {}, decode)
  const found = finalStates(instance, LIMITS)
  expect(found.ok && found.value.keys).toEqual(['0:rax=0 1:rax=0', '0:rax=0 1:rax=1', '0:rax=1 1:rax=0', '0:rax=1 1:rax=1'])
  // Each CPU: loaded or not, drained or not.
  expect(found.ok && found.value.states).toBeLessThan(search(instance).states / 2)
})
