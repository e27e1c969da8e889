/** The JSON Schema that editors use says what the reader of scenario files says: structure for structure, and verdict for verdict. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { Random } from '../lib/random.ts'
import { parseScenario, scenarioSchema } from './format.ts'

type Json = { readonly [key: string]: unknown }

const root = join(fileURLToPath(new URL('.', import.meta.url)), '../..')
const read = (path: string): Json => JSON.parse(readFileSync(join(root, path), 'utf8'))
const published = read('public/scenario.schema.json')
const bundled = ['src/atlas/text-poke/scenario.json', 'examples/just-write-it.json'].map((path) => [path, read(path)] as const)

/** What of valibot's schema objects is used here. */
interface Source {
  readonly type: string
  readonly entries?: Readonly<Record<string, Source>>
  readonly wrapped?: Source
  readonly default?: unknown
  readonly item?: Source
  readonly options?: readonly (Source | string | number)[]
  readonly literal?: unknown
  readonly value?: Source
  readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown }[]
}

/** What a schema demands beyond its type; one that was built upon another demands what that one does. */
function actions({ pipe = [] }: Source): readonly { readonly type: string; readonly requirement?: unknown }[] {
  return pipe.flatMap((each) => ('pipe' in each ? actions(each as unknown as Source) : [each]))
}

/** The reader's schema as JSON Schema. */
function converted(source: Source): Json {
  const limits: Record<string, unknown> = {}
  let type = source.type
  for (const { type: kind, requirement } of actions(source)) {
    if (kind === 'regex') limits.pattern = (requirement as RegExp).source
    else if (kind === 'safe_integer') type = 'integer'
    else if (kind === 'min_value') limits.minimum = requirement
    else if (kind === 'max_value') limits.maximum = requirement
    else if (kind === 'min_length') limits.minItems = requirement
    else if (kind === 'max_length') limits.maxItems = requirement
    else if (kind === 'transform') continue // what the reader makes of it is no matter of the file
  }
  switch (type) {
    case 'strict_object': {
      const entries = Object.entries(source.entries ?? {})
      const required = entries.filter(([, each]) => each.type !== 'optional').map(([key]) => key)
      const properties = Object.fromEntries(entries.map(([key, each]) => [key, converted(each)]))
      return { type: 'object', properties, ...(required.length > 0 ? { required } : {}), additionalProperties: false }
    }
    case 'optional': {
      const inner = converted(source.wrapped as Source)
      return source.default === undefined ? inner : { ...inner, default: source.default }
    }
    case 'array':
      return { type: 'array', items: converted(source.item as Source), ...limits }
    case 'union':
      return { anyOf: (source.options ?? []).map((option) => converted(option as Source)) }
    case 'variant':
      return { oneOf: (source.options ?? []).map((option) => converted(option as Source)) }
    case 'picklist':
      return { enum: source.options }
    case 'literal':
      return { const: source.literal }
    case 'record':
      return { type: 'object', additionalProperties: converted(source.value as Source) }
    case 'string':
    case 'number':
    case 'integer':
    case 'boolean':
      return { type, ...limits }
    default:
      throw new Error(`the converter does not know ${type}`)
  }
}

/** Without words for people, and with references followed. */
function bare(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(bare)
  if (typeof schema !== 'object' || schema === null) return schema
  const { $ref, description: _, title: __, $defs: ___, $schema: ____, $id: _____, ...rest } = schema as Json
  const own = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, key === 'properties' ? bareProperties(value as Json) : bare(value)]),
  )
  if (typeof $ref !== 'string') return own
  return { ...(bare((published.$defs as Json)[$ref.replace('#/$defs/', '')]) as Json), ...own }
}

/** Names of properties are no keywords, whatever they are called. */
function bareProperties(properties: Json): Json {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, bare(value)]))
}

