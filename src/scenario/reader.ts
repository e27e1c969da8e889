/** Evaluates the expressions of a scenario file, and collects everything that is wrong with it, each with its place. */
import { evaluate, parseExpression, type Scope } from './expression.ts'
import type { ScenarioFile } from './format.ts'
import type { Params } from './params.ts'
import type { Program } from './program.ts'

export class Reader {
  readonly file: ScenarioFile
  readonly mistakes: string[] = []
  private readonly scope: Scope

  constructor(file: ScenarioFile, params: Params, program: Program) {
    this.file = file
    this.scope = { register: () => null, symbol: (name) => params[name] ?? program.symbol(name), memory: () => null }
  }

  /** The value of an expression; 0 where it has none, and then what is wrong with it is noted under `where`. */
  value(where: string, expression: string | number): bigint {
    if (typeof expression === 'number') return BigInt.asUintN(64, BigInt(expression))
    const parsed = parseExpression(expression)
    const result = parsed.ok ? evaluate(parsed.value, this.scope) : parsed
    if (result.ok) return result.value
    this.mistakes.push(`${where}: ${result.error}`)
    return 0n
  }

  /** Does the condition of an optional part hold (or is there none)? */
  present(where: string, condition: string | undefined): boolean {
    return condition === undefined || this.value(`${where}.when`, condition) !== 0n
  }

  /** An integer from `least` to `most`. */
  within(where: string, expression: string | number, least: number, most: number): number {
    const value = Number(this.value(where, expression))
    if (value < least || value > most) this.mistakes.push(`${where}: ${value} is not ${least}..${most}`)
    return value
  }

  selector(where: string, expression: string | number): number {
    const selector = Number(this.value(where, expression))
    if (selector > 0xffff || selector < 4 || (selector & 3) !== 0) this.mistakes.push(`${where}: ${selector} is no selector of privilege level 0`)
    return selector
  }

  /** The entries of a list that are present, each with its place. */
  *entries<T extends { readonly when?: string | undefined }>(name: string, list: readonly T[]): Generator<readonly [string, T]> {
    for (const [i, entry] of list.entries()) if (this.present(`${name}.${i}`, entry.when)) yield [`${name}.${i}`, entry]
  }
}
