import { expect, test } from 'vitest'
import type { CliIo } from './io.ts'
import { main } from './main.ts'

/** A verb's outside that only remembers. */
function memoryIo(): CliIo & { readonly texts: { out: string; err: string } } {
  const texts = { out: '', err: '' }
  return {
    texts,
    stdin: (async function* () {})(),
    out: (text) => {
      texts.out += text
    },
    err: (text) => {
      texts.err += text
    },
    readFile: (path) => {
      throw new Error(`${path} was read`)
    },
    writeFile: (path) => {
      throw new Error(`${path} was written`)
    },
  }
}

test('help is a result, and names how to call a verb', async () => {
  const io = memoryIo()
  expect(await main(['help'], io)).toBe(0)
  expect(io.texts.out).toMatch(/^Usage: npm run -s cli -- VERB/)
  expect(io.texts.err).toBe('')
})

test('no verb at all is bad input: help goes to standard error', async () => {
  const io = memoryIo()
  expect(await main([], io)).toBe(2)
  expect(io.texts.out).toBe('')
  expect(io.texts.err).toMatch(/^Usage/)
})

test.each(['fly', 'io', 'main', 'constructor', '../cli/main'])('"%s" is no verb: one line, exit 2', async (verb) => {
  const io = memoryIo()
  expect(await main([verb, '--json'], io)).toBe(2)
  expect(io.texts.out).toBe('')
  expect(io.texts.err).toMatch(/^pokescope: "[^"]+" is no verb \(try: .*\)\n$/)
})
