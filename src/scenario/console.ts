/** Questions of debuggers: `p expression`, `x/8xb address`. Asked of one CPU at one moment; they change nothing. */
import { fail, ok, type Result } from '../lib/result.ts'
import { hex } from '../lib/u64.ts'
import type { Machine } from '../machine/machine.ts'
import type { Instance } from './build.ts'
import { evaluate } from './expression.ts'
import { readExpression } from './points.ts'
import { createScope, readWord } from './scope.ts'

const SIZES: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4, g: 8 }
const MOST_WORDS = 256
const PER_LINE = 16

/** The lines to show, or what is wrong and where. */
export function answerQuestion(instance: Instance, machine: Machine, cpu: number, text: string): Result<readonly string[]> {
  const print = /^p(?:rint)?(?:\/([xdu]))?\s+(.+)$/.exec(text)
  if (print !== null) {
    const value = valueAt(instance, machine, cpu, print[2] as string)
    if (!value.ok) return value
    if (print[1] === 'd') return ok([BigInt.asIntN(64, value.value).toString()])
    if (print[1] === 'u') return ok([value.value.toString()])
    return ok([addressText(instance, value.value)])
  }
  const examine = /^x(?:\/(\d*)([xdu]?)([bhwg]?))?\s+(.+)$/.exec(text)
  if (examine === null) return fail('expected "p expression" or "x/8xb address"')
  const start = valueAt(instance, machine, cpu, examine[4] as string)
  if (!start.ok) return start
  const count = Number(examine[1] || '1')
  const size = SIZES[examine[3] || 'g'] as number
  if (count < 1 || count > MOST_WORDS) return fail(`${examine[1]} words: 1 to ${MOST_WORDS} can be shown`)
  const lines: string[] = []
  const step = PER_LINE / size
  for (let i = 0; i < count; i += step) {
    const from = BigInt.asUintN(64, start.value + BigInt(i * size))
    const words = Array.from({ length: Math.min(step, count - i) }, (_, k) => {
      const word = readWord(machine, from + BigInt(k * size), size)
      return examine[2] === 'd' || examine[2] === 'u' ? word.toString() : word.toString(16).padStart(2 * size, '0')
    })
    lines.push(`${addressText(instance, from)}: ${words.join(' ')}`)
  }
  return ok(lines)
}

function valueAt(instance: Instance, machine: Machine, cpu: number, text: string): Result<bigint> {
  const expression = readExpression(instance, text)
  if (!expression.ok) return expression
  machine.select(cpu)
  return evaluate(
    expression.value,
    createScope(instance, () => machine),
  )
}

/** "0xffffffff81000040 site0". */
export function addressText(instance: Instance, address: bigint): string {
  const name = instance.program.nameOrNull(address)
  return name === null ? hex(address) : `${hex(address)} ${name}`
}
