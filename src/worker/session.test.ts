import { beforeAll, describe, expect, test } from 'vitest'
import { atlas } from '../atlas/index.ts'
import { createDecode } from '../decoder/decode.ts'
import { createDisassemble } from '../decoder/disassemble.ts'
import { decodeLink } from '../interchange/link.ts'
import type { Scenario } from '../scenario/format.ts'
import { Session } from './session.ts'

const RACE = '0s*67 0d 1s*3 1s.1'

function open(params: Record<string, string> = {}): Session {
  const opened = Session.open(atlas.get('text-poke') as Scenario, params, createDecode(), createDisassemble())
  if (!opened.ok) throw new Error(opened.error.join('\n'))
  return opened.value
}

describe('a session at the shortest race without sync 1', () => {
  let session: Session
  beforeAll(() => {
    session = open({ sync1: 'off' })
    expect(session.load(RACE, 1e9)).toEqual([])
  })

  test('says what happened in words', () => {
    const { snapshot, fragment } = session.view([], null)
    if (process.env['SHOW'] !== undefined) console.log(JSON.stringify({ ...snapshot, cpus: snapshot.cpus }, null, 1), fragment)
    expect(snapshot.properties.find((property) => property.id === 'whole-instruction')?.violatedAt).toBe(72)
    expect(snapshot.said).toContain('neither old nor new')
  })
})
