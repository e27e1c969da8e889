/**
 * How long it takes from a cancel to an answer that says what was found until then. On the page a message that comes right after the worker has looked for
 * messages waits until it looks again; so that gap counts in full. On the command line it is the time from the signal to the end of the process.
 */
import { spawn } from 'node:child_process'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { Random } from '../lib/random.ts'
import { Searches } from './searches.ts'

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly note?: string
}

const SEARCHES = 40
/** Looks for messages before the cancel, at most: the search takes about as many. */
const MOST_LOOKS = 40
const PROCESSES = 6
const REQUEST = { kind: 'search', scenario: 'text-poke', params: { batch: 'jump-label' }, maxStates: 10_000_000, maxMb: 1024 } as const

export async function bench(): Promise<Row[]> {
  loadIcedNode()
  const random = new Random(3)
  const times: number[] = []
  while (times.length < SEARCHES) times.push(...(await cancelled(1 + random.below(MOST_LOOKS))))
  const ends: number[] = []
  for (let i = 0; i < PROCESSES; i++) ends.push(await interrupted(random.below(400)))
  const worst = (all: readonly number[]) => Math.max(...all)
  const middle = (all: readonly number[]) => (all.toSorted((a, b) => a - b)[all.length >> 1] as number).toFixed(0)
  return [
    {
      name: 'page worker, cancel to verdict, the worst',
      value: worst(times),
      unit: 'ms',
      note: `${SEARCHES} searches, median ${middle(times)}; goal: 100 or less`,
    },
    {
      name: 'command line, Ctrl-C to the end, the worst',
      value: worst(ends),
      unit: 'ms',
      note: `${PROCESSES} processes, median ${middle(ends)}; goal: 100 or less`,
    },
  ]
}

/** Milliseconds from the look before the cancel is seen to the verdict; nothing where the search ended before. */
async function cancelled(looks: number): Promise<number[]> {
  let look = 0
  let seen = performance.now()
  let states = -1
  let cut: string | null = null
  await new Searches(({ scenario }) => atlas.get(scenario)).search(REQUEST, {
    decode: createDecode(),
    reply: (answer) => {
      if (answer.kind === 'verdict') ({ states, cut } = answer.verdict)
    },
    goesOn: async () => {
      if (++look >= looks) return false
      await new Promise((resolve) => setImmediate(resolve))
      seen = performance.now()
      return true
    },
  })
  const time = performance.now() - seen
  if (states <= 0) throw new Error('a cancelled search says nothing')
  return cut === 'cancelled' ? [time] : []
}

/** Milliseconds from the signal, sent so long after the first line of progress, to the end of the process. */
function interrupted(delay: number): Promise<number> {
  const args = ['scripts/cli.mjs', 'explore', 'examples/counted-acks.json', '--set', 'callers=3', '--no-symmetry', '--no-reduction', '--json']
  const child = spawn('node', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  return new Promise((resolve, reject) => {
    let sent = 0
    let out = ''
    child.stdout.on('data', (data) => (out += String(data)))
    child.stderr.once('data', () =>
      setTimeout(() => {
        sent = performance.now()
        child.kill('SIGINT')
      }, delay),
    )
    let time = 0
    child.on('exit', () => {
      time = performance.now() - sent
    })
    child.on('close', () => {
      if (out.includes('"cut": "cancelled"')) resolve(time)
      else reject(new Error(`the search was not cancelled: ${out.slice(0, 200)}`))
    })
  })
}
