/** What a final state is called in the table of outcomes: the values of the scenario's `outcome` expressions, e.g. "1:rax=2 2:rax=2". */
import { fail, ok, type Result } from '../lib/result.ts'
import type { Machine } from '../machine/machine.ts'
import type { Instance } from './build.ts'
import { type Expression, evaluate, parseExpression, type Scope, unknownName } from './expression.ts'
import { createScope, firstUnknown } from './scope.ts'

interface Term {
  readonly text: string
  /** Whose registers and private memory. */
  readonly cpu: number
  readonly expression: Expression
}

export class OutcomeNames {
  private readonly terms: readonly Term[]
  private readonly scope: Scope
  private machine: Machine | null = null

  private constructor(instance: Instance, terms: readonly Term[]) {
    this.terms = terms
    this.scope = createScope(instance, () => this.machine as Machine)
  }

  /** Terms of CPUs that are not present with the chosen parameters are left out. */
  static create(instance: Instance): Result<OutcomeNames, string[]> {
    const { file } = instance.scenario
    const terms: Term[] = []
    const mistakes: string[] = []
    for (const [i, text] of file.outcome.entries()) {
      const prefix = /^(\d+):/.exec(text)
      const cpu = Number(prefix?.[1] ?? 0)
      const parsed = parseExpression(text.slice(prefix?.[0].length ?? 0))
      const unknown = parsed.ok ? firstUnknown(parsed.value, file, (name) => instance.program.symbol(name) !== null) : null
      if (!parsed.ok) mistakes.push(`outcome.${i}: ${parsed.error}`)
      else if (unknown !== null) mistakes.push(`outcome.${i}: ${unknownName(unknown)}`)
      else if (cpu >= file.cpus.length) mistakes.push(`outcome.${i}: there is no CPU ${cpu}`)
      else if (cpu < instance.cpus.length) terms.push({ text, cpu, expression: parsed.value })
    }
    return mistakes.length > 0 ? fail(mistakes) : ok(new OutcomeNames(instance, terms))
  }

  of(m: Machine): string {
    this.machine = m
    const values = this.terms.map(({ text, cpu, expression }) => {
      m.select(cpu)
      const value = evaluate(expression, this.scope)
      return `${text}=${value.ok ? value.value : `(${value.error})`}`
    })
    return values.join(' ')
  }
}
