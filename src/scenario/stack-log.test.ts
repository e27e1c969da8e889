/** What the words of a stack are called, learnt from who wrote them. */
import { expect, test } from 'vitest'
import { createDecode } from '../decoder/decode.ts'
import { parseSchedule } from '../machine/choice.ts'
import type { Scenario } from './format.ts'
import { Checker } from './properties.ts'
import { Run } from './run.ts'
import { StackLog } from './stack-log.ts'
import { type Fields, mustBuild, toy } from './toy.ts'

const decode = createDecode()

function follow(scenario: Scenario) {
  const instance = mustBuild(scenario, {}, decode)
  const checker = Checker.create(instance)
  if (!checker.ok) throw new Error(checker.error.join('\n'))
  const run = new Run(instance, checker.value)
  const log = new StackLog(instance)
  const top = instance.cpus[0]?.stackTop as bigint
  return {
    log,
    /** Takes the steps of a schedule. */
    take(schedule: string) {
      for (const choice of parseSchedule(schedule).schedule) {
        const taken = run.take(choice)
        if (taken === null) throw new Error(`${schedule}: not possible here`)
        log.append(taken)
      }
    },
    /** The words below the stack's top, from the highest down: label, kind, and what became of it. */
    words(count: number, size = 8) {
      return Array.from({ length: count }, (_, i) => {
        const entry = log.entry(0, top - BigInt(size * (i + 1)))
        return entry === null
          ? '-'
          : `${entry.label} ${entry.kind}${entry.altered === null ? '' : `, ${entry.altered}${entry.overwritten ? '!' : ''}`}`
      })
    },
  }
}

const int3: Fields = { idt: [{ vector: 3, handler: 'handler', name: '#BP' }] }
const bits32: Fields = { bits: 32 }

/** The toy of toy.ts in 32 bits. */
function toy32(program: string, fields: Fields = {}): Scenario {
  const text = `section .text at 0xc1000000 exec\n${program}\nsection .stack at 0xf5c0e000 private=0\n  resb 128\nstack_end:\n  dd 0\n`
  const { file } = toy('a: hlt', ['a'], { ...bits32, ...fields })
  return {
    file: { ...file, bits: 32, cpus: [{ role: 'cpu', entry: 'a', registers: { esp: 'stack_end' } }] },
    sources: [{ name: 'toy.asm', text }],
    recording: null,
  }
}

test('a push is called by what it pushes, in both modes', () => {
  const names = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'fs', 'gs']
  const long = follow(toy(`a:\n${names.map((name) => ` push ${name}\n`).join('')} pushfq\n push -1\n push 7\n push qword ptr [rsp]`, ['a']))
  long.take('0s*22')
  expect(long.words(22)).toEqual([...names, 'flags', 'orig_rax = −1', 'pushed', 'copy'].map((name) => `${name} plain`))
  const names32 = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi', 'es', 'cs', 'ss', 'ds', 'fs', 'gs']
  const short = follow(toy32(`a:\n${names32.map((name) => ` push ${name}\n`).join('')} pushfd\n push -1`))
  short.take('0s*16')
  expect(short.words(16, 4)).toEqual([...names32, 'flags', 'orig_ax = −1'].map((name) => `${name} plain`))
})

test('words that a push copies leave a gap; a store of a code address into it is an emulated push', () => {
  const { take, words } = follow(
    toy(
      `a: int3\nb: hlt\nfunc handler\n push -1\nrept 6\n push qword ptr [rsp + 40]\nendr\n call work\n iretq\nfunc work\n mov rax, [rsp + 40]\n lea rcx, [rel b]\n mov [rax - 8], rcx\n sub qword ptr [rsp + 40], 8\n ret`,
      ['a'],
      int3,
    ),
  )
  take('0s*8')
  expect(words(12)).toEqual([
    ...Array.from({ length: 6 }, () => 'gap gap'),
    ...['ss', 'rsp', 'rflags', 'cs', 'rip'].map((name) => `${name} hardware`),
    'orig_rax = −1 software',
  ])
  take('0s*5')
  expect(words(8)).toEqual([
    'return address, emulated push return',
    ...Array.from({ length: 5 }, () => 'gap gap'),
    'ss hardware',
    'rsp hardware, changed by work',
  ])
})

