/**
 * The tour: an order of the atlas that a newcomer can follow, from "why not just write five bytes?" to today's kernel. Each stop is one question, and the scenario
 * with the parameters that answer it. atlas.test.ts checks that every stop exists.
 */
export interface TourStop {
  readonly question: string
  readonly text: string
  readonly scenario: string
  readonly params: Readonly<Record<string, string>>
}

const stop = (question: string, text: string, scenario: string, params: Readonly<Record<string, string>> = {}): TourStop => ({
  question,
  text,
  scenario,
  params,
})

export const TOUR: readonly TourStop[] = [
  stop('What happens today?', 'The modern protocol with everything on. Step through it once; nothing can break.', 'text-poke', { callers: '1' }),
  stop('What is the first sync for?', 'Without it a CPU that holds the old first byte meets the new tail.', 'text-poke', { sync1: 'off' }),
  stop('And the second?', 'Without it the new first byte may meet the old tail, if the manual is read strictly.', 'text-poke', { sync2: 'off' }),
  stop('And the last, said to be needless?', 'Without it somebody traps on an int3 that nobody claims any more.', 'text-poke', { sync3: 'off' }),
]
