/**
 * Keeps the map of README.md true: which layer may import which, what pure layers must not touch, and how long files may be.
 *
 * Imports are read with TypeScript's own parser, in every form (import, export from, import(), import types, worker URLs, globs), and compared
 * by path segments, so `machine-x/` is never mistaken for `machine/`. Globals of the DOM are caught by tsconfig.pure.json as well; here they
 * are found by name wherever the file declares no such name of its own.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

/** What a layer may import: a path below src allows all files in it; "types of …" allows only imports that vanish when compiled. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  machine: ['lib', 'machine/isa/registry.ts'],
  'machine/isa': ['lib', 'machine'],
  decoder: ['lib', 'machine'],
  assembler: ['lib', 'decoder'],
  explorer: ['lib'],
  scenario: ['lib', 'machine', 'decoder', 'assembler', 'explorer'],
  atlas: ['scenario'],
  timeline: ['lib', 'machine'],
  interchange: ['lib', 'machine', 'scenario', 'timeline'],
  worker: ['lib', 'machine', 'decoder', 'assembler', 'explorer', 'scenario', 'atlas', 'timeline', 'interchange'],
  cli: ['lib', 'machine', 'decoder', 'assembler', 'explorer', 'scenario', 'atlas', 'timeline', 'interchange'],
  store: ['lib', 'types of machine', 'types of scenario', 'interchange', 'timeline', 'worker/protocol.ts', 'worker/client.ts'],
  views: ['lib', 'store', 'timeline', 'types of worker/protocol.ts'],
  'main.tsx': ['lib', 'machine', 'decoder', 'assembler', 'explorer', 'scenario', 'atlas', 'timeline', 'interchange', 'worker', 'store', 'views'],
}

/** No DOM, clock or randomness. */
const PURE = ['lib', 'machine', 'machine/isa', 'decoder', 'assembler', 'explorer', 'scenario', 'atlas', 'timeline', 'interchange']
const IMPURE_GLOBALS = ['Date', 'performance', 'setTimeout', 'setInterval', 'fetch', 'document', 'window', 'navigator', 'localStorage', 'Math.random']

/** Packages that only some layers may import; others are free. */
const PACKAGES: readonly { name: RegExp; only: readonly string[] }[] = [
  { name: /^iced-x86(\/|$)/, only: ['decoder'] },
  { name: /^(react|react-dom)(\/|$)/, only: ['views', 'main.tsx'] },
  // These compute; the rest of d3 (selection, zoom, …) has to do with documents.
  { name: /^d3-(array|path|scale|shape)$/, only: ['timeline', 'views'] },
  { name: /^d3-(?!(array|path|scale|shape)$)/, only: ['views'] },
  { name: /^zustand(\/|$)/, only: ['store', 'views', 'main.tsx'] },
  { name: /^node:/, only: ['cli'] },
]

/** Files that stand outside some rules, and why. */
const EXEMPT = [
  { file: /\.test\.tsx?$|(^|\/)vitest-setup\.ts$/, from: ['layers', 'pure', 'node'], why: 'a test may use any layer as an oracle; none is shipped' },
  { file: /\.bench\.ts$/, from: ['layers', 'pure', 'node'], why: 'a benchmark measures time, over whatever it needs' },
  { file: /-node\.ts$/, from: ['pure', 'node'], why: 'loads a file, in Node' },
  { file: /-browser\.ts$/, from: ['pure'], why: 'loads a file, in a browser' },
] as const
type Rule = (typeof EXEMPT)[number]['from'][number]

const LONGEST = 400

/** Stands for a path that is not spelled out, which no table can check. */
const COMPUTED = '(computed)'

interface Reference {
  readonly to: string
  readonly typeOnly: boolean
}

/** Everything that is wrong with one file. `path` is relative to src. */
function violations(path: string, text: string): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const layer = layerOf(path)
  const exempt = (rule: Rule) => EXEMPT.some(({ file, from }) => file.test(path) && (from as readonly Rule[]).includes(rule))
  const wrong: string[] = []
  for (const reference of referencesOf(source)) {
    const problem = importProblem(path, layer, reference, exempt)
    if (problem !== null) wrong.push(`${path}: ${problem}`)
  }
  if (PURE.includes(layer) && !exempt('pure')) for (const name of impureGlobals(source)) wrong.push(`${path}: uses ${name} in a pure layer`)
  const lines = text.split('\n').length - 1
  const header = ts.getLeadingCommentRanges(text, 0)?.[0]
  if (lines > LONGEST && !(header !== undefined && /long because/i.test(text.slice(header.pos, header.end)))) {
    wrong.push(`${path}: ${lines} lines, and the header does not say "long because"`)
  }
  return wrong
}

