import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as iced from 'iced-x86'
import { expect, test } from 'vitest'
import { loadIced, loadIcedSync } from './iced.ts'

const require = createRequire(import.meta.url)
const glue = readFileSync(require.resolve('iced-x86'), 'utf8')
const { icedToEsm } = (await import(pathToFileURL(resolve('build/iced-esm.mjs')).href)) as { icedToEsm: (source: string) => string }

test('everything that the package exports is there, and init', () => {
  const published = Object.keys(require('iced-x86')).filter((name) => !name.startsWith('__'))
  expect(published.length).toBeGreaterThan(50)
  expect(Object.keys(iced)).toEqual(expect.arrayContaining([...published, 'init', 'initSync', 'isReady']))
})

test('enumerations have both directions, as published', () => {
  const published = require('iced-x86') as Record<string, unknown>
  for (const name of [
    'Code',
    'Mnemonic',
    'Register',
    'OpKind',
    'OpCodeOperandKind',
    'MemorySize',
    'DecoderOptions',
    'FormatMnemonicOptions',
    'RflagsBits',
  ]) {
    expect((iced as Record<string, unknown>)[name]).toEqual(published[name])
  }
})

test('the rewritten glue asks for nothing that a browser lacks', () => {
  const code = icedToEsm(glue).replace(/\/\*[\s\S]*?\*\//g, '')
  expect(code).not.toMatch(/\brequire\(|module\.exports|__dirname/)
})

test.each([
  ['another head', glue.replace('let imports = {};', 'const imports = {};'), /the head/],
  ['another tail', glue.replace("require('path')", "require('node:path')"), /the tail/],
  ['other classes', glue.replaceAll(/^module\.exports\.(\w+) = \1;$/gm, 'exports.$1 = $1;'), /classes/],
  ['a new import', `${glue.replace('const heap =', "const fs = require('fs');\nconst heap =")}`, /left over/],
])('glue with %s is refused, with the name of the rewrite', (_, changed, complaint) => {
  expect(changed).not.toBe(glue)
  expect(() => icedToEsm(changed)).toThrow(complaint)
})

test('loading again is free and changes nothing', async () => {
  const before = iced.wasmMemoryBytes()
  await loadIced(new Uint8Array())
  loadIcedSync(new Uint8Array())
  expect(iced.wasmMemoryBytes()).toBe(before)
})
