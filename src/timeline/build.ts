/**
 * From what a machine tells (its events, step by step) to lanes with spans, shades, marks and arrows. Grows with the trace, and can be cut back to
 * any step; cutting back gives exactly what a fresh build of the shorter trace gives.
 *
 *     depth 0   what a CPU runs outside handlers        [ caller ][ call callee_a ][ caller
 *     depth 1   a handler, from delivery to its IRET               [ #BP                      ]
 *     depth 2   what runs inside it                                [ entry ][ poke_int3_handler ]
 *
 * A span lasts until the CPU executes something else, so a CPU that does not move stays in what it did last; `movers` tells who moved.
 */
import type { MachineEvent } from '../machine/events.ts'
import { History } from './history.ts'
import { Items } from './items.ts'
import type { Mark, TimelineData } from './model.ts'
import { type NameResolver, Places } from './names.ts'
import { Running, type StepMoment } from './running.ts'
import { forgetSent, named, nextUpdate } from './sending.ts'
import { Sharing } from './sharing.ts'
import { type TimelineUpdate, wholeTimeline } from './update.ts'

export type { NameResolver } from './names.ts'
export type { StepMoment } from './running.ts'

export interface LaneSpec {
  readonly cpu: number
  /** Patch phases are read off the first lane whose role is "patcher". */
  readonly role: string
  /** IF at the start; true where left out. */
  readonly interrupts?: boolean
}

interface Violation {
  readonly step: number
  readonly cpu: number
  readonly property: string
}

export class TimelineBuilder {
  private readonly lanes: readonly LaneSpec[]
  private readonly names: NameResolver
  private readonly places: Places
  private readonly history = new History()
  private readonly items = new Items()
  private readonly running: Running
  private readonly sharing: Sharing
  private violations: Violation[] = []
  /** Those that were told long after their step: they have no place in the journal. */
  private late: readonly Violation[] = []
  private lateSent = false

  constructor(lanes: readonly LaneSpec[], names: NameResolver) {
    this.lanes = lanes
    this.names = names
    this.places = new Places(names)
    const patcher = lanes.find((lane) => lane.role === 'patcher')?.cpu ?? -1
    this.running = new Running(this.items, this.history, this.places, names, patcher)
    this.sharing = new Sharing(this.items, this.history, this.places)
    this.items.journal.step = -1 // What holds before the first step is never undone.
    for (const { cpu, interrupts } of lanes) {
      this.running.add(cpu, interrupts ?? true)
      this.sharing.add(cpu)
    }
  }

  get steps(): number {
    return this.history.steps
  }

  /** Is what this CPU does at the end, or what its handlers have interrupted, to wait for others? */
  isWaiting(cpu: number): boolean {
    return this.running.isWaiting(cpu)
  }

  append(choiceCpu: number, events: readonly MachineEvent[], moment: StepMoment): void {
    this.items.journal.step = this.history.append(choiceCpu)
    this.places.step = this.items.journal.step
    for (const event of events) this.tell(event, moment)
  }

  /** Forgets step `steps` and all that follow. */
  truncate(steps: number): void {
    this.items.journal.rewind(steps)
    this.history.truncate(steps)
    this.places.truncate(steps)
    this.violations = this.violations.filter((violation) => violation.step < steps)
    this.late = this.late.filter((violation) => violation.step < steps)
  }

  /** The step `step` (the one between x = step and x = step + 1) violated a property. Best told right after that step: what comes late is sent whole. */
  violation(step: number, cpu: number, property: string): void {
    const violation = { step, cpu, property }
    this.violations.push(violation)
    this.violations.sort((a, b) => a.step - b.step)
    if (step === this.steps - 1) this.items.mark(cpu, 'violation', property)
    else this.late = [...this.late, violation]
  }

  /** What has changed since the last update; a whole picture at first. */
  update(): TimelineUpdate {
    const { items, history, places, running, violations, late } = this
    if (late.length > 0) {
      this.lateSent = true
      return wholeTimeline(this.data())
    }
    if (this.lateSent) forgetSent(items, history, places)
    this.lateSent = false
    const lanes = this.lanes.map(({ cpu, role }) => ({ cpu, role }))
    const [openSpans, openShades] = [running.openSpans(), running.openShades()]
    return nextUpdate({ items, history, places, lanes, violation: violations[0] ?? null, openSpans, openShades })
  }

  /** The picture so far. Items that have ended are the same objects in every later picture. */
  data(): TimelineData {
    const { items, violations, late, places } = this
    const { steps, movers, place, loaded } = this.history
    const marks = late.length === 0 ? items.marks.slice() : [...items.marks, ...late.map(violationMark)].sort((a, b) => a.step - b.step)
    return {
      steps,
      lanes: this.lanes.map(({ cpu, role }) => ({ cpu, role })),
      marks,
      ...items.upTo(steps, this.running.openSpans(), this.running.openShades()),
      violation: violations[0] ?? null,
      movers: movers.slice(0, steps),
      places: Array.from({ length: places.count }, (_, i) => named(places.at(i))),
      executed: place.slice(0, steps),
      loaded: loaded.slice(0, steps),
    }
  }

  private tell(event: MachineEvent, moment: StepMoment): void {
    const { running, sharing } = this
    switch (event.kind) {
      case 'execute': {
        const meaning = event.hot && this.places.of(event.address).site !== null ? this.names.meaning(event.address, event.bytes) : null
        running.execute(event, meaning, moment)
        if (event.hot) sharing.fetched(event, meaning)
        break
      }
      case 'load':
        sharing.load(event)
        break
      case 'store':
        sharing.store(event, running.senderOf(event.cpu))
        break
      case 'visible':
        sharing.visible(event, running.senderOf(event.cpu))
        break
      case 'deliver':
        running.deliver(event, sharing.taken(event))
        break
      case 'iret':
        running.iret(event)
        break
      case 'if':
        running.interrupts(event.cpu, event.enabled)
        break
      case 'serialize':
        this.items.mark(event.cpu, 'sync', event.by)
        break
      case 'ipi-sent':
        sharing.send(event)
        break
      case 'halt':
        running.halt(event.cpu)
        break
      case 'stop':
        running.stop(event)
        break
      case 'eoi':
      case 'prefetch':
        break
    }
  }
}

function violationMark({ step, cpu, property }: Violation): Mark {
  return { cpu, step, kind: 'violation', label: property, place: -1, bytes: '' }
}
