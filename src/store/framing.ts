/** The browser's end of an embedded page: messages of the window that holds it. */
import type { Frame } from './embedding.ts'

export const frame: Frame = {
  listen(hear) {
    addEventListener('message', ({ data, origin, source }) => {
      if (source !== parent || parent === window) return
      // A page from a file, or in a sandbox, has an origin that cannot be addressed by name.
      const answer = (message: object) => {
        // In braces: WebKit leaves the frame of a strict function before a call that it returns, and then takes the addressee for the sender.
        parent.postMessage(message, origin === 'null' ? '*' : origin)
      }
      hear({ data, origin, answer })
    })
  },
}
