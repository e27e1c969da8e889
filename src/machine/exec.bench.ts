/** How fast one CPU runs compiled code, untraced, and how fast `exec` gets through small cases. */
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { Random } from '../lib/random.ts'
import { createExecutor } from './exec.ts'
import { parseCase } from './exec-case.ts'

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly note?: string
}

/**
 * uint32_t work(uint32_t *a, long n, long rounds): in each round fills `a` by xorshift, takes its CRC-32 bit by bit, and sorts it by insertion.
 * gcc 12.2 -O2 -mgeneral-regs-only of our own C. work(a, 64, 1000) is checked below against the same code run natively.
 */
const WORK =
  '4885d20f8e440100004889f041574989f14531db48c1e83f41564531d24801f0415548d1f8415455488d2cb5000000004c8d2487be01000000534c8d443d004889d3660f1f440000' +
  '4889f94d85c97e2189f24883c104c1e20d31f289d0c1e81131d089c6c1e60531c68971fc4939c875df4885ed0f849c0000004989feb8ffffffff660f1f440000410fb6164983c601' +
  '31d0ba08000000660f1f8400000000004189c5d1e889c14183e50181f12083b8ed4585ed0f45c183ea0175e44d39c675c74183ea014129c24983f9017e484c8d770441bf01000000' +
  '0f1f840000000000458b2e4c89f0eb130f1f8400000000008910488d41fc4839f8743d8b50fc4889c14139d572ea4983c7014489294983c6044d39f975ca4983c301453314244c39' +
  'db0f8521ffffff5b4489d05d415c415d415e415fc30f1f004889f94983c7014983c6044489294d39f97595ebc931c0c3'
const RESULT = '0x907db05'

export function bench(): Row[] {
  loadIcedNode()
  return [...compiledCode(), smallCases()]
}

function compiledCode(): Row[] {
  const execute = createExecutor(createDecode())
  const run = (rounds: number) => {
    const spec = parseCase({
      bits: 64,
      rip: '0x401000',
      code: WORK,
      regs: { rdi: '0x600000', rsi: 64, rdx: rounds, rsp: '0x700ff8' },
      // The return address leads to a HLT.
      mem: [
        { addr: '0x600000', hex: '00'.repeat(256) },
        { addr: '0x700ff8', hex: '0010800000000000' },
        { addr: '0x801000', hex: 'f4' },
      ],
      maxSteps: 1e12,
    })
    if (!spec.ok) throw new Error(spec.error)
    const start = performance.now()
    const result = execute(spec.value)
    return { result, rate: result.steps / (performance.now() - start) / 1000 }
  }
  const { result } = run(1000)
  if (result.stop !== 'halt' || result.regs.rax !== RESULT) throw new Error(`the compiled code gave ${result.stop}, ${result.regs.rax}`)
  const rates = Array.from({ length: 5 }, () => run(3000).rate).sort((a, b) => a - b)
  return [{ name: 'compiled code, one CPU, untraced', value: rates[2] as number, unit: 'M instructions/s', note: 'median of 5; goal: 50 or more' }]
}

/** Random arithmetic on registers and memory, at the same addresses, as batches of random cases have it. */
function smallCases(): Row {
  const random = new Random(1)
  const execute = createExecutor(createDecode())
  const lines = Array.from({ length: 20_000 }, (_, id) => {
    const instructions = Array.from({ length: 1 + random.below(6) }, () => {
      const modrm = 0xc0 | random.below(64)
      return `48${random.pick(['01', '29', '31', '21', '09', '39', '11', '19'])}${modrm.toString(16)}`
    })
    const regs = Object.fromEntries(
      ['rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp'].map((name) => [name, `0x${(random.bits() >>> 0).toString(16)}`]),
    )
    return JSON.stringify({
      id: String(id),
      bits: 64,
      rip: '0x10000',
      code: `${instructions.join('')}cc`,
      regs,
      mem: [{ addr: '0x20000', hex: '00'.repeat(64) }],
    })
  })
  const start = performance.now()
  let bytes = 0
  for (const line of lines) {
    const spec = parseCase(JSON.parse(line))
    if (!spec.ok) throw new Error(spec.error)
    bytes += JSON.stringify(execute(spec.value)).length
  }
  const seconds = (performance.now() - start) / 1000
  if (bytes === 0) throw new Error('no output')
  return { name: 'exec: small cases', value: lines.length / seconds, unit: 'cases/s', note: 'JSON read and written' }
}