function importProblem(path: string, layer: string, { to, typeOnly }: Reference, exempt: (rule: Rule) => boolean): string | null {
  if (to === COMPUTED) return exempt('layers') ? null : 'imports a computed path; spell it out or use import.meta.glob'
  if (!to.startsWith('.')) {
    const rule = PACKAGES.find(({ name }) => name.test(to))
    if (rule === undefined || rule.only.includes(layer) || (to.startsWith('node:') && exempt('node'))) return null
    return `imports ${to}, which only ${rule.only.join(', ')} may`
  }
  const target = posix.join(posix.dirname(path), to.replace(/\?.*$/, ''))
  if (target.startsWith('..')) return `imports ${to}, outside src`
  if (layerOf(target) === layer || exempt('layers')) return null
  const allowed = LAYERS[layer]
  if (allowed === undefined) return `is in no layer of the table`
  const permits = (entry: string) => (entry.startsWith('types of ') ? typeOnly && within(target, entry.slice(9)) : within(target, entry))
  return allowed.some(permits)
    ? null
    : `imports ${typeOnly ? 'types of ' : ''}${target}, but ${layer} may import only: ${allowed.join(', ') || 'nothing'}`
}

/** The deepest layer whose segments begin the path; a file directly in src is a layer of its own. */
function layerOf(path: string): string {
  const holding = Object.keys(LAYERS).filter((layer) => within(path, layer))
  return holding.sort((a, b) => b.length - a.length)[0] ?? path
}

function within(path: string, folder: string): boolean {
  const segments = path.split('/')
  return folder.split('/').every((segment, i) => segment === segments[i])
}

function referencesOf(source: ts.SourceFile): Reference[] {
  const found: Reference[] = []
  const add = (node: ts.Node | undefined, typeOnly = false) => {
    if (node !== undefined && ts.isStringLiteralLike(node) && !node.text.startsWith('!')) found.push({ to: node.text, typeOnly })
  }
  const addOrComputed = (node: ts.Node | undefined) => {
    if (node !== undefined && !ts.isStringLiteralLike(node)) found.push({ to: COMPUTED, typeOnly: false })
    else add(node)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, onlyTypes(node.importClause))
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) addOrComputed(node.arguments[0])
    else if (ts.isCallExpression(node) && node.expression.getText(source) === 'import.meta.glob') {
      const [pattern] = node.arguments
      if (pattern !== undefined && ts.isArrayLiteralExpression(pattern)) for (const each of pattern.elements) add(each)
      else add(pattern)
    } else if (ts.isNewExpression(node) && node.expression.getText(source) === 'URL' && node.arguments?.[1]?.getText(source) === 'import.meta.url') {
      add(node.arguments[0])
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function onlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const bindings = clause.namedBindings
  return clause.name === undefined && bindings !== undefined && ts.isNamedImports(bindings) && bindings.elements.every((each) => each.isTypeOnly)
}

