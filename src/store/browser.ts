/** The ports of a real browser. */
import type { AddressBar, Client, Memory, Ports, Timer } from './ports.ts'

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

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

export function browserPorts(stepper: Client, searcher: Client): Ports {
  return { stepper, searcher, address, timer, memory, copy }
}
