/**
 * The command line twin: finds the verb and runs it. A verb is a file beside this one that exports `run`; it is loaded only when asked for.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type CliIo, linesOf, type Verb } from './io.ts'

/** What each verb is good for, in the order in which help shows them. */
const SUMMARIES: Readonly<Record<string, string>> = {
  list: 'list the bundled scenarios: strategies, parameters, expected verdicts',
  run: 'run one schedule of a scenario and export it',
  explore: 'search every interleaving: the shortest race, or proof that there is none',
  ablate: 'switch off each barrier, IPI, check and lock in turn, and explore',
  hazards: 'the hazard matrix: every strategy against every hazard, by search',
  compare: 'lay a recording of a real kernel beside the model: is it an execution that the model allows?',
  record: 'record one long run under a seed, and count what it cost',
  merge: 'combine the results of explore --swarm into one verdict',
  litmus: 'run .litmus files exhaustively and print what herd7 prints',
  exec: 'run raw machine code on one CPU (NDJSON on standard input)',
  link: 'encode and decode share links',
}

const VERBS = import.meta.glob<Verb>([
  './ablate.ts',
  './compare.ts',
  './exec.ts',
  './explore.ts',
  './hazards.ts',
  './link.ts',
  './list.ts',
  './litmus.ts',
  './merge.ts',
  './record.ts',
  './run.ts',
])

/** Runs `pokescope ARGS…` and answers with the exit code. */
export async function main(args: string[], io: CliIo = processIo()): Promise<number> {
  const [verb, ...rest] = args
  if (verb === undefined || verb === 'help' || verb === '--help' || verb === '-h') {
    const text = usage()
    if (verb === undefined) io.err(text)
    else io.out(text)
    return verb === undefined ? 2 : 0
  }
  const load = Object.hasOwn(SUMMARIES, verb) ? VERBS[`./${verb}.ts`] : undefined
  if (load === undefined) {
    io.err(`pokescope: "${verb}" is no verb (try: ${known().join(', ')})\n`)
    return 2
  }
  return (await load()).run(rest, io)
}

/** What a worker thread of this very file does (threads.ts). */
export async function thread(entry: string): Promise<void> {
  if (entry === 'owner') return (await import('./owners.ts')).serveOwner()
  if (entry !== 'jobs') throw new Error(`internal error: no thread does "${entry}"`)
  const [{ serveTasks }, { runJob }] = await Promise.all([import('./threads.ts'), import('./jobs.ts')])
  serveTasks(runJob)
}

function known(): string[] {
  return Object.keys(SUMMARIES).filter((verb) => `./${verb}.ts` in VERBS)
}

function usage(): string {
  const lines = known().map((verb) => `  ${verb.padEnd(9)}${SUMMARIES[verb]}\n`)
  return `Usage: npm run -s cli -- VERB …\n\n${lines.join('')}`
}

/** Writes to pipes, files and terminals are synchronous here (Node on Linux and macOS), so a long stream of results needs no waiting. */
function processIo(): CliIo {
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  return {
    stdin: linesOf(standardInput()),
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    readFile: (path) => readFileSync(path, 'utf8'),
    writeFile: (path, text) => writeFileSync(path, text),
    filesBelow,
    stopAsked: listenForInterrupt(),
  }
}

function listenForInterrupt(): () => Promise<boolean> {
  let asked = false
  let listens = false
  return () => {
    if (!listens) process.once('SIGINT', () => void (asked = true))
    listens = true
    return new Promise((resolve) => setImmediate(() => resolve(asked)))
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
}

/** A generator, so that a verb that never reads does not open standard input. */
async function* standardInput(): AsyncGenerator<string> {
  process.stdin.setEncoding('utf8')
  for await (const chunk of process.stdin) yield chunk as string
}
