import { expect, test } from 'vitest'
import { createDecode } from '../../decoder/decode.ts'
import { hexToBytes } from '../../lib/bytes.ts'
import { stepSelected } from '../step.ts'
import { createOneCpu, FLAGS, registerOf, ripOf, STOP, setRegister, setRip } from './one-cpu.ts'

function run(hex: string, steps: number, bits: 64 | 32 = 64) {
  const m = createOneCpu({
    bits,
    decode: createDecode(),
    code: { start: 0x1000_0000, bytes: hexToBytes(hex) as Uint8Array },
    data: [{ name: 'd', start: 0x2000_0000, bytes: new Uint8Array(4096) }],
  })
  setRip(m, 0x1000_0000)
  setRegister(m, 4, 0x2000_0800n)
  m.w[m.c + FLAGS] = 2
  for (let i = 0; i < steps; i++) stepSelected(m, 0)
  return m
}

test('smoke', () => {
  // mov rax, -1; add rax, 1; push rax; pop rcx; mov ebx, 5; dec ebx; jnz -4
  const m = run('48c7c0ffffffff4883c0015059bb05000000ffcb75fccc', 5 + 10)
  expect(registerOf(m, 0)).toBe(0n)
  expect(registerOf(m, 3)).toBe(0n)
  expect(ripOf(m).toString(16)).toBe('10000016')
  expect(m.w[m.c + STOP]).toBe(0)
})
test('speed', () => {
  // loop: add rax,rbx; xor rcx, rax; mov [rsp], rcx; mov rdx,[rsp]; lea rsi,[rdx+rax*2+5]; cmp rsi, rdx; adc rdi,0; sub rbp,1; jnz
  const m = run('4801d84831c148890c24488b1424488d7442054839d64883d7004883ed0175e0cc', 0)
  setRegister(m, 5, 3_000_000n)
  let n = 0
  const t = performance.now()
  while (m.w[m.c + STOP] === 0 && n < 40_000_000) {
    stepSelected(m, 0)
    n++
  }
  const dt = performance.now() - t
  console.log(n, dt, n / dt / 1000, 'M/s', ripOf(m).toString(16))
})
