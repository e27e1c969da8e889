/**
 * A little world for tests: a worker that answers when it is told to, an address bar with a history, a clock that is set by hand. Its scenario is a
 * straight line of steps on which CPU 0 and CPU 1 can always move; the fragment of a view is spelled as the real one is.
 */

import { decodeLink, encodeLink } from '../interchange/link.ts'
import type { TimelineData } from '../timeline/model.ts'
import { wholeTimeline } from '../timeline/update.ts'
import type { Reply, Request, ScenarioInfo, SearchVerdict, View } from '../worker/protocol.ts'
import type { AddressBar, Client, Ports, Timer } from './ports.ts'

type Snapshot = View['snapshot']
type ChoiceView = Snapshot['choices'][number]

export function aScenario(id: string, more: Partial<ScenarioInfo> = {}): ScenarioInfo {
  const params = [{ name: 'sync1', title: 'sync 1', values: ['on', 'off'], default: 'on', help: null, alone: false }]
  return { id, title: id, family: 'tests', summary: '', story: '', sources: [], params, properties: [], expected: [], ...more }
}

export function aChoice(cpu: number, kind: ChoiceView['kind'] = 'step'): ChoiceView {
  const choice = cpu | (['step', 'drain', 'irq', 'nmi', 'nmi-arrives', 'timer-arrives', 'prefetch'].indexOf(kind) << 3)
  return { choice, token: `${cpu}s`, cpu, kind, title: '', detail: null, effect: '', meaning: null, violates: [], visible: true }
}

export function aCpu(id: number): Snapshot['cpus'][number] {
  const flags = { cf: false, pf: false, af: false, zf: false, sf: false, df: false, of: false, if: true, value: '0x202' }
  const words = {
    role: 'caller',
    rip: '0x1000',
    symbol: 'site',
    func: null,
    source: null,
    shadow: null,
    nmiBlocked: false,
    stopReason: null,
    waitsFor: null,
  }
  const lists = { registers: [], nesting: [], stores: [], pending: [], inService: [], code: [] }
  return { id, flags, state: 'running', stack: { name: '', top: '0x0', sp: '0x0', words: [] }, ...words, ...lists }
}

export function aTimeline(movers: readonly number[], spans: TimelineData['spans'] = []): TimelineData {
  const lists = { lanes: [], shades: [], marks: [], arrows: [], phases: [] }
  return { steps: movers.length, spans, violation: null, movers: Uint8Array.from(movers), ...lists }
}

function aBranch(id: number): View['branches'][number] {
  return { id, name: `branch ${id}`, named: false, starred: false, parent: id === 0 ? null : 0, forkedAt: 0, length: 0, violatedAt: null }
}

export interface Moment {
  readonly scenario?: ScenarioInfo
  readonly params?: Readonly<Record<string, string>>
  readonly movers?: readonly number[]
  readonly cursor?: number
  readonly branch?: number
  readonly choices?: readonly ChoiceView[]
  readonly properties?: Snapshot['properties']
  readonly verified?: boolean | null
  readonly remarks?: readonly string[]
}

export function aView(moment: Moment = {}): View {
  const { scenario = aScenario('one'), params = {}, movers = [], cursor = movers.length, branch = 0, verified = null, remarks = [] } = moment
  const { choices = [aChoice(0), aChoice(1)], properties = [] } = moment
  const schedule = movers.map((cpu) => `${cpu}s`).join(' ')
  const snapshot: Snapshot = {
    step: cursor,
    cpus: [aCpu(0), aCpu(1)],
    sites: [],
    data: [],
    choices,
    properties,
    final: false,
    phase: null,
    said: null,
    meaning: null,
    digest: '',
  }
  const chosen = Object.entries(params).filter(([name, value]) => scenario.params.find((param) => param.name === name)?.default !== value)
  const fragment = encodeLink({ scenario: scenario.id, params: Object.fromEntries(chosen), schedule, cursor })
  const timeline = { whole: true, update: wholeTimeline(aTimeline(movers)) }
  return {
    scenario,
    params,
    cursor,
    length: movers.length,
    schedule,
    branch,
    branches: branch === 0 ? [] : Array.from({ length: branch + 1 }, (_, id) => aBranch(id)),
    snapshot,
    timeline,
    fragment,
    verified,
    remarks,
    moments: [],
  }
}

