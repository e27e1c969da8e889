/**
 * Assembly text in Intel syntax → bytes at addresses, symbols, and which line each byte came from. `README.md` beside this file
 * describes the language.
 */
import { checkNames, orderEqus } from './check.ts'
import { emit } from './emit.ts'
import { expand } from './expand.ts'
import { Layout } from './layout.ts'
import { Program } from './program.ts'
import { Diagnostics } from './source.ts'
import type { AssembleOptions, AssembleResult, Diagnostic, SourceFile } from './types.ts'

export type * from './types.ts'

/** Never throws for what is in the text, and always ends. */
export function assemble(options: AssembleOptions): AssembleResult {
  const diagnostics = new Diagnostics()
  const program = new Program(options.bits, options.defines ?? {}, diagnostics)
  expand(options.files, program)
  checkNames(program)
  const layout = new Layout(program, orderEqus(program))
  // Bytes are written also with errors so far, because more of them may show then.
  const assembly = layout.run() ? emit(program, layout) : null
  return { assembly: diagnostics.hasErrors ? null : assembly, diagnostics: inOrder(diagnostics.list, options.files) }
}

function inOrder(list: readonly Diagnostic[], files: readonly SourceFile[]): readonly Diagnostic[] {
  const position = new Map(files.map((file, i) => [file.name, i]))
  const at = (diagnostic: Diagnostic) => position.get(diagnostic.file) ?? 0
  return [...list].sort((a, b) => at(a) - at(b) || a.line - b.line || a.column - b.column)
}
