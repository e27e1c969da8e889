/** `exec`: raw machine code on one CPU, one JSON case a line in, one JSON result a line out. */
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { createExecutor } from '../machine/exec.ts'
import { parseCase } from '../machine/exec-case.ts'
import type { CliIo } from './io.ts'

export async function run(args: string[], io: CliIo): Promise<number> {
  if (args.length > 0) {
    io.err('pokescope exec: takes no arguments; cases come on standard input, one a line\n')
    return 2
  }
  loadIcedNode()
  const execute = createExecutor(createDecode())
  let line = 0
  let code = 0
  for await (const text of io.stdin) {
    line++
    if (text.trim() === '') continue
    const json = parseJson(text)
    const spec = json instanceof Error ? { ok: false as const, error: `is no JSON: ${json.message.split('\n')[0]}` } : parseCase(json)
    if (spec.ok) {
      io.out(`${JSON.stringify(execute(spec.value))}\n`)
      continue
    }
    // A result keeps the place of the bad case, so that the others still line up.
    code = 2
    io.err(`pokescope exec: line ${line}: ${spec.error}\n`)
    io.out(`${JSON.stringify({ id: idOf(json), stop: 'error', detail: spec.error })}\n`)
  }
  return code
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return error
  }
}

function idOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'id' in json ? json.id : null
}
