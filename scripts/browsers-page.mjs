/**
 * What `npm run browsers` does inside a page: each function is handed over as its text, so it stands for itself. They speak to an embedded Pokescope as any host does
 * (docs/embedding.md), and keep what it complains of in `window.complaints`.
 */

/** Makes a page of ours without scripts the host. */
export async function host({ driver }) {
  document.body.replaceChildren()
  const { drive } = await import(driver)
  Object.assign(window, { drive, complaints: [], scope: null })
}

/** Opens a link in a new frame, as somebody who clicks it. Milliseconds are to the first answer. */
export async function open({ link }) {
  document.querySelector('iframe')?.remove()
  const frame = document.createElement('iframe')
  frame.width = '1000'
  frame.height = '600'
  const begun = performance.now()
  frame.src = `./index.html?embed#${link}`
  document.body.append(frame)
  // Listens from the moment when the document is there: its scripts run only when it has been read.
  let heard = null
  const listen = setInterval(() => {
    const inside = frame.contentWindow
    if (inside === null || inside === heard || !inside.location.href.includes('embed')) return
    heard = inside
    const error = inside.console.error
    inside.console.error = (...words) => {
      window.complaints.push(`console: ${words.join(' ')}`)
      error.apply(inside.console, words)
    }
    inside.addEventListener(
      'error',
      ({ message, target }) => {
        // Firefox calls it an error when a module that is there already is to be loaded ahead.
        if (target.rel !== 'modulepreload') window.complaints.push(`thrown: ${message ?? target.outerHTML}`)
      },
      true,
    )
    inside.addEventListener('unhandledrejection', (event) => window.complaints.push(`rejected: ${event.reason}`))
    inside.addEventListener('securitypolicyviolation', (event) => window.complaints.push(`policy: ${event.violatedDirective} ${event.blockedURI}`))
  }, 0)
  window.scope = await window.drive(frame)
  const { state } = await window.scope.ask('state')
  const ms = performance.now() - begun
  clearInterval(listen)
  // The page compares by itself, too, and says so a frame later.
  const says = () => /Verified/.test(frame.contentDocument.body.innerText)
  for (let i = 0; i < 40 && !says(); i++) await new Promise((resolve) => setTimeout(resolve, 50))
  return { digest: state.digest, step: state.step, verified: says(), ms, complaints: window.complaints.splice(0) }
}

/** Milliseconds of each seek, with what is shown of it. */
export async function seek({ steps }) {
  const times = []
  for (const step of steps) {
    const begun = performance.now()
    await window.scope.ask('seek', { step })
    times.push(performance.now() - begun)
  }
  return times
}

/** Searches all interleavings; `seconds` as the page clocks them. */
export async function search() {
  const begun = performance.now()
  const { verdict } = await window.scope.ask('explore')
  return { verdict, seconds: (performance.now() - begun) / 1000 }
}

/** Milliseconds from the start of the visit until the call site is shown. */
export async function firstView() {
  while (document.querySelector('table[aria-label^="Bytes of"], table caption') === null) await new Promise((resolve) => setTimeout(resolve, 4))
  return performance.now()
}
