import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serve } from './static-server.mjs'

let parent
let running

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'pokescope-serve-'))
  mkdirSync(join(parent, 'site/assets'), { recursive: true })
  mkdirSync(join(parent, 'site-private'))
  writeFileSync(join(parent, 'site/index.html'), '<title>x</title>')
  writeFileSync(join(parent, 'site/.hidden'), 'no')
  writeFileSync(join(parent, 'site/assets/a-12345678.wasm'), 'wasm')
  writeFileSync(join(parent, 'site-private/secret.txt'), 'no')
  running = await serve(join(parent, 'site'), { port: 0, host: '127.0.0.1' })
})

afterAll(() => {
  running.server.close()
  rmSync(parent, { recursive: true })
})

/** node:http sends the path as it is; fetch would tidy it first. */
function get(path, headers = {}, method = 'GET') {
  return new Promise((resolve) => {
    request(running.address, { path, headers, method, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response))
    }).end()
  })
}

test('hashed assets are kept for ever, with the media type that streaming compilation asks for', async () => {
  const { statusCode, headers } = await get('/assets/a-12345678.wasm')
  expect(statusCode).toBe(200)
  expect(headers['content-type']).toBe('application/wasm')
  expect(headers['cache-control']).toMatch(/immutable/)
})

test('the page is revalidated, and unchanged it is not sent again', async () => {
  const first = await get('/?embed=1')
  expect(first.headers['cache-control']).toBe('no-cache')
  const second = await get('/', { 'If-None-Match': first.headers.etag })
  expect(second.statusCode).toBe(304)
  expect(second.headers['content-security-policy']).toBe(first.headers['content-security-policy'])
})

test.each(['/../site-private/secret.txt', '/..%2fsite-private%2fsecret.txt', '/.hidden', '/assets', '/%', '/%00'])(
  '%s is not found',
  async (path) => {
    expect((await get(path)).statusCode).toBe(404)
  },
)

test('other pages may put it into a frame', async () => {
  const { headers } = await get('/?embed')
  expect(headers['content-security-policy']).toContain('frame-ancestors *')
  expect(headers['x-frame-options']).toBeUndefined()
})

test('only reading is allowed', async () => {
  expect((await get('/', {}, 'POST')).statusCode).toBe(405)
})