/** Checks a value against a bare schema, as far as the keywords above go. */
function accepts(schema: Json, value: unknown): boolean {
  const options = (schema.anyOf ?? schema.oneOf) as readonly Json[] | undefined
  if (options !== undefined) {
    const count = options.filter((option) => accepts(option, value)).length
    return 'oneOf' in schema ? count === 1 : count > 0
  }
  if ('const' in schema) return value === schema.const
  if ('enum' in schema) return (schema.enum as readonly unknown[]).includes(value)
  switch (schema.type) {
    case 'object': {
      if (typeof value !== 'object' || value === null) return false
      // The reader takes an empty list for a record without entries.
      if (Array.isArray(value)) return value.length === 0 && schema.properties === undefined
      const properties = (schema.properties ?? {}) as Readonly<Record<string, Json>>
      const others = schema.additionalProperties as Json | false | undefined
      if (!((schema.required ?? []) as readonly string[]).every((key) => key in value)) return false
      return Object.entries(value).every(([key, each]) => {
        const own = Object.hasOwn(properties, key) ? properties[key] : others
        return own === undefined || (own !== false && accepts(own, each))
      })
    }
    case 'array': {
      if (!Array.isArray(value)) return false
      const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items } = schema as { minItems?: number; maxItems?: number; items: Json }
      return value.length >= minItems && value.length <= maxItems && value.every((each) => accepts(items, each))
    }
    case 'integer':
      return (
        Number.isSafeInteger(value) &&
        (value as number) >= ((schema.minimum ?? -Infinity) as number) &&
        (value as number) <= ((schema.maximum ?? Infinity) as number)
      )
    case 'string':
      return typeof value === 'string' && new RegExp((schema.pattern ?? '') as string).test(value)
    default:
      return typeof value === schema.type
  }
}

const schema = bare(published) as Json

test('has the structure of the reader', () => {
  expect(schema).toEqual(converted(scenarioSchema as unknown as Source))
})

test('explains every key', () => {
  const unexplained: string[] = []
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return
    for (const [key, each] of Object.entries(node)) {
      if (key !== 'properties') visit(each, `${path}.${key}`)
      else {
        for (const [name, property] of Object.entries(each as Json)) {
          if ((property as Json).description === undefined) unexplained.push(`${path}.${name}`)
          visit(property, `${path}.${name}`)
        }
      }
    }
  }
  visit(published, '')
  expect(unexplained.filter((path) => !/\.(kind|\$schema)$/.test(path))).toEqual([])
})

describe.each(bundled)('%s', (_, data) => {
  test('is a scenario to the schema, and to the reader', () => {
    expect(accepts(schema, data)).toBe(true)
    expect(parseScenario(data).ok).toBe(true)
  })

  test('with something changed at random it is a scenario to both or to neither (seed 61)', () => {
    const random = new Random(61)
    let refused = 0
    for (let i = 0; i < 400; i++) {
      const changed = JSON.parse(JSON.stringify({ ...data, expected: [] }))
      mutate(changed, random)
      const shape = parseScenario(changed)
      // The reader looks beyond the shape (names that must exist); these mistakes are named otherwise than the shape's.
      const shapeIsGood =
        shape.ok ||
        shape.error.every((message) =>
          /there is|is there|become|not among|does not go|always there|names no|is the id|several cards|has no card/.test(message),
        )
      expect(accepts(schema, changed), `${JSON.stringify(changed)}\n${shape.ok ? '' : shape.error.join('\n')}`).toBe(shapeIsGood)
      if (!shapeIsGood) refused++
    }
    expect(refused).toBeGreaterThan(100)
  })
})

/** Replaces, removes or adds something somewhere. */
function mutate(data: Record<string, unknown>, random: Random): void {
  let node: Record<string, unknown> = data
  for (;;) {
    const key = random.pick(Object.keys(node))
    const inner = node[key]
    if (typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0 && random.below(4) !== 0) {
      node = inner as Record<string, unknown>
      continue
    }
    const action = random.below(4)
    if (action === 0 && !Array.isArray(node)) delete node[key]
    else if (action === 1 && !Array.isArray(node)) node.surprise = 1
    else node[key] = random.pick<unknown>([0, -1, 1.5, 64, 'x', 'A b', '', [], {}, null, true, ['x'], { a: 1 }])
    return
  }
}