export function aVerdict(more: Partial<SearchVerdict> = {}): SearchVerdict {
  const numbers = { states: 10, transitions: 20, depth: 5, bytes: 100, seconds: 1 }
  return { kind: 'exhausted', cut: null, complete: true, violations: [], outcomes: [], params: {}, ...numbers, ...more }
}

/** Requests wait until the test answers them. */
export class FakeClient implements Client {
  onProgress: Client['onProgress'] = null
  onAhead: Client['onAhead'] = null
  onTheWay: Client['onTheWay'] = null
  disposed = false
  readonly requests: Request[] = []
  private readonly waiting: ((reply: Reply) => void)[] = []

  request(request: Request): Promise<Reply> {
    this.requests.push(request)
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  get last(): Request | undefined {
    return this.requests.at(-1)
  }

  dispose(): void {
    this.disposed = true
  }

  /** Answers the oldest request that has no answer. */
  async answer(reply: Reply): Promise<void> {
    const resolve = this.waiting.shift()
    if (resolve === undefined) throw new Error('nobody asks')
    resolve(reply)
    await settled()
  }

  /** Says where a long way has come to. */
  async passing(moment: Moment): Promise<void> {
    this.onTheWay?.({ kind: 'passing', view: aView(moment) })
    await settled()
  }

  view(moment: Moment): Promise<void> {
    return this.answer({ kind: 'view', view: aView(moment) })
  }
}

/** Lets every promise that can go on go on. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

export class FakeAddressBar implements AddressBar {
  readonly entries: string[]
  at = 0
  writes = 0
  late = false
  /** Entries that the page has written. */
  private readonly written = new Set<number>()
  private onJump: () => void = () => undefined

  constructor(fragment = '') {
    this.entries = [fragment]
  }

  read(): string {
    return this.entries[this.at] as string
  }

  base(): string {
    return 'https://host/'
  }

  replace(fragment: string): void {
    this.writes++
    this.written.add(this.at)
    this.entries[this.at] = fragment
  }

  push(fragment: string): void {
    this.writes++
    this.entries.splice(++this.at, this.entries.length, fragment)
    this.written.add(this.at)
  }

  entry(): number {
    return this.at
  }

  own(): boolean {
    return this.written.has(this.at)
  }

  /** As browsers do it, the history moves a little later where it is told to be `late`. */
  go(by: number): void {
    const move = () => {
      if (this.entries[this.at + by] === undefined) return
      this.at += by
      this.onJump()
    }
    if (this.late) void Promise.resolve().then(move)
    else move()
  }

  /** Somebody pastes a link into the address. */
  type(fragment: string): void {
    this.entries.splice(++this.at, this.entries.length, fragment)
    this.written.delete(this.at)
    this.onJump()
  }

  listen(onJump: () => void): void {
    this.onJump = onJump
  }
}

export class FakeTimer implements Timer {
  private time = 0
  private calls: { readonly at: number; readonly call: () => void }[] = []

  now(): number {
    return this.time
  }

  after(milliseconds: number, call: () => void): () => void {
    const entry = { at: this.time + milliseconds, call }
    this.calls.push(entry)
    return () => {
      this.calls = this.calls.filter((each) => each !== entry)
    }
  }

  async pass(milliseconds: number): Promise<void> {
    this.time += milliseconds
    const due = this.calls.filter(({ at }) => at <= this.time)
    this.calls = this.calls.filter(({ at }) => at > this.time)
    for (const { call } of due) call()
    await settled()
  }
}

export interface World extends Ports {
  readonly stepper: FakeClient
  readonly searcher: FakeClient
  readonly helpersMade: FakeClient[]
  readonly address: FakeAddressBar
  readonly timer: FakeTimer
  readonly stored: Map<string, string>
}

export function aWorld(fragment = ''): World {
  const stored = new Map<string, string>()
  const helpersMade: FakeClient[] = []
  return {
    helpersMade,
    helpers: 2,
    help: () => {
      helpersMade.push(new FakeClient())
      return helpersMade.at(-1) as FakeClient
    },
    stepper: new FakeClient(),
    searcher: new FakeClient(),
    address: new FakeAddressBar(fragment),
    linkReader: async () => decodeLink,
    timer: new FakeTimer(),
    stored,
    memory: { get: (key) => stored.get(key) ?? null, set: (key, value) => void stored.set(key, value) },
    pickFile: async () => null,
    save: async () => {},
    copy: async () => true,
  }
}
