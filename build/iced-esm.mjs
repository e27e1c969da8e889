/**
 * iced-x86 is published for Node only: wasm-bindgen's CommonJS glue, which reads its .wasm file from disk while it is being imported.
 * This file rewrites that glue, as text, into an ES module that a browser, a worker, Node and the test runner can all use, and that
 * does nothing until someone calls `init` or `initSync`. Tree shaking then drops the 80 % of the glue that nobody imports.
 *
 * What comes out exports everything that the package exported, plus
 *   init(source)     async: a URL, a Response (or a promise of one), bytes, or a compiled module
 *   initSync(source) the same for bytes or a compiled module, without waiting
 *   isReady()        whether either has succeeded
 *   wasmMemoryBytes() size of the WebAssembly memory, which never shrinks: for tests and benchmarks that look for leaks
 *
 * Every rewrite says how often it must apply; a release of iced-x86 whose glue looks different fails the build with the name of the rewrite.
 */

/** The rewrites in order: what they are called in an error, what they look for, what they put there, and how often at least (and at most). */
const REWRITES = [
  {
    name: 'the head (imports object, util)',
    find: /^let imports = \{\};\s*imports\['__wbindgen_placeholder__'\] = module\.exports;\s*let wasm;\s*const \{ TextDecoder, TextEncoder \} = require\(`util`\);/,
    put: 'const glue = {};\nlet wasm;',
    atLeast: 1,
    atMost: 1,
  },
  {
    name: 'the tail (reading the .wasm file)',
    find: /const path = require\('path'\)\.join\(__dirname, 'iced_x86_bg\.wasm'\);[\s\S]*$/,
    put: '',
    atLeast: 1,
    atMost: 1,
  },
  // Functions that the WebAssembly side calls are private to the glue.
  { name: 'callbacks', find: /^module\.exports\.(__wb\w+) = function/gm, put: 'glue.$1 = function', atLeast: 1 },
  { name: 'classes', find: /^module\.exports\.(\w+) = \1;$/gm, put: 'export { $1 };', atLeast: 10 },
  {
    name: 'enumerations',
    find: /^module\.exports\.(\w+) = Object\.freeze\(/gm,
    put: 'export const $1 = /* @__PURE__ */ Object.freeze(',
    atLeast: 30,
  },
  { name: 'functions', find: /^module\.exports\.(\w+) = function/gm, put: 'export const $1 = function', atLeast: 1 },
]

/** What the rewritten module has in place of the tail. */
const LOADER = `
const imports = { __wbindgen_placeholder__: glue };

export function isReady() {
  return wasm !== undefined;
}

export function wasmMemoryBytes() {
  return wasm.memory.buffer.byteLength;
}

export function initSync(source) {
  if (wasm !== undefined) return;
  const compiled = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
  wasm = new WebAssembly.Instance(compiled, imports).exports;
}

export async function init(source) {
  if (wasm !== undefined) return;
  const given = await (typeof source === 'string' || source instanceof URL ? fetch(source) : source);
  const instance = await instantiate(given);
  // Two callers may have waited at the same time: the first instance stays, objects of both must live in one memory.
  if (wasm === undefined) wasm = instance.exports;
}

async function instantiate(given) {
  if (given instanceof WebAssembly.Module) return WebAssembly.instantiate(given, imports);
  if (typeof Response === 'undefined' || !(given instanceof Response)) return (await WebAssembly.instantiate(given, imports)).instance;
  if (!given.ok) throw new Error('iced-x86: ' + given.url + ' answered ' + given.status);
  // Streaming compilation insists on the media type, and some static hosts do not know it.
  const streamable = (given.headers.get('content-type') ?? '').startsWith('application/wasm');
  const result = streamable ? await WebAssembly.instantiateStreaming(given, imports) : await WebAssembly.instantiate(await given.arrayBuffer(), imports);
  return result.instance;
}
`

/** What a compacted enumeration calls; both directions, like the literal that it replaces. */
const ENUMERATION = `
function enumeration(names) {
  const both = {};
  names.split(' ').forEach((name, value) => {
    both[name] = value;
    both[value] = name;
  });
  return Object.freeze(both);
}
`

/**
 * The enumerations spell every name twice ("Add_rm8_r8:5,"5":"Add_rm8_r8""), which is most of what a page would load. Where the values
 * count from 0, a list of names says the same; any other literal stays as it is.
 */
function compactEnumerations(text) {
  return text.replace(/(export const \w+ = \/\* @__PURE__ \*\/ )Object\.freeze\(\{([^{}]*)\}\)/g, (whole, head, body) => {
    const code = body
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/[\s,]+/g, ' ')
      .trim()
    const names = [...code.matchAll(/(\w+):(\d+) "(\d+)":"(\w+)"/g)].map(([, name, value]) => ({ name, value: Number(value) }))
    const same = names.map(({ name, value }) => `${name}:${value} "${value}":"${name}"`).join(' ')
    const counts = names.every(({ value }, i) => value === i)
    return counts && same === code ? `${head}enumeration('${names.map(({ name }) => name).join(' ')}')` : whole
  })
}

/** Rewrites the text of iced_x86.js; throws where its shape is not the one that REWRITES knows. */
export function icedToEsm(source) {
  let text = source
  for (const { name, find, put, atLeast, atMost } of REWRITES) {
    const count = text.match(find)?.length ?? 0
    if (count < atLeast || (atMost !== undefined && count > atMost)) {
      throw new Error(`iced-x86 changed the shape of its glue: "${name}" found ${count} times; adapt build/iced-esm.mjs`)
    }
    text = text.replace(find, put)
  }
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '')
  const leftOver = /module\.exports.*|\brequire\(.*|__dirname.*/.exec(code)
  if (leftOver !== null) throw new Error(`iced-x86 changed the shape of its glue: "${leftOver[0]}" is left over; adapt build/iced-esm.mjs`)
  return compactEnumerations(text) + ENUMERATION + LOADER
}

const GLUE_FILE = /[\\/]iced-x86[\\/]iced_x86\.js(\?|$)/

/** The Vite plugin. Workers are bundled on their own: list it in `plugins` and in `worker.plugins`. */
export function icedX86() {
  return {
    name: 'iced-x86-esm',
    enforce: 'pre',
    // The development server's pre-bundler would wrap the CommonJS before this plugin sees it.
    config: () => ({ optimizeDeps: { exclude: ['iced-x86'] } }),
    transform: {
      filter: { id: GLUE_FILE },
      handler(code, id) {
        if (!GLUE_FILE.test(id)) return null
        return { code: icedToEsm(code), map: { mappings: '' }, moduleSideEffects: false }
      },
    },
  }
}
