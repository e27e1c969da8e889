/** The ports of a real browser. */
import type { AddressBar, Client, Helper, Memory, Ports, Timer } from './ports.ts'

const address: AddressBar = {
  read: () => location.hash.replace(/^#/, ''),
  base: () => location.href.replace(/#.*$/, ''),
  replace: (fragment) => history.replaceState(null, '', `#${fragment}`),
  push: (fragment) => history.pushState(null, '', `#${fragment}`),
  back: () => history.back(),
  forward: () => history.forward(),
  listen(onJump) {
    addEventListener('popstate', onJump)
    addEventListener('hashchange', onJump)
  },
}

const timer: Timer = {
  now: () => performance.now(),
  after(milliseconds, call) {
    const id = setTimeout(call, milliseconds)
    return () => clearTimeout(id)
  },
}

/** A browser may forbid storage, or throw where it is full: then nothing is remembered. */
const memory: Memory = {
  get(key) {
    try {
      return localStorage.getItem(`pokescope.${key}`)
    } catch {
      return null
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(`pokescope.${key}`, value)
    } catch {}
  },
}

/** Only a page that is opened with a link needs it. */
const linkReader: Ports['linkReader'] = async () => (await import('../interchange/link.ts')).decodeLink

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

function pickFile(): ReturnType<Ports['pickFile']> {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = '.json,application/json'
  return new Promise((resolve) => {
    input.onchange = async () => {
      const file = input.files?.[0]
      resolve(file === undefined ? null : { name: file.name, text: await file.text() })
    }
    input.oncancel = () => resolve(null)
    input.click()
  })
}

/** Nothing is saved at first. */
const save: Ports['save'] = async (file, as) => (await import('./saving.ts')).save(file, as)

/** A helper takes a core of its own; the page and the two other workers need one as well. */
const MOST_HELPERS = 8

export function browserPorts(stepper: Client, searcher: Client, help: () => Helper): Ports {
  const helpers = Math.max(1, Math.min(MOST_HELPERS, (navigator.hardwareConcurrency || 2) - 1))
  return { stepper, searcher, help, helpers, address, linkReader, timer, memory, pickFile, save, copy }
}
