/**
 * `npm run build`: builds the page into dist/. Others import `buildIfStale`, which does so only if sources changed since the last build.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { writeOfflineWorker } from '../build/offline.mjs'
import { CACHE, fingerprint, ROOT } from './bundle.mjs'

export const DIST = join(ROOT, 'dist')
const STAMP = join(DIST, '.inputs')
const SEARCHED = ['lib', 'machine', 'decoder', 'assembler', 'explorer', 'scenario', 'atlas', 'interchange'].map((layer) => `src/${layer}`)
const INPUTS = ['src', 'public', 'build', 'index.html', 'vite.config.ts', 'package-lock.json']

async function build(logLevel) {
  const inputs = fingerprint(INPUTS)
  const vite = await import('vite')
  await vite.build({ root: ROOT, logLevel })
  await writeHazards()
  writeOfflineWorker(DIST)
  writeFileSync(STAMP, inputs)
}

/**
 * The hazard matrix (`cli hazards`), which the page reads from beside itself. It takes the searches of the whole atlas, so it is computed again only where something that
 * a search depends on has changed.
 */
async function writeHazards() {
  const file = join(CACHE, `hazards-${fingerprint(SEARCHED)}.json`)
  if (!existsSync(file)) {
    process.stderr.write('Searching the atlas for the hazard matrix…\n')
    const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'scripts/cli.mjs'), 'hazards', '--json'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64e6,
    })
    if (status !== 0) throw new Error('the hazard matrix could not be computed: see `npm run cli -- hazards`')
    mkdirSync(CACHE, { recursive: true })
    writeFileSync(file, stdout)
  }
  copyFileSync(file, join(DIST, 'hazards.json'))
}

export async function buildIfStale() {
  if (stamp() === fingerprint(INPUTS)) return
  process.stderr.write('Building the page…\n')
  await build('warn')
}

function stamp() {
  try {
    return readFileSync(STAMP, 'utf8')
  } catch {
    return null
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await build('info')
