/**
 * Assembly text in Intel syntax → bytes at addresses, symbols, and which line each byte came from. `README.md` beside this file
 * describes the language.
 */
import { checkNames } from './check.ts'
import { emit } from './emit.ts'
import { expand } from './expand.ts'
import { Layout } from './layout.ts'
import { Program } from './program.ts'
import { Diagnostics } from './source.ts'
import type { AssembleOptions, AssembleResult } from './types.ts'

export type * from './types.ts'

/** Never throws for what is in the text, and always ends. */
export function assemble(options: AssembleOptions): AssembleResult {
  const diagnostics = new Diagnostics()
  const program = new Program(options.bits, options.defines ?? {}, diagnostics)
  expand(options.files, program)
  checkNames(program)
  const layout = new Layout(program)
  if (!layout.run()) return { assembly: null, diagnostics: diagnostics.list }
  // Also with errors so far, because more of them may show now.
  const assembly = emit(program, layout)
  return { assembly: diagnostics.hasErrors ? null : assembly, diagnostics: diagnostics.list }
}
