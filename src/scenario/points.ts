/**
 * Breakpoints and watchpoints. A breakpoint stops where a CPU has come to an address; a watchpoint where a step has read, written or changed some bytes. Both are told
 * by what a step did, so they stop at the same moments forwards and backwards.
 *
 * Who writes bytes is the CPU whose store it is, when it executes; bytes change when the store becomes visible.
 */
import { byteCount } from '../lib/bytes.ts'
import { fail, ok, type Result } from '../lib/result.ts'
import { choiceCpu } from '../machine/choice.ts'
import type { Machine } from '../machine/machine.ts'
import type { Instance } from './build.ts'
import { type Expression, evaluate, parseExpression, unknownName } from './expression.ts'
import type { Taken } from './run.ts'
import { createScope, firstUnknown, readWord } from './scope.ts'
import { addressOf } from './trace-log.ts'

interface Common {
  readonly id: number
  readonly enabled: boolean
  /** null: any CPU. */
  readonly cpu: number | null
  /** A label, an address, or an expression: "site0", "0xffffffff81000000", "caller + 5"; for a breakpoint also "file.asm:12". */
  readonly where: string
  /** Stops only where this is not 0, asked of the CPU that has moved; empty: always. */
  readonly condition: string
}

export interface Breakpoint extends Common {
  readonly kind: 'break'
}

export interface Watchpoint extends Common {
  readonly kind: 'watch'
  /** Bytes. */
  readonly size: number
  readonly access: 'read' | 'write' | 'change'
}

export type Point = Breakpoint | Watchpoint

/** A point whose expressions have been read. */
export interface Armed {
  readonly point: Point
  readonly address: bigint
  readonly condition: Expression | null
}

const FILE_LINE = /^([\w.-]+):(\d+)$/

/** What is wrong with it, where it is wrong. */
export function arm(instance: Instance, machine: Machine, point: Point): Result<Armed> {
  const address = placeOf(instance, machine, point.where.trim())
  if (!address.ok) return address
  if (point.kind === 'watch' && ![1, 2, 4, 8].includes(point.size)) return fail(`${point.size} bytes cannot be watched: 1, 2, 4 or 8`)
  if (point.cpu !== null && instance.cpus[point.cpu] === undefined) return fail(`there is no CPU ${point.cpu}`)
  if (point.condition.trim() === '') return ok({ point, address: address.value, condition: null })
  const condition = readExpression(instance, point.condition)
  return condition.ok ? ok({ point, address: address.value, condition: condition.value }) : fail(`the condition: ${condition.error}`)
}

export function readExpression(instance: Instance, text: string): Result<Expression> {
  const expression = parseExpression(text)
  if (!expression.ok) return expression
  const unknown = firstUnknown(expression.value, instance.scenario.file, (name) => instance.program.symbol(name) !== null)
  return unknown === null ? expression : fail(`${unknownName(unknown)}, at character ${text.indexOf(unknown) + 1}`)
}

function placeOf(instance: Instance, machine: Machine, text: string): Result<bigint> {
  const line = FILE_LINE.exec(text)
  if (line !== null) {
    const rows = instance.program.assembly.lines.filter(
      (row) => (row.file === line[1] || row.file.endsWith(`/${line[1]}`)) && row.line >= Number(line[2]),
    )
    const first = rows.sort((a, b) => a.line - b.line || (a.address < b.address ? -1 : 1))[0]
    return first === undefined ? fail(`there is no code at or behind ${text}`) : ok(first.address)
  }
  const expression = readExpression(instance, text)
  return expression.ok
    ? evaluate(
        expression.value,
        createScope(instance, () => machine),
      )
    : expression
}

/** Asks of each step, in order, whether a point stops there. */
export class Traps {
  private readonly armed: readonly Armed[]
  private readonly machine: Machine
  private readonly scope: ReturnType<typeof createScope>
  private readonly values: bigint[]

  /** `machine`: the one that takes the steps. */
  constructor(instance: Instance, machine: Machine, armed: readonly Armed[]) {
    this.armed = armed
    this.machine = machine
    this.scope = createScope(instance, () => machine)
    this.values = armed.map(() => 0n)
    this.restart()
  }

  /** The machine has been put elsewhere: what was there before is read anew. */
  restart(): void {
    for (const [i, { point, address }] of this.armed.entries())
      if (point.kind === 'watch') this.values[i] = readWord(this.machine, address, point.size)
  }

  /** The points that stop after this step, which has just been taken. */
  after(taken: Taken): readonly Point[] {
    const hit: Point[] = []
    const cpu = choiceCpu(taken.choice)
    for (const [i, { point, address, condition }] of this.armed.entries()) {
      const happened =
        point.kind === 'break'
          ? (taken.kind === 'retired' || taken.kind === 'event') && addressOf(this.machine, cpu) === address
          : this.touched(i, point, address, taken)
      if (!happened || (point.cpu !== null && point.cpu !== cpu)) continue
      if (condition !== null) {
        this.machine.select(cpu)
        const value = evaluate(condition, this.scope)
        if (!value.ok || value.value === 0n) continue
      }
      hit.push(point)
    }
    return hit
  }

  private touched(index: number, { access, size }: Watchpoint, address: bigint, { events }: Taken): boolean {
    if (access === 'change') {
      const value = readWord(this.machine, address, size)
      const changed = value !== this.values[index]
      this.values[index] = value
      return changed
    }
    const kind = access === 'read' ? 'load' : 'store'
    return events.some((event) => event.kind === kind && event.address < address + BigInt(size) && address < event.address + BigInt(event.size))
  }
}

/** As in a list: "site0", "changed: 4 bytes at refs". */
export function describePoint(point: Point): string {
  const { cpu, where, condition } = point
  const what = point.kind === 'break' ? where : `${ACCESS[point.access]}: ${byteCount(point.size)} at ${where}`
  return `${what}${cpu === null ? '' : `, CPU ${cpu}`}${condition === '' ? '' : `, if ${condition}`}`
}

const ACCESS = { read: 'read', write: 'written', change: 'changed' } as const
