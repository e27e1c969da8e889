import { expect, test } from 'vitest'
import { joinParts, partsOf, readScenarioText } from '../scenario/scenario-text.ts'
import { atlas, bundledParts, bundledRecording, libraryText } from './index.ts'

const BUNDLED = { library: libraryText, recording: bundledRecording }
const NOTHING = { library: () => null, recording: bundledRecording }

test.each([...atlas.keys()])('%s as one text, in parts, and back, is the same scenario', (id) => {
  const parts = bundledParts(id)
  if (parts === null) throw new Error('no parts')
  const text = joinParts(parts)
  if (!text.ok) throw new Error(text.error)
  const read = readScenarioText(text.value, NOTHING)
  if (!read.ok) throw new Error(read.error.join('\n'))
  const bundled = atlas.get(id)
  expect(read.value.sources).toEqual(bundled?.sources)
  expect(read.value.recording).toEqual(bundled?.recording)
  const { $schema: _, program: _p, ...file } = bundled?.file ?? {}
  const { program: _q, ...own } = read.value.file
  expect(own).toEqual(file)
  // And the parts of that text are the parts that it was made of.
  expect(partsOf(JSON.parse(text.value), () => null)).toEqual(parts)
})

test('what a text names and does not hold is missed with its place', () => {
  const read = readScenarioText('{"format":1,"id":"x","title":"x","program":["lib/ipi.asm","own.asm"],"cpus":[{"role":"a","entry":"a"}]}', BUNDLED)
  expect(read).toEqual({ ok: false, error: ['program.1: there is no file "own.asm"'] })
})

test('what is no JSON is told with line and column', () => {
  expect(joinParts({ json: '{\n  "id": }', files: [] })).toEqual({ ok: false, error: '2:9: this is no JSON: unexpected "}"' })
})
