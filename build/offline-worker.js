/**
 * The service worker: keeps one build of the page, whole, for when the network is gone. The build writes VERSION, FILES and HASHED in front of it.
 *
 * No mix of builds is ever shown. What the worker keeps was checked, file by file, against what it was built with, or it is not installed at all. With a network, the
 * document comes from there; files that it names carry a hash of their content in their names, so they are of its own build wherever they come from. A new worker waits
 * until no page of the old build is open.
 */
/* global VERSION, FILES, HASHED */

const PREFIX = `pokescope ${new URL('./', location).pathname} `
const NAME = PREFIX + VERSION
/** A network that does not answer in this time counts as gone: the document is wanted now. */
const PATIENCE_MS = 4000

addEventListener('install', (event) => event.waitUntil(keepAll()))
addEventListener('activate', (event) => event.waitUntil(Promise.all([dropOthers(), clients.claim()])))
addEventListener('fetch', (event) => {
  const { method, url } = event.request
  if (method !== 'GET') return
  const file = fileOf(url)
  if (file === null) return
  event.respondWith(HASHED.test(file) ? kept(file).then((found) => found ?? fetch(event.request)) : fresh(event.request, file))
})

/** The name of a file of this build, as FILES spells it; null for everything else. */
function fileOf(url) {
  const { origin, pathname } = new URL(url)
  const home = new URL('./', location)
  if (origin !== home.origin || !pathname.startsWith(home.pathname)) return null
  const name = decodeURIComponent(pathname.slice(home.pathname.length)) || 'index.html'
  return FILES.some(([each]) => each === name) ? name : null
}

async function kept(file) {
  return (await caches.open(NAME)).match(new URL(encodeURI(file), location))
}

/** From the network; what is kept where that is gone or too slow. */
async function fresh(request, file) {
  const copy = await kept(file)
  if (copy === undefined) return fetch(request)
  const slow = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, copy))
  const network = fetch(request).then(
    (response) => (response.status < 500 ? response : copy),
    () => copy,
  )
  return Promise.race([network, slow])
}

async function keepAll() {
  const cache = await caches.open(NAME)
  try {
    await Promise.all(FILES.map(([file, digest]) => keep(cache, file, digest)))
  } catch (error) {
    await caches.delete(NAME)
    throw error
  }
}

async function keep(cache, file, digest) {
  const url = new URL(encodeURI(file), location)
  // Hashed files are mostly at hand already; the others are asked for anew.
  const response = await fetch(url, { cache: HASHED.test(file) ? 'default' : 'no-cache' })
  if (!response.ok) throw new Error(`${file}: ${response.status}`)
  const bytes = await response.clone().arrayBuffer()
  const found = [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  if (found !== digest) throw new Error(`${file} is of another build`)
  await cache.put(url, response)
}

async function dropOthers() {
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== NAME).map((name) => caches.delete(name)))
}
