/**
 * What a verb may touch of the outside: handed in, so that tests of verbs need no process.
 */
export interface CliIo {
  /** Standard input, line by line, without line ends. Read lazily: 100,000 lines take constant memory. */
  readonly stdin: AsyncIterable<string>
  /** Results, and nothing else. No line end is added. */
  out(text: string): void
  /** Messages and progress. No line end is added. */
  err(text: string): void
  /** Throws where the file cannot be read; `describeFileError` says it in one line. */
  readFile(path: string): string
  writeFile(path: string, text: string): void
  /** All files below a folder, as paths from there, in alphabetical order. Throws where it cannot be read. */
  filesBelow?(folder: string): readonly string[]
  /**
   * For long work, to be asked now and then: lets signals in, and answers true once the user wants it to end (Ctrl-C). What was found until then is told.
   * Who presses Ctrl-C again, or while nobody asks, ends the process.
   */
  stopAsked?(): Promise<boolean>
}

/** A verb answers with its exit code: 0 success, 1 found a violation or mismatch it was asked to look for, 2 bad input. */
export interface Verb {
  run(args: string[], io: CliIo): Promise<number>
}

/** "no such file", "is a folder"…: what a user wants to know of an error that `readFile` or `writeFile` threw. */
export function describeFileError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return FILE_ERRORS[code] ?? (error instanceof Error ? error.message : String(error))
}

const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'is a folder',
  ENOTDIR: 'a part of the path is no folder',
  EACCES: 'no permission',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left',
}

/**
 * Cuts a stream of text into lines at \n and \r\n. (Node's readline would also cut at U+2028, which JSON allows within a string.)
 */
export async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
      yield withoutReturn(rest + chunk.slice(start, end))
      rest = ''
      start = end + 1
    }
    rest += chunk.slice(start)
  }
  if (rest !== '') yield withoutReturn(rest)
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
