/** The ports of a real browser. */
import type { AddressBar, Client, Helper, Memory, Ports, Timer } from './ports.ts'

function browserAddress(): AddressBar {
  /** What the page has written into the present entry of the history: its number. */
  const number = (): number | null => {
    const entry: unknown = history.state?.pokescopeEntry
    return typeof entry === 'number' ? entry : null
  }
  let own = number() !== null
  let entry = number() ?? 0

  function write(how: 'replaceState' | 'pushState', fragment: string, at: number): void {
    history[how]({ pokescopeEntry: at }, '', `#${fragment}`)
    entry = at
    own = true
  }

  return {
    read: () => location.hash.replace(/^#/, ''),
    base: () => location.href.replace(/#.*$/, ''),
    replace: (fragment) => write('replaceState', fragment, entry),
    push: (fragment) => write('pushState', fragment, entry + 1),
    entry: () => entry,
    own: () => own,
    go: (by) => history.go(by),
    listen(onJump) {
      const moved = () => {
        const known = number()
        own = known !== null
        // A link that was followed or pasted is an entry of its own, behind the one before.
        entry = known ?? entry + 1
        if (known === null) history.replaceState({ pokescopeEntry: entry }, '')
        onJump()
      }
      addEventListener('popstate', moved)
      addEventListener('hashchange', () => {
        if (number() === entry) onJump()
        else moved()
      })
    },
  }
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
  return { stepper, searcher, help, helpers, address: browserAddress(), linkReader, timer, memory, pickFile, save, copy, date: Date.now }
}
