/** `link encode [FILE]` and `link decode FRAGMENT`: share links (docs/links.md). */
import { decodeLink, encodeLink } from '../interchange/link.ts'
import { checkReplay } from '../interchange/replay.ts'
import { type CliIo, describeFileError } from './io.ts'

const USAGE = 'use "link encode [FILE]" (a replay as JSON, from FILE or standard input) or "link decode FRAGMENT"'

export async function run(args: string[], io: CliIo): Promise<number> {
  const [what, argument, ...rest] = args
  if (rest.length === 0 && what === 'encode') return encode(argument, io)
  if (rest.length === 0 && what === 'decode' && argument !== undefined) return decode(argument, io)
  return refuse(io, USAGE)
}

async function encode(path: string | undefined, io: CliIo): Promise<number> {
  const text = await readText(path, io)
  if (text === null) return 2
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return refuse(io, `${path ?? 'standard input'} holds no JSON: ${error instanceof Error ? error.message.split('\n')[0] : error}`)
  }
  const replay = checkReplay(replayIn(value))
  if (!replay.ok) return refuse(io, replay.error)
  io.out(`${encodeLink(replay.value)}\n`)
  return 0
}

/** A run that was exported as JSON holds its replay. */
function replayIn(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'replay' in value ? value.replay : value
}

async function readText(path: string | undefined, io: CliIo): Promise<string | null> {
  if (path === undefined || path === '-') {
    const lines: string[] = []
    for await (const line of io.stdin) lines.push(line)
    return lines.join('\n')
  }
  try {
    return io.readFile(path)
  } catch (error) {
    refuse(io, `${path}: ${describeFileError(error)}`)
    return null
  }
}

function decode(fragment: string, io: CliIo): number {
  const { link, problems } = decodeLink(fragment)
  if (problems.some(({ remark }) => remark === undefined)) return refuse(io, problems.map(({ message }) => message).join('; '))
  if (link.scenario === undefined) return refuse(io, 'the link is empty')
  for (const { message } of problems) io.err(`pokescope link: ${message}\n`)
  io.out(`${JSON.stringify(link)}\n`)
  return 0
}

function refuse(io: CliIo, message: string): number {
  io.err(`pokescope link: ${message}\n`)
  return 2
}
