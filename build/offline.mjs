/** Writes the page's service worker: offline-worker.js beside this file, behind the names and digests of all files of the build. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const WORKER = 'offline-worker.js'
/** What Vite names after its content. */
const HASHED = /^assets\/.*-[\w-]{8}\.\w+$/

export function writeOfflineWorker(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((name) => name !== WORKER && !name.startsWith('.'))
    .sort()
    .map((name) => [name, digestOf(readFileSync(join(folder, name)))])
  const source = readFileSync(new URL(WORKER, import.meta.url), 'utf8')
  const version = digestOf(JSON.stringify(files) + source).slice(0, 16)
  const head = [`const VERSION = '${version}'`, `const FILES = ${JSON.stringify(files)}`, `const HASHED = ${HASHED}`]
  writeFileSync(join(folder, WORKER), `${head.join('\n')}\n${source}`)
}

function digestOf(content) {
  return createHash('sha256').update(content).digest('hex')
}
