/** What somebody could look for in a trace: examples of each kind of question, of things that happen in it. */
import type { Mark, MarkKind, TimelineData } from './model.ts'

/** What is worth finding, the rarest first, and how people would ask for it. */
const WORDS: readonly (readonly [MarkKind, (mark: Mark) => string])[] = [
  ['torn', () => 'torn'],
  ['stale', () => 'stale'],
  ['int3', () => 'int3'],
  ['ipi-sent', ({ label }) => label.replace(/ to .*$/, '')],
  ['ack', () => 'ack'],
  ['visible', () => 'visible'],
]

/** More examples would not fit into the box. */
const MOST_WORDS = 3
/** Marks looked at: in a long trace, what is common has occurred by then. */
const LOOKED_AT = 20_000

export function suggestions({ marks, lanes, places, steps }: TimelineData): string[] {
  const first = new Map<MarkKind, Mark>()
  for (let i = 0; i < Math.min(marks.length, LOOKED_AT); i++) {
    const mark = marks[i] as Mark
    if (!first.has(mark.kind)) first.set(mark.kind, mark)
  }
  const words = WORDS.flatMap(([kind, words]) => {
    const mark = first.get(kind)
    return mark === undefined ? [] : [words(mark)]
  })
  const mover = first.values().next().value?.cpu ?? lanes[0]?.cpu
  const executed = places?.[first.get('fetch')?.place ?? -1]?.address
  return [
    ...words.slice(0, MOST_WORDS),
    ...(mover === undefined ? [] : [`cpu:${mover}`]),
    ...(executed === undefined ? [] : [`…${executed.slice(-4)}`]),
    ...(steps < 2 ? [] : [`step:${Math.ceil(steps / 2)}-${steps}`]),
    ...(first.has('fetch') ? ['-fetch'] : []),
  ]
}