test('without a gap the same store overwrites the frame, and one in the middle of words does so in part', () => {
  const handler = (at: string) => `a: int3\nb: hlt\nfunc handler\n lea rcx, [rel b]\n mov [rsp + ${at}], rcx\n iretq`
  const whole = follow(toy(handler('32'), ['a'], int3))
  whole.take('0s*3')
  expect(whole.words(2)).toEqual(['ss hardware, overwritten by handler!', 'rsp hardware'])
  const part = follow(toy(handler('27'), ['a'], int3))
  part.take('0s*3')
  expect(part.words(3)).toEqual(['ss hardware, overwritten in part by handler!', 'rsp hardware, overwritten in part by handler!', 'rflags hardware'])
})

test('a frame that is moved takes its names along', () => {
  const { take, words } = follow(
    toy32(
      'a: int3\nhlt\nfunc handler\n push eax\n push ebx\n mov esi, esp\n lea edi, [esp - 4]\n mov ecx, 5\n rep movsd\n mov dword ptr [esp + 16], 0',
      {
        idt: [{ vector: 3, handler: 'handler', type: 'interrupt', ist: 0, dpl: 0 }],
      },
    ),
  )
  take('0s*11')
  expect(words(6, 4)).toEqual(['eflags hardware', ...['eflags', 'cs', 'eip'].map((name) => `${name} hardware`), 'eax software', 'ebx software'])
  take('0s')
  expect(words(2, 4)).toEqual([' plain, written by handler', 'eflags hardware'])
})

test('a handler that comes to lie on words that are still needed leaves them overwritten, also where they are copied later', () => {
  const program = `a: int3
  hlt
func handler
  mov edx, esp
  mov esp, [rel up]
  push dword ptr [edx]
  iretd
up: dd stack_end
func nmi
  push eax
  pop eax
  iretd`
  const idt = [3, 2].map((vector) => ({ vector, handler: vector === 3 ? 'handler' : 'nmi', type: 'interrupt' as const, ist: 0, dpl: 0 }))
  const environment = { nmi: { most: 1, cpus: [0] } }
  const scenario = toy32(program, { idt })
  const { take, words, log } = follow({ ...scenario, file: { ...scenario.file, machine: { ...scenario.file.machine, environment } } })
  take('0s*3 0N')
  expect(log.frames(0).map(({ label }) => label)).toEqual(['vector 3', 'NMI'])
  take('0s*3')
  expect(log.frames(0).map(({ label }) => label)).toEqual(['vector 3'])
  expect(words(3, 4)).toEqual(['eflags', 'cs', 'eip'].map((name) => `${name} hardware, overwritten by NMI!`))
  take('0s')
  expect(words(1, 4)).toEqual(['eip hardware, overwritten by NMI!'])
})

test('an interrupt on a stack of its own leaves by its IRET, wherever that stack lies', () => {
  const program = `a: nop\n nop\nfunc nmi\n push rax\n pop rax\n iretq\nsection .ist at 0xffffc90000090000 private=0 stack\n resb 64\nist_top: dq 0`
  const { take, log, words } = follow(
    toy(program, ['a'], {
      idt: [{ vector: 2, handler: 'nmi', ist: 1 }],
      machine: { environment: { nmi: { most: 1, cpus: [0] } } },
      cpus: [{ role: 'cpu', entry: 'a', registers: { rsp: 'stack0_top' }, ist: { 1: 'ist_top' } }],
    }),
  )
  take('0s 0N 0s')
  expect(log.frames(0).map(({ label }) => label)).toEqual(['NMI'])
  take('0s*2')
  expect(log.frames(0)).toEqual([])
  expect(words(2)).toEqual(['-', '-'])
})

test('what is known can be kept and gone back to', () => {
  const { take, words, log } = follow(toy('a: push rax\n push rbx\n pop rcx\n push rdx', ['a']))
  take('0s*2')
  const [before, kept] = [words(2), log.save()]
  take('0s*2')
  expect(words(2)).toEqual(['rax plain', 'rdx plain'])
  log.restore(kept)
  expect(words(2)).toEqual(before)
})
