import { expect, test } from 'vitest'
import { bundledParts } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { decodeLink } from '../interchange/link.ts'
import { joinParts } from '../scenario/scenario-text.ts'
import { Session } from './session.ts'
import { scenarioFor } from './sources.ts'

test('an edited scenario opens as the bundled one does, and its link carries the text', () => {
  const parts = bundledParts('just-write-it')
  if (parts === null) throw new Error('no parts')
  const joined = joinParts(parts)
  if (!joined.ok) throw new Error(joined.error)
  const wanted = { scenario: 'just-write-it~0123', source: joined.value }
  const found = scenarioFor(wanted)
  const bundled = scenarioFor({ scenario: 'just-write-it' })
  if (!found.ok || !bundled.ok) throw new Error('not found')
  expect(scenarioFor(wanted)).toEqual(found)
  const sessions = [found.value, bundled.value].map((scenario) => Session.open(scenario, {}, createDecode(), createDisassemble()))
  const [own, other] = sessions.map((session) => {
    if (!session.ok) throw new Error(session.error.join())
    session.value.go('end', null, { kind: 'round-robin' }, 12)
    return { view: session.value.view([], null), link: decodeLink(session.value.link()) }
  })
  expect(own?.view.snapshot.digest).toBe(other?.view.snapshot.digest)
  expect(own?.view.scenario).toMatchObject({ id: 'just-write-it~0123', editedFrom: 'just-write-it' })
  expect(own?.link).toMatchObject({ problems: [], link: { scenario: 'just-write-it', cursor: 12, source: joined.value } })
  expect(other?.link.link.source).toBeUndefined()
})

test('a text that is none is refused with its place', () => {
  expect(scenarioFor({ scenario: 'x~1', source: '{' })).toMatchObject({ ok: false, error: { detail: [expect.stringMatching(/^1:2: /)] } })
  expect(scenarioFor({ scenario: 'none' })).toMatchObject({ ok: false })
})
