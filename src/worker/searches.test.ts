import { expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import type { Reply } from './protocol.ts'
import { type Office, Searches } from './searches.ts'

const PARAMS = { callers: '1' }

function anOffice(goesOn: () => boolean = () => true): Office & { readonly replies: Reply[] } {
  const replies: Reply[] = []
  return { decode: createDecode(), replies, reply: (answer) => replies.push(answer), goesOn: async () => goesOn() }
}

const search = (maxStates: number) => ({ kind: 'search', scenario: 'text-poke', params: PARAMS, maxStates, maxMb: 100 }) as const

test('a search that was cut goes on where it stood, and ends as if nothing had happened', async () => {
  const searches = new Searches(({ scenario }) => atlas.get(scenario))
  const office = anOffice()
  await searches.search(search(500), office)
  expect(office.replies.at(-1)).toMatchObject({ verdict: { kind: 'cut', states: 500 } })
  await searches.search(search(1e6), office)
  const whole = anOffice()
  await new Searches(({ scenario }) => atlas.get(scenario)).search(search(1e6), whole)
  const numbers = (reply: Reply | undefined) =>
    reply?.kind === 'verdict' ? [reply.verdict.kind, reply.verdict.states, reply.verdict.transitions] : null
  expect(numbers(office.replies.at(-1))).toEqual(numbers(whole.replies.at(-1)))
})

test('a search that is cancelled keeps what it has found, and goes on from there', async () => {
  const searches = new Searches(({ scenario }) => atlas.get(scenario))
  const request = { ...search(1e6), params: { callers: '2', batch: 'jump-label', sync1: 'off' } }
  let looks = 0
  const cancelling = anOffice(() => ++looks < 3)
  await searches.search(request, cancelling)
  expect(looks).toBe(3)
  const cut = cancelling.replies.at(-1)
  expect(cut).toMatchObject({ kind: 'verdict', verdict: { cut: 'cancelled', complete: false } })
  expect(cut?.kind === 'verdict' && cut.verdict.states).toBeGreaterThan(0)
  const again = anOffice()
  await searches.search(request, again)
  expect(again.replies.at(-1)).toMatchObject({ verdict: { kind: 'violated', complete: true, cut: null } })
})

test('coverage counts what every run has seen, and is silent of a space that is not known', async () => {
  const searches = new Searches(({ scenario }) => atlas.get(scenario))
  const { replies, reply, ...office } = anOffice()
  const ask = (schedule: string) => {
    searches.coverage({ kind: 'coverage', scenario: 'text-poke', params: PARAMS, schedule }, reply)
    const answer = replies.at(-1)
    return answer?.kind === 'coverage' ? answer.coverage : null
  }
  expect(ask('0s')).toBeNull()
  await searches.search(search(1e6), { ...office, reply })
  expect(ask('')).toMatchObject({ seen: 1, outcomes: 1, outcomesSeen: [] })
  const some = ask('0s*60 0d*2')
  expect(some?.seen).toBeGreaterThan(3)
  expect(ask('1s*8')?.seen).toBeGreaterThan(some?.seen ?? 0)
})

test('looking ahead answers one choice after the other, and stops when nobody waits', async () => {
  const request = {
    kind: 'look-ahead',
    scenario: 'text-poke',
    params: { ...PARAMS, sync3: 'off' },
    schedule: '',
    cursor: 0,
    maxStates: 1e6,
    maxMb: 100,
    maxMs: 1e6,
  } as const
  const office = anOffice()
  await new Searches(({ scenario }) => atlas.get(scenario)).lookAhead(request, office)
  expect(office.replies.map(({ kind }) => kind)).toEqual(['ahead-progress', 'ahead-progress', 'ahead'])
  expect(office.replies.at(-1)).toMatchObject({ answers: [{ kind: 'race', steps: expect.any(Number) }, { kind: 'race' }] })
})
