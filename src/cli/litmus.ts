/**
 * `litmus FILE…`: explores x86 litmus tests exhaustively and prints herd7's record of each. A folder stands for all .litmus files below it, in alphabetical
 * order: a suite has more paths than a shell passes on. An unreadable file is named, the others still run.
 */
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { litmusRecord, runLitmus } from '../interchange/litmus/run.ts'
import { type CliIo, describeFileError } from './io.ts'

const SUFFIX = '.litmus'

export async function run(args: string[], io: CliIo): Promise<number> {
  const option = args.find((arg) => arg.startsWith('-'))
  if (args.length === 0 || option !== undefined) {
    io.err(args.length === 0 ? 'litmus: name one or more .litmus files, or folders that hold some\n' : `litmus: unknown option ${option}\n`)
    return 2
  }
  loadIcedNode()
  const decode = createDecode()
  let code = 0
  const refuse = (path: string, message: string) => {
    io.err(`litmus: ${path}: ${message}\n`)
    code = 2
  }
  for (const arg of args) if (filesOf(arg, io).length === 0) refuse(arg, `holds no ${SUFFIX} file`)
  for (const path of args.flatMap((arg) => filesOf(arg, io))) {
    let text: string
    try {
      text = io.readFile(path)
    } catch (error) {
      refuse(path, describeFileError(error))
      continue
    }
    const result = runLitmus(text, decode)
    if (result.ok) io.out(litmusRecord(result.value))
    else refuse(path, result.error)
  }
  return code
}

/** The path itself, or the litmus tests below it where it is a folder. */
function filesOf(path: string, io: CliIo): string[] {
  if (path.endsWith(SUFFIX) || io.filesBelow === undefined) return [path]
  try {
    return io.filesBelow(path).flatMap((file) => (file.endsWith(SUFFIX) ? [`${path.replace(/\/+$/, '')}/${file}`] : []))
  } catch {
    return [path] // no folder: reading it says what it is
  }
}
