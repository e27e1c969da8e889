/**
 * Drives an embedded Pokescope. Copy it: it is all that a host page needs. The messages are described in docs/embedding.md.
 *
 *     const scope = await drive(document.querySelector('iframe'))
 *     const { state } = await scope.ask('step')
 */
export function drive(iframe, onChange = () => {}) {
  const { origin } = new URL(iframe.src, location.href)
  const waiting = new Map()
  let last = 0

  // In braces: of a call that a function returns, Safari tells the wrong sender (docs/embedding.md).
  const send = (message) => {
    iframe.contentWindow.postMessage({ pokescope: 1, ...message }, origin)
  }

  return new Promise((resolve) => {
    // The frame hears nothing until its script has started.
    const ping = setInterval(() => send({ type: 'PING' }), 100)

    addEventListener('message', ({ data, source, origin: from }) => {
      if (source !== iframe.contentWindow || from !== origin || data?.pokescope !== 1) return
      if (data.type === 'PONG') {
        clearInterval(ping)
        resolve({ ask, panels: data.panels })
      } else if (data.type === 'change') onChange(data.state)
      else waiting.get(data.id)?.(data)
    })
  })

  /** Resolves with what is answered; rejects with the reason of a refusal. */
  function ask(type, more = {}) {
    const id = ++last
    return new Promise((resolve, reject) => {
      waiting.set(id, (answer) => {
        waiting.delete(id)
        if (answer.ok) resolve(answer)
        else reject(new Error(answer.reason))
      })
      send({ type, id, ...more })
    })
  }
}
