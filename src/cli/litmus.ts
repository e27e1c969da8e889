/** `litmus FILE…`: explores x86 litmus tests exhaustively and prints herd7's record of each. An unreadable file is named, the others still run. */
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { litmusRecord, runLitmus } from '../interchange/litmus/run.ts'
import { type CliIo, describeFileError } from './io.ts'

export async function run(args: string[], io: CliIo): Promise<number> {
  const option = args.find((arg) => arg.startsWith('-'))
  if (args.length === 0 || option !== undefined) {
    io.err(args.length === 0 ? 'litmus: name one or more .litmus files\n' : `litmus: unknown option ${option}\n`)
    return 2
  }
  loadIcedNode()
  const decode = createDecode()
  let code = 0
  for (const path of args) {
    let text: string
    try {
      text = io.readFile(path)
    } catch (error) {
      io.err(`litmus: ${path}: ${describeFileError(error)}\n`)
      code = 2
      continue
    }
    const result = runLitmus(text, decode)
    if (result.ok) io.out(litmusRecord(result.value))
    else {
      io.err(`litmus: ${path}: ${result.error}\n`)
      code = 2
    }
  }
  return code
}
