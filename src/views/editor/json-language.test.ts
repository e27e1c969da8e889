import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { jsonPlace } from './json-language.ts'
import { keysOf, type Schema, schemasAt, valuesOf } from './schema.ts'

const schema = JSON.parse(readFileSync('public/scenario.schema.json', 'utf8')) as Schema

test('the cursor knows its place in a text that is being written', () => {
  expect(jsonPlace('{ "cpus": [{ "role": "a" }, { "en')).toEqual({ path: ['cpus', '1'], writes: 'key', key: 'en' })
  expect(jsonPlace('{ "machine": { "interrupts": "')).toEqual({ path: ['machine'], writes: 'value', key: 'interrupts' })
  expect(jsonPlace('{ "outcome": ["a", ')).toEqual({ path: ['outcome'], writes: 'value', key: null })
  expect(jsonPlace('')).toEqual({ path: [], writes: 'value', key: null })
})

test('the schema names what may stand there', () => {
  expect([...keysOf(schemasAt(schema, [])).keys()]).toEqual(expect.arrayContaining(['format', 'cpus', 'properties', 'sites']))
  expect([...keysOf(schemasAt(schema, ['cpus', '1'])).keys()]).toEqual(expect.arrayContaining(['role', 'entry', 'registers']))
  expect([...keysOf(schemasAt(schema, ['properties', '0'])).keys()]).toEqual(expect.arrayContaining(['kind', 'at', 'holds']))
  expect(valuesOf(schemasAt(schema, ['properties', '0', 'kind']))).toEqual(expect.arrayContaining(['"assert"', '"never"']))
  expect(valuesOf(schemasAt(schema, ['machine', 'interrupts']))).toEqual(['"after-visible-steps"', '"anywhere"'])
})