/** Names of IMPURE_GLOBALS that the file refers to and does not declare itself (a *fetch* is also what a CPU does). */
function impureGlobals(source: ts.SourceFile): string[] {
  const declared = new Set<string>()
  const used = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) used.add(node.getText(source).replace(/^globalThis\./, ''))
    if (ts.isIdentifier(node)) {
      if (isBoundBy(node.parent, node)) declared.add(node.text)
      else if (!isMemberName(node.parent, node)) used.add(node.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return IMPURE_GLOBALS.filter((name) => used.has(name) && !declared.has(name))
}

/** Does this node give the name a meaning of its own within the file? */
function isBoundBy(parent: ts.Node, name: ts.Identifier): boolean {
  const binds =
    ts.isVariableDeclaration(parent) ||
    ts.isParameter(parent) ||
    ts.isBindingElement(parent) ||
    ts.isFunctionDeclaration(parent) ||
    ts.isClassDeclaration(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isNamespaceImport(parent)
  return binds && parent.name === name
}

/** A name behind a dot, or of a property, method or export: no reference to a variable. */
function isMemberName(parent: ts.Node, name: ts.Identifier): boolean {
  if (ts.isShorthandPropertyAssignment(parent)) return false
  if (ts.isQualifiedName(parent)) return parent.right === name
  const { name: own, propertyName } = parent as { name?: ts.Node; propertyName?: ts.Node }
  return own === name || propertyName === name
}

const SRC = new URL('.', import.meta.url)
const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts') && path !== 'layers.test.ts')
  .sort()

test('every import, global and length in src keeps to the map', () => {
  expect(FILES.length).toBeGreaterThan(5)
  expect(FILES.flatMap((path) => violations(path, readFileSync(new URL(path, SRC), 'utf8')))).toEqual([])
})

test('README.md names the same layers as this table', () => {
  const rows = readFileSync(new URL('README.md', SRC), 'utf8').matchAll(/^\| `([^`]+)` \|/gm)
  expect([...rows].map((row) => row[1])).toEqual(Object.keys(LAYERS))
})

test.each([
  ['machine/a.ts', `import { x } from '../explorer/x.ts'`, /machine may import only: lib/],
  ['machine/a.ts', `export * from '../worker/x.ts'`, /imports worker\/x\.ts/],
  ['machine/isa/a.ts', `import { x } from '../../decoder/x.ts'`, /imports decoder/],
  ['lib/a.ts', `const x = await import('../lib-extra/x.ts')`, /imports lib-extra/],
  ['lib/a.ts', `const x = await import('../worker/' + name)`, /computed path/],
  ['explorer/a.ts', `let x: import('../machine/x.ts').X`, /imports types of machine/],
  ['views/a.tsx', `new Worker(new URL('../worker/host.ts', import.meta.url))`, /imports worker\/host\.ts/],
  ['views/a.tsx', `import { x } from '../worker/protocol.ts'`, /imports worker\/protocol\.ts/],
  ['store/a.ts', `import { type X, y } from '../machine/x.ts'`, /imports machine/],
  ['timeline/a.ts', `import.meta.glob(['../atlas/*.json'])`, /imports atlas/],
  ['worker/a.ts', `import { Decoder } from 'iced-x86'`, /only decoder/],
  ['store/a.ts', `import { ticks } from 'd3-array'`, /only timeline, views/],
  ['timeline/a.ts', `import { zoom } from 'd3-zoom'`, /only views/],
  ['scenario/a.ts', `import { readFileSync } from 'node:fs'`, /only cli/],
  ['machine/a.ts', `const x = Math.random()`, /uses Math\.random/],
  ['machine/a.ts', `const x = globalThis.performance`, /uses performance/],
  ['explorer/a.ts', `const x = { at: Date.now(), by: performance }`, /uses Date[\s\S]*uses performance/],
  ['lib/a.ts', `await fetch('x')`, /uses fetch/],
  ['nowhere/a.ts', `import { x } from '../lib/x.ts'`, /in no layer/],
])('a planted violation is found: in %s, %s', (path, text, complaint) => {
  expect(violations(path, text).join('\n')).toMatch(complaint)
})

test.each([
  ['machine/a.ts', `import { x } from '../lib/x.ts'; import { y } from './isa/registry.ts'; import { z } from './z.ts'`],
  ['machine/a.ts', `interface Cpu { fetch(window: number): void }; const f = (window: number, cpu: Cpu) => cpu.fetch(window)`],
  ['machine/a.ts', `import { fetch } from './fetch.ts'; export const x = { fetch, window: 1, Date: 2 }`],
  ['store/a.ts', `import type { X } from '../machine/x.ts'; import { type Y } from '../scenario/y.ts'`],
  ['timeline/a.ts', `import { scaleLinear } from 'd3-scale'; import { linkVertical } from 'd3-shape'; import { ticks } from 'd3-array'`],
  ['decoder/load-node.ts', `import { readFileSync } from 'node:fs'; import { init } from 'iced-x86'`],
  ['decoder/load-browser.ts', `export const load = () => fetch('x')`],
  ['machine/a.test.ts', `import { decode } from '../decoder/decode.ts'; const t = performance.now()`],
])('what is allowed is left alone: in %s, %s', (path, text) => {
  expect(violations(path, text)).toEqual([])
})

test('a long file must say why in its header', () => {
  const lines = '\n'.repeat(LONGEST + 1)
  expect(violations('lib/a.ts', lines).join()).toMatch(/401 lines/)
  expect(violations('lib/a.ts', `const x = 1 // long because${lines}`)).toHaveLength(1)
  expect(violations('lib/a.ts', `/** Long because it lists all opcodes. */${lines}`)).toEqual([])
})
