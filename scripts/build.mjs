/**
 * `npm run build`: builds the page into dist/. Others import `buildIfStale`, which does so only if sources changed since the last build.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fingerprint, ROOT } from './bundle.mjs'

export const DIST = join(ROOT, 'dist')
const STAMP = join(DIST, '.inputs')
const INPUTS = ['src', 'public', 'build', 'index.html', 'vite.config.ts', 'package-lock.json']

async function build(logLevel) {
  const inputs = fingerprint(INPUTS)
  const vite = await import('vite')
  await vite.build({ root: ROOT, logLevel })
  writeFileSync(STAMP, inputs)
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
