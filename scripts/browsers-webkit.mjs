/**
 * WebKitGTK through its WebKitWebDriver: the W3C WebDriver protocol over HTTP, and a display of its own where Xvfb is there. Only what browsers.mjs needs of it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import http from 'node:http'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const LIBRARIES = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/libexec']
/** Milliseconds: for the driver to answer, and for a script in the page, which may wait for a search. */
const START_MS = 20_000
const SCRIPT_MS = 300_000
const REQUEST_MS = SCRIPT_MS + START_MS

/** `{ driver, browser, xvfb }`, or null where there is no driver, no browser that it can start, or no display. */
export function findWebkit() {
  const driver = onPath('WebKitWebDriver')
  const browser = LIBRARIES.flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []).map((name) => `${folder}/${name}`))
    .filter((path) => /\/webkit2?gtk-[\d.]+$/.test(path))
    .map((path) => `${path}/MiniBrowser`)
    .find(existsSync)
  const xvfb = onPath('Xvfb')
  if (driver === null || browser === undefined || (xvfb === null && !process.env.DISPLAY)) return null
  return { driver, browser, xvfb }
}

function onPath(name) {
  const { status, stdout } = spawnSync('which', [name], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : null
}

export async function startWebkit({ driver, browser, xvfb }) {
  const screen = xvfb === null ? null : await startScreen(xvfb)
  const env = { ...process.env, ...(screen === null ? {} : { DISPLAY: screen.display }) }
  let server = null
  let port = 0
  let session = ''
  const ask = (method, path, body) => request(port, method, `/session/${session}${path}`, body)

  async function end() {
    if (session !== '') await ask('DELETE', '').catch(() => {})
    session = ''
    server?.kill()
    server = null
  }

  /** A driver of its own for each session, and another where one does not come to begin it, as happens on a busy machine. */
  async function begin(triesLeft = 3) {
    await end()
    port = await freePort()
    server = spawn(driver, [`--port=${port}`], { env, stdio: 'ignore' })
    await answers(port)
    const options = { binary: browser, args: ['--automation'] }
    const wanted = { browserName: 'MiniBrowser', pageLoadStrategy: 'none', 'webkitgtk:browserOptions': options }
    try {
      const begun = await request(port, 'POST', '/session', { capabilities: { alwaysMatch: wanted } }, START_MS)
      session = begun.sessionId
      await ask('POST', '/timeouts', { script: SCRIPT_MS })
      await ask('POST', '/window/rect', { width: 1280, height: 720 })
      return begun.capabilities.browserVersion
    } catch (error) {
      if (triesLeft === 0) throw error
      return begin(triesLeft - 1)
    }
  }

  async function run(inPage, given) {
    const script = `const done = arguments[1]; Promise.resolve(arguments[0]).then(${inPage}).then((value) => done({ value: value ?? null }), (error) => done({ error: String(error) }))`
    const answer = await ask('POST', '/execute/async', { script, args: [given ?? null] })
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer.value
  }

  async function close() {
    await end()
    screen?.process.kill()
  }

  const version = await begin().catch(async (error) => {
    await close()
    throw error
  })
  return {
    version,
    async visit(address) {
      await begin()
      await ask('POST', '/url', { url: address })
      // Nothing is waited for, so the document may still be the one before. The page writes its own fragment.
      while (!(await run(() => location.href).catch(() => '')).startsWith(address)) await sleep(5)
    },
    run,
    // The driver tells nothing of the console; what runs in the page listens there.
    complaints: async () => [],
    screenshot: async () => Buffer.from(await ask('GET', '/screenshot'), 'base64'),
    ask,
    close,
  }
}

/** A connection for each: the driver does not get on with one that has been kept for some seconds, as `fetch` keeps it. */
async function request(port, method, path, body, ms = REQUEST_MS) {
  const text = await new Promise((resolve, reject) => {
    const asked = http.request({ host: '127.0.0.1', port, method, path, agent: false }, (answer) => {
      const parts = []
      answer.on('data', (part) => parts.push(part)).on('end', () => resolve(Buffer.concat(parts).toString()))
    })
    asked.setTimeout(ms, () => asked.destroy(new Error(`WebKitWebDriver does not answer ${method} ${path}`)))
    asked.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body))
  })
  const { value } = JSON.parse(text)
  if (value?.error !== undefined) throw new Error(`${value.error}: ${value.message}`)
  return value
}

async function startScreen(xvfb) {
  const child = spawn(xvfb, ['-displayfd', '3', '-screen', '0', '1920x1200x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const number = await new Promise((resolve, reject) => {
    child.stdio[3].once('data', (text) => resolve(String(text).trim()))
    child.once('exit', () => reject(new Error('Xvfb does not start')))
  })
  return { process: child, display: `:${number}` }
}

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function answers(port) {
  const start = performance.now()
  while (performance.now() - start < START_MS) {
    if (
      await request(port, 'GET', '/status').then(
        () => true,
        () => false,
      )
    )
      return
    await sleep(50)
  }
  throw new Error('WebKitWebDriver does not answer')
}
