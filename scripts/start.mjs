/** `npm start`: builds the page if needed and serves it on PORT (default 4173) of HOST (default this machine only). */
import { buildIfStale, DIST } from './build.mjs'
import { serve } from './static-server.mjs'

const host = process.env.HOST || '127.0.0.1'
const wanted = process.env.PORT || '4173'
const port = Number(wanted)
if (!/^\d+$/.test(wanted) || port > 65535) fail(`PORT is "${wanted}": give a number from 0 (any free port) to 65535`)

try {
  await buildIfStale()
} catch (error) {
  fail(`the page could not be built: ${error.message}`)
}

try {
  const { address } = await serve(DIST, { port, host })
  process.stdout.write(`Pokescope is at ${address} (Ctrl+C ends it)\n`)
} catch (error) {
  if (error.code === 'EADDRINUSE') fail(`port ${port} is busy: end what listens there, or choose another, as in PORT=8080 npm start`)
  if (error.code === 'EACCES') fail(`port ${port} is not allowed for this user: choose another, as in PORT=8080 npm start`)
  fail(`cannot listen on ${host}, port ${port}: ${error.message}`)
}

function fail(message) {
  process.stderr.write(`pokescope: ${message}\n`)
  process.exit(2)
}
