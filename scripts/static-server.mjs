/**
 * A small web server over one folder: what `npm start` and the end-to-end tests use. It shows which headers help a real host:
 * immutable caching of hashed assets and a content security policy. The page needs neither, so any static host will do.
 *
 * Deliberately without COOP/COEP (they would break handing a trace over to Perfetto) and without X-Frame-Options (embedding is a feature).
 */
import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
    "img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; frame-ancestors *",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}

/** Serves `folder`; answers with the server and its address once it listens. Rejects with the error of `listen` (EADDRINUSE…). */
export function serve(folder, { port, host }) {
  const packed = new Map()
  const server = createServer((request, response) => {
    answer(folder, packed, request, response).catch((error) => {
      if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'text/plain' })
      response.end(`${error.message}\n`)
    })
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const name = host === '127.0.0.1' ? 'localhost' : host.includes(':') ? `[${host}]` : host
      resolve({ server, address: `http://${name}:${server.address().port}/` })
    })
  })
}

async function answer(folder, packed, request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'only GET and HEAD', { Allow: 'GET, HEAD' })
  const found = await locate(folder, request.url ?? '/')
  if (found === null) return refuse(response, 404, 'not found')

  const headers = {
    ...HEADERS,
    'Content-Type': TYPES[extname(found.path)] ?? 'application/octet-stream',
    'Cache-Control': found.hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: found.tag,
    Vary: 'Accept-Encoding',
  }
  if (request.headers['if-none-match'] === found.tag) return response.writeHead(304, headers).end()

  let body = await readFile(found.path)
  if (/\bgzip\b/.test(request.headers['accept-encoding'] ?? '') && !/^(image\/(?!svg)|font)/.test(headers['Content-Type'])) {
    body = await gzipped(packed, found.path + found.tag, body)
    headers['Content-Encoding'] = 'gzip'
  }
  response.writeHead(200, { ...headers, 'Content-Length': body.length })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** The file that a URL names, or null. Nothing outside the folder and no dot file is ever found. */
async function locate(folder, url) {
  let name
  try {
    name = decodeURIComponent(url.replace(/[?#].*$/s, ''))
  } catch {
    return null
  }
  const path = normalize(join(folder, name.endsWith('/') ? `${name}index.html` : name))
  if (!path.startsWith(folder + sep) || path.includes('\0') || /[\\/]\./.test(path.slice(folder.length))) return null
  const about = await stat(path).catch(() => null)
  if (about === null || !about.isFile()) return null
  const hashed = /^[\\/]assets[\\/].*-[\w-]{8}\.\w+$/.test(path.slice(folder.length))
  return { path, hashed, tag: `W/"${about.size.toString(36)}-${Math.trunc(about.mtimeMs).toString(36)}"` }
}

async function gzipped(packed, key, body) {
  const known = packed.get(key)
  if (known !== undefined) return known
  const result = await promisify(gzip)(body)
  packed.set(key, result)
  return result
}

function refuse(response, status, text, headers = {}) {
  response.writeHead(status, { ...HEADERS, ...headers, 'Content-Type': 'text/plain; charset=utf-8' })
  response.end(`${text}\n`)
}
