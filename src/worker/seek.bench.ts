/** What the page waits for in a long run: a seek with all that the page then shows, a step at its end, and a walk back to a breakpoint. */
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { loadIcedNode } from '../decoder/iced-node.ts'
import { Random } from '../lib/random.ts'
import { choiceCpu } from '../machine/choice.ts'
import type { Scenario } from '../scenario/format.ts'
import type { Breakpoint } from '../scenario/points.ts'
import { randomChoice } from '../scenario/scheduler.ts'
import type { WalkGoal } from '../scenario/walk.ts'
import { Session } from './session.ts'
import { startWalk } from './walking.ts'

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly note?: string
}

const STEPS = 1_000_000
const SEEKS = 200
const WALKS = 40

export function bench(): Row[] {
  loadIcedNode()
  const opened = Session.open(atlas.get('text-poke') as Scenario, { sync3: 'off' }, createDecode(), createDisassemble())
  if (!opened.ok) throw new Error(opened.error.join('\n'))
  return rows(opened.value)
}

function rows(session: Session): Row[] {
  const random = new Random(11)
  const { run } = session
  // The callers alone: the patcher never moves, so they never end.
  while (run.length < STEPS) {
    const choice = randomChoice(
      run.choices().filter((each) => choiceCpu(each) !== 0),
      random,
    )
    if (choice === null) break
    session.take(choice)
  }
  session.view([], null)
  const seeks = sorted(SEEKS, () => {
    session.seek(random.below(run.length))
    session.view([], null)
  })
  const walk = (goal: WalkGoal, back: boolean, points: readonly Breakpoint[] = []) => {
    startWalk(session, { kind: 'walk', goal, back, times: 1, cpu: 1, points, scheduler: { kind: 'round-robin' }, maxSteps: STEPS }).go(STEPS)
    session.view([], null)
  }
  const first = sorted(1, () => walk('line', true))
  const walks = sorted(WALKS, () => {
    session.seek(random.below(run.length))
    walk('line', random.below(2) === 0)
  })
  const point: Breakpoint = { kind: 'break', id: 1, enabled: true, cpu: 1, where: 'site0', condition: '' }
  const back = sorted(WALKS, () => {
    session.seek(random.below(run.length))
    walk('point', true, [point])
  })
  const note = `${run.length} steps`
  return [
    {
      name: 'seek anywhere, with the view, 95th percentile',
      value: at(seeks, 0.95),
      unit: 'ms',
      note: `${note}; median ${at(seeks, 0.5).toFixed(1)} ms`,
    },
    { name: 'the first walk of a debugger, which reads the run in pieces', value: at(first, 0), unit: 'ms', note },
    { name: 'a line forwards or back anywhere, 95th percentile', value: at(walks, 0.95), unit: 'ms', note },
    { name: 'back to a breakpoint from anywhere, 95th percentile', value: at(back, 0.95), unit: 'ms', note },
  ]
}

function sorted(count: number, work: () => void): readonly number[] {
  return Array.from({ length: count }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  }).sort((a, b) => a - b)
}

function at(times: readonly number[], share: number): number {
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] as number
}
