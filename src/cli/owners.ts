/** `explore --workers N`: the owners of a shared search (explorer/owner.ts) in worker threads; batches change threads without being copied. */
import { parentPort, type Worker } from 'node:worker_threads'
import { createDecode } from '../decoder/decode.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { Owner } from '../explorer/owner.ts'
import type { OwnerPort } from '../explorer/shared-search.ts'
import { build } from '../scenario/build.ts'
import type { Scenario } from '../scenario/format.ts'
import { MachineModel } from '../scenario/model.ts'
import { OutcomeNames } from '../scenario/outcomes.ts'
import type { Params } from '../scenario/params.ts'
import { Checker } from '../scenario/properties.ts'
import { type Answer, ask, startThread } from './threads.ts'

interface Setup {
  readonly scenario: Scenario
  readonly params: Params
  readonly owners: number
  readonly self: number
  readonly maxBytes: number
}

type Method = keyof OwnerPort
type Call = { readonly setup: Setup } | { readonly method: Method; readonly args: readonly unknown[] }

export interface Owners {
  readonly ports: readonly OwnerPort[]
  end(): Promise<void>
}

export async function startOwners(scenario: Scenario, params: Params, owners: number, maxMb: number): Promise<Owners> {
  const threads = Array.from({ length: owners }, () => startThread('owner', 1024))
  const end = async () => {
    await Promise.all(threads.map((thread) => thread.terminate()))
  }
  try {
    const setup = { scenario, params, owners, maxBytes: (maxMb * 1e6) / owners }
    await Promise.all(threads.map((thread, self) => ask(thread, { setup: { ...setup, self } } satisfies Call)))
  } catch (error) {
    await end()
    throw error
  }
  return { ports: threads.map(portOf), end }
}

function portOf(thread: Worker): OwnerPort {
  const call = (method: Method, args: readonly unknown[]) => ask(thread, { method, args } satisfies Call, buffersIn(args))
  return {
    round: (...args) => call('round', args) as ReturnType<OwnerPort['round']>,
    judge: (...args) => call('judge', args) as ReturnType<OwnerPort['judge']>,
    origin: (...args) => call('origin', args) as ReturnType<OwnerPort['origin']>,
    choice: (...args) => call('choice', args) as ReturnType<OwnerPort['choice']>,
    summary: (...args) => call('summary', args) as ReturnType<OwnerPort['summary']>,
  }
}

/** In a thread. */
export function serveOwner(): void {
  const port = parentPort
  let owner: Owner | null = null
  const answer = (answer: Answer, transfer: ArrayBuffer[] = []) => port?.postMessage(answer, transfer)
  port?.on('message', (message: Call) => {
    try {
      if ('setup' in message) {
        owner = makeOwner(message.setup)
        answer({ output: null })
        return
      }
      if (owner === null) throw new Error('internal error: an owner was asked before it was set up')
      const method = owner[message.method] as (...args: readonly unknown[]) => unknown
      const output = method.apply(owner, [...message.args])
      answer({ output }, buffersIn([output]))
    } catch (error) {
      answer({ error: error instanceof Error ? error.message : String(error) })
    }
  })
}

function makeOwner({ scenario, params, owners, self, maxBytes }: Setup): Owner {
  loadIcedNode()
  const built = build(scenario, params, createDecode())
  if (!built.ok) throw new Error(built.error.join('; '))
  const checker = Checker.create(built.value)
  const names = OutcomeNames.create(built.value)
  if (!checker.ok || !names.ok) throw new Error([...(checker.ok ? [] : checker.error), ...(names.ok ? [] : names.error)].join('; '))
  return new Owner(new MachineModel(built.value, checker.value, names.value, { reduce: true }), owners, self, maxBytes)
}

/** The buffers of all batches: handed over, not copied. */
function buffersIn(value: unknown): ArrayBuffer[] {
  if (value instanceof Int32Array) return [value.buffer as ArrayBuffer]
  if (Array.isArray(value)) return value.flatMap(buffersIn)
  if (typeof value === 'object' && value !== null && 'out' in value) return buffersIn(value.out)
  return []
}
