/** For tests: a stepping worker whose machine can always move CPU 0 and CPU 1. It keeps branches as the real one does, and answers by itself. */
import type { Reply, Request, ScenarioInfo, View } from '../worker/protocol.ts'
import type { Client } from './ports.ts'
import { aView } from './testing.ts'

interface ToyBranch {
  readonly id: number
  readonly parent: number | null
  readonly forkedAt: number
  readonly movers: number[]
}

export class ToyStepper implements Client {
  onProgress: Client['onProgress'] = null
  onAhead: Client['onAhead'] = null
  onTheWay: Client['onTheWay'] = null
  readonly requests: Request[] = []
  private readonly scenarios: readonly ScenarioInfo[]
  private scenario: ScenarioInfo | null = null
  private params: Readonly<Record<string, string>> = {}
  private branches: ToyBranch[] = []
  private branch = 0
  private cursor = 0

  constructor(scenarios: readonly ScenarioInfo[]) {
    this.scenarios = scenarios
  }

  async request(request: Request): Promise<Reply> {
    this.requests.push(request)
    switch (request.kind) {
      case 'catalog':
        return { kind: 'catalog', scenarios: this.scenarios, tour: [] }
      case 'open':
        this.open(request)
        return { kind: 'view', view: this.view() }
      case 'take':
        this.take(request.choice & 7)
        return { kind: 'view', view: this.view() }
      case 'seek':
        this.cursor = Math.max(0, Math.min(request.step, this.present.movers.length))
        return { kind: 'view', view: this.view() }
      case 'checkout':
        if (this.branches[request.branch] !== undefined) this.branch = request.branch
        this.cursor = Math.min(this.cursor, this.present.movers.length)
        return { kind: 'view', view: this.view() }
      default:
        return { kind: 'cancelled' }
    }
  }

  private get present(): ToyBranch {
    return this.branches[this.branch] as ToyBranch
  }

  private open({ scenario, params, schedule, cursor }: Extract<Request, { kind: 'open' }>): void {
    const found = this.scenarios.find(({ id }) => id === scenario) ?? (this.scenarios[0] as ScenarioInfo)
    const all = Object.fromEntries(found.params.map(({ name, default: standard }) => [name, params[name] ?? standard]))
    if (found !== this.scenario || JSON.stringify(all) !== JSON.stringify(this.params)) {
      this.scenario = found
      this.params = all
      this.branches = [{ id: 0, parent: null, forkedAt: 0, movers: [] }]
      this.branch = 0
    }
    this.cursor = 0
    const steps = schedule.split(' ').filter(Boolean)
    for (const word of steps) {
      const [, cpu = '0', times = '1'] = /^(\d)s(?:\*(\d+))?$/.exec(word) ?? []
      for (let i = 0; i < Number(times); i++) this.take(Number(cpu))
    }
    this.cursor = Math.min(cursor, this.present.movers.length)
  }

  private take(cpu: number): void {
    const { movers, id } = this.present
    const next = movers[this.cursor]
    if (next !== undefined && next !== cpu) {
      this.branches.push({ id: this.branches.length, parent: id, forkedAt: this.cursor, movers: movers.slice(0, this.cursor) })
      this.branch = this.branches.length - 1
    }
    if (this.cursor === this.present.movers.length) this.present.movers.push(cpu)
    this.cursor++
  }

  private view(): View {
    const { movers } = this.present
    const at = { scenario: this.scenario as ScenarioInfo, params: this.params, movers: [...movers], cursor: this.cursor, branch: this.branch }
    const branches = this.branches.map(({ movers: { length }, ...branch }) => ({
      ...branch,
      name: `branch ${branch.id}`,
      named: false,
      starred: false,
      length,
      violatedAt: null,
    }))
    return { ...aView(at), branches }
  }
}
