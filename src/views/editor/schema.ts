/** What a JSON Schema says of one place: the keys that may stand there, and the values. */

export interface Schema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly type?: string | readonly string[]
  readonly description?: string
}

/** All that may stand at the path. */
export function schemasAt(root: Schema, path: readonly string[]): readonly Schema[] {
  let found = alternatives(root, root)
  for (const segment of path) {
    found = found.flatMap((schema) => {
      const own = schema.properties?.[segment] ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined)
      const next = own ?? (/^\d+$/.test(segment) ? schema.items : undefined)
      return next === undefined ? [] : alternatives(root, next)
    })
  }
  return found
}

function alternatives(root: Schema, schema: Schema): readonly Schema[] {
  if (schema.$ref !== undefined) {
    const own = root.$defs?.[schema.$ref.replace('#/$defs/', '')]
    return own === undefined ? [] : alternatives(root, own)
  }
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
  return inner.length === 0 ? [schema] : [schema, ...inner.flatMap((each) => alternatives(root, each))]
}

export function keysOf(schemas: readonly Schema[]): ReadonlyMap<string, string> {
  return new Map(
    schemas.flatMap(({ properties = {} }) => Object.entries(properties).map(([key, { description = '' }]) => [key, description] as const)),
  )
}

/** As they are written. */
export function valuesOf(schemas: readonly Schema[]): readonly string[] {
  const values = schemas.flatMap((schema) => [
    ...(schema.enum ?? []),
    ...('const' in schema ? [schema.const] : []),
    ...(schema.type === 'boolean' ? [true, false] : []),
  ])
  return [...new Set(values.map((value) => JSON.stringify(value)))]
}

let schema: Schema | null = null
let isAsked = false

/** The scenario's schema as far as it is there; it is fetched once. Without it nothing is completed in the JSON; its mistakes are found all the same. */
export function schemaNow(): Schema | null {
  if (!isAsked) {
    isAsked = true
    fetch('scenario.schema.json')
      .then((response) => response.json())
      .then((found: Schema) => {
        schema = found
      })
      .catch(() => {
        isAsked = false
      })
  }
  return schema
}
