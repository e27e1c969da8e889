/** What goes into the assembler and what comes out. */

export interface SourceFile {
  readonly name: string
  readonly text: string
}

export interface AssembleOptions {
  readonly bits: 64 | 32
  /** Constants from outside (a scenario's parameters): usable in every expression, also in `if`. */
  readonly defines?: Readonly<Record<string, bigint>>
  /** Assembled in order, as one unit. */
  readonly files: readonly SourceFile[]
}

/** Lines and columns count from 1. Inside a macro the position is that of its use; the message names the line of the definition. */
export interface Diagnostic {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly length: number
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** What would have been right there. */
  readonly expected?: string
}

export interface Section {
  readonly name: string
  readonly address: bigint
  readonly bytes: Uint8Array
  /** As written, without `at` and `align`: `key=value` or a bare flag (true). The assembler itself looks at `exec` only (what to pad with). */
  readonly attributes: Readonly<Record<string, string | true>>
}

/** One item that produced bytes: an instruction, data, or padding. */
export interface SourceLine {
  readonly section: string
  readonly address: bigint
  readonly length: number
  readonly file: string
  readonly line: number
  /** The annotation in force: our own C-like line. */
  readonly source: string | null
  /** The patch phase in force. */
  readonly phase: string | null
  /** The function that the item stands in. */
  readonly func: string | null
}

export interface Assembly {
  /** In the order in which they were opened. */
  readonly sections: readonly Section[]
  /** Labels (local ones as `global.local`) and `equ` constants. */
  readonly symbols: ReadonlyMap<string, bigint>
  /** Those names in `symbols` that are labels: the ones that a disassembly should show. */
  readonly labels: ReadonlySet<string>
  /** In the order of the sections, within one by address. */
  readonly lines: readonly SourceLine[]
}

export interface AssembleResult {
  /** Null if there was any error. */
  readonly assembly: Assembly | null
  readonly diagnostics: readonly Diagnostic[]
}
