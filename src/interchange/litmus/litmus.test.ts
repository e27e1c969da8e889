import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import { litmusRecord, runLitmus } from './run.ts'

/** Published verdicts: Intel SDM 3A 8.2.3 (8-1…8-10), Intel 2007 white paper (iwp), AMD APM 2 7.2 (amd), Owens, Sarkar, Sewell 2009 (n1…n8, rwc). */
const ALLOWED = ['SB', 'SB+mfence+po', 'n8', 'SB+lfences', 'SB+sfences', 'SB+rfi', 'amd3', 'R', 'RWC', 'n1', 'n6', 'n7']
const FORBIDDEN = [
  'SB+mfences',
  'SB+xchgs',
  'SB+rfi+mfences',
  'MP',
  'MP+xchg',
  'LB',
  'S',
  'R+po+mfence',
  '2+2W',
  'WRC',
  'IRIW',
  'IRIW+xchgs',
  'RWC+po+mfence',
  'iwp2.6',
  'n2',
  'n3',
  'n4',
  'n5',
]

const FOLDER = new URL('./named/', import.meta.url)
const decode = createDecode()

function record(name: string): string {
  const result = runLitmus(readFileSync(new URL(`${encodeURIComponent(name)}.litmus`, FOLDER), 'utf8'), decode)
  if (!result.ok) throw new Error(result.error)
  return litmusRecord(result.value)
}

describe('named litmus tests have their published verdicts', () => {
  test.each(ALLOWED)('%s is allowed', (name) => {
    expect(record(name)).toMatch(/\nOk\nWitnesses\n/)
  })

  test.each(FORBIDDEN)('%s is forbidden', (name) => {
    expect(record(name)).toMatch(/\nNo\nWitnesses\nPositive: 0 /)
  })

  test('every file is in one of the lists', () => {
    const files = readdirSync(FOLDER).map((file) => file.replace(/\.litmus$/, ''))
    expect(files.sort()).toEqual([...ALLOWED, ...FORBIDDEN].sort())
  })
})

function run(text: string): string {
  const result = runLitmus(text, decode)
  return result.ok ? litmusRecord(result.value) : `error: ${result.error}`
}

describe('the record', () => {
  test('has the lines that herd7 prints', () => {
    expect(record('SB')).toBe(
      `Test SB Allowed
States 4
0:rax=0; 1:rax=0;
0:rax=0; 1:rax=1;
0:rax=1; 1:rax=0;
0:rax=1; 1:rax=1;
Ok
Witnesses
Positive: 1 Negative: 3
Condition exists (0:rax=0 /\\ 1:rax=0)
Observation SB Sometimes 1 3

`,
    )
  })

  test('of a forbidden condition counts the states that respect it as positive', () => {
    const text = 'X86_64 T\n{ int y; }\n P0 | P1 ;\n movl $1,(y) | movl $2,%eax ;\n | xchgl (y),%eax ;\n~exists 1:rax=1 /\\ [y]=1\n'
    expect(run(text)).toContain(
      'Test T Forbidden\nStates 2\n1:rax=0; [y]=1;\n1:rax=1; [y]=2;\nOk\nWitnesses\nPositive: 2 Negative: 0\nCondition ~exists (1:rax=1 /\\ [y]=1)\nObservation T Never 0 2\n',
    )
  })

  test('reads 32-bit tests with Intel-style operands, and prints their registers in upper case', () => {
    const text =
      'X86 SB\n"PodWR Fre"\nCycle=Fre\n{ x=0; y=0; }\n P0 | P1 ;\n MOV [x],$1 | MOV [y],$1 ;\n MOV EAX,[y] | MOV EAX,[x] ;\nexists\n(0:EAX=0 /\\ 1:EAX=0)\n'
    expect(run(text)).toContain('States 4\n0:EAX=0; 1:EAX=0;\n')
  })

  test('knows arrays, addresses in registers, signed types, labels, loops and locations to print', () => {
    expect(
      run('X86_64 A\n{ int64_t t[2]={1,-1}; 0:rax=t; 0:rbx=1; int64_t 0:rcx; }\n P0 ;\n movq 0(%rax,%rbx,8),%rcx ;\nforall 0:rcx = -1\n'),
    ).toContain('0:rcx=-1;\nOk')
    expect(
      run(
        'X86_64 B\n{ uint64_t x; uint64_t y; }\n P0 | P1 ;\n movq $1,(x) | L0: movq (x),%rax ;\n | cmpq $1,%rax ;\n | jne L0 ;\n | movq $7,(y) ;\nlocations [y; 1:rax;]\nforall (true)\n',
      ),
    ).toContain('States 1\n1:rax=1; [y]=7;\nOk')
  })
})

describe('what cannot be read is said, with the place', () => {
  test.each([
    ['', 'the first line'],
    ['X86_64 T\n{ }\n P0 ;\n movq $1,(x) ;\n', 'no condition'],
    ['X86_64 T\n{ }\n P0 ;\n frobnicate %rax ;\nexists (x=1)\n', 'frobnicate'],
    ['X86_64 T\n{ }\n P0 ;\n movq $1,(x) ;\nexists (x=1 /\\ )\n', 'the condition'],
    ['X86_64 T\n{ wibble x; }\n P0 ;\n movq $1,(x) ;\nexists (x=1)\n', 'wibble'],
    ['X86_64 T\n{ }\n P0 ;\n ud2 ;\nexists (x=1)\n', 'faults'],
  ])('%j', (text, part) => {
    expect(run(text)).toContain(part)
  })
})
