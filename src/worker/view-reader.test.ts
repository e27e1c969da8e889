import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { Random } from '../lib/random.ts'
import { formatSchedule } from '../machine/choice.ts'
import { randomChoice } from '../scenario/scheduler.ts'
import { Session } from './session.ts'
import { ViewReader } from './view-reader.ts'

test.each([1, 2])(
  'schedules and links on the page are those of the session, through steps, branches and checkouts; earlier views keep theirs (seed %i)',
  (seed) => {
    const random = new Random(seed)
    const opened = Session.open(atlas.get('text-poke') as NonNullable<ReturnType<typeof atlas.get>>, {}, createDecode(), createDisassemble())
    if (!opened.ok) throw new Error(opened.error.join('\n'))
    const session = opened.value
    const reader = new ViewReader()
    const earlier: { readonly schedule: string; readonly read: () => string }[] = []
    for (let round = 0; round < 30; round++) {
      const action = random.below(4)
      if (action === 0) session.seek(random.below(session.run.length + 1))
      else if (action === 1) session.checkout(random.below(session.run.branches.length))
      else
        for (let i = random.below(30); i > 0; i--) {
          const choice = randomChoice(session.run.choices(), random)
          if (choice !== null) session.take(choice)
        }
      const view = reader.read(structuredClone(session.view([], null)))
      const schedule = formatSchedule(session.run.branch.schedule)
      earlier.push({ schedule, read: () => view.schedule })
      if (round % 3 === 0) expect([view.schedule, view.fragment], `seed ${seed}, round ${round}`).toEqual([schedule, session.link()])
    }
    for (const { schedule, read } of earlier) expect(read()).toBe(schedule)
    expect(session.run.branches.length).toBeGreaterThan(2)
  },
)
