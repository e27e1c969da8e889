/** A copy of a bundled scenario with one line changed, as docs/scenario-format.md shows it: searched, run, and opened again from its link. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { bundledParts } from '../atlas/index.ts'
import { decodeLink } from '../interchange/link.ts'
import { joinParts } from '../scenario/scenario-text.ts'
import type { CliIo } from './io.ts'
import { main } from './main.ts'

const root = join(fileURLToPath(new URL('.', import.meta.url)), '../..')
const documented = readFileSync(join(root, 'docs/scenario-format.md'), 'utf8')
const block = (language: string) => new RegExp(`\\n\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(documented)?.[1] ?? ''
const [before, after] = ['-', '+'].map((sign) =>
  block('diff')
    .split('\n')
    .find((line) => line.startsWith(sign))
    ?.slice(1),
)

/** What the page saves, with the line changed. */
function changedCopy(): string {
  const parts = bundledParts('jcc-flags')
  if (parts === null || before === undefined || after === undefined) throw new Error('nothing to change')
  const files = parts.files.map(({ name, text }) => ({ name, text: text.replace(before, after) }))
  expect(files.filter(({ text }, i) => text !== parts.files[i]?.text).map(({ name }) => name)).toEqual(['jcc.asm'])
  const joined = joinParts({ ...parts, files })
  if (!joined.ok) throw new Error(joined.error)
  return joined.value
}

const FILE = 'my-jcc/scenario.json'
const saved = changedCopy()

async function said(...args: string[]): Promise<{ readonly code: number; readonly text: string; readonly errors: string }> {
  let [text, errors] = ['', '']
  const io: CliIo = {
    stdin: (async function* () {})(),
    out: (more) => {
      text += more
    },
    err: (more) => {
      errors += more
    },
    readFile: (path) => {
      if (path === FILE) return saved
      throw new Error('no such file')
    },
    writeFile: () => {},
  }
  return { code: await main(args, io), text, errors }
}

test('one changed line, and the search says what it costs', async () => {
  expect(await said('explore', 'jcc-flags', '--set', 'condition=be')).toMatchObject({ code: 0, text: expect.stringContaining('nothing is violated') })
  const { code, text } = await said('explore', FILE, '--set', 'condition=be')
  expect(code).toBe(1)
  expect(text.replace(/, [\d.]+ s, [\d.]+ MB$/m, '')).toContain(block('text'))
})

test('a link to a changed scenario holds it: run and explore take the link as they take the file', async () => {
  const schedule = block('text').trim().split('\n').at(-1)?.trim() as string
  const { code, text } = await said('run', FILE, '--set', 'condition=be', '--schedule', schedule)
  expect(code).toBe(1)
  expect(text).toContain('as-the-cpu')
  const link = text.trim().split('\n').at(-1)?.trim() as string
  expect(decodeLink(link)).toMatchObject({ problems: [], link: { scenario: 'jcc-flags', params: { condition: 'be' }, schedule, source: saved } })
  expect(await said('run', `https://host/${link}`)).toEqual({ code, text, errors: '' })
  expect((await said('explore', link)).text).toContain('violated\n2273 states')
  expect((await said('explore', link, '--set', 'condition=e')).text).toContain('nothing is violated')
  expect(await said('run', link.replace('&x=', '&x=!'))).toMatchObject({ code: 2, errors: expect.stringContaining('the link is damaged: ') })
})
