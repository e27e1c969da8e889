/**
 * Bundles a TypeScript entry of src/ for Node, with the same plugins as the page, into a cache under node_modules.
 *
 * Why a bundle: Node 20 runs no TypeScript, and sources import `?raw` texts and use `import.meta.glob`, which only Vite understands.
 * The file is named after what went into it (names, sizes and times of all sources), so a second start finds it at once, and several
 * processes that start together at worst build the same file twice: each writes under a name of its own and renames.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
export const CACHE = join(ROOT, 'node_modules/.cache/pokescope')
const INPUTS = ['src', 'build', 'scripts/bundle.mjs', 'package-lock.json']
const A_DAY = 86_400_000

/** The sources do not build: the message has several lines, and all of them matter. */
export class BundleError extends Error {}

/** The path of the bundle of `entry` (relative to the root), which is built first if sources changed since. `name` starts its file name. */
export async function bundle(entry, name) {
  const file = join(CACHE, `${name}-${fingerprint(INPUTS, entry)}.mjs`)
  if (!existsSync(file)) {
    const code = await build(entry).catch((error) => {
      throw new BundleError(stripVTControlCharacters(error.message))
    })
    mkdirSync(CACHE, { recursive: true })
    removeOld(name)
    const draft = `${file}.${process.pid}`
    writeFileSync(draft, code)
    renameSync(draft, file)
  }
  return file
}

/** Bundles if needed, then imports: the module's namespace. */
export async function load(entry, name) {
  return import(pathToFileURL(await bundle(entry, name)).href)
}

/** A digest over names, sizes and times of all files in `paths` (files or folders below the root). */
export function fingerprint(paths, salt = '') {
  const hash = createHash('sha1').update(salt)
  const visit = (path) => {
    const about = statSync(join(ROOT, path), { throwIfNoEntry: false })
    if (about === undefined) return
    if (!about.isDirectory()) hash.update(`${path}\0${about.size}\0${about.mtimeMs}\n`)
    else for (const child of readdirSync(join(ROOT, path)).sort()) visit(`${path}/${child}`)
  }
  for (const path of paths) visit(path)
  return hash.digest('hex').slice(0, 16)
}

async function build(entry) {
  const [vite, { icedX86 }] = await Promise.all([import('vite'), import('../build/iced-esm.mjs')])
  const result = await vite.build({
    root: ROOT,
    configFile: false,
    logLevel: 'silent',
    plugins: [icedX86()],
    // All in one file: a chunk could vanish under a process that is still to load it.
    ssr: { noExternal: true },
    build: {
      ssr: entry,
      write: false,
      minify: false,
      target: 'node20',
      rolldownOptions: { output: { format: 'esm', codeSplitting: false } },
    },
  })
  const output = Array.isArray(result) ? result[0].output : result.output
  return output.find((part) => part.type === 'chunk').code
}

/** Bundles of older sources go after a day; younger ones may be about to be imported by another process. */
function removeOld(name) {
  for (const file of readdirSync(CACHE)) {
    const path = join(CACHE, file)
    const about = statSync(path, { throwIfNoEntry: false })
    if (file.startsWith(`${name}-`) && about !== undefined && Date.now() - about.mtimeMs > A_DAY) rmSync(path, { force: true })
  }
}
