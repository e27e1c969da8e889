/**
 * Edited scenarios by name. The page speaks of every scenario by its id, and gives an edited one the id ORIGIN~DIGEST; whatever is asked of a worker about such a name
 * takes the text along.
 */
import { digestOf } from '../lib/digest.ts'
import type { Request } from '../worker/protocol.ts'
import type { Client, Helper, Ports } from './ports.ts'

export class EditedTexts {
  private readonly texts = new Map<string, string>()

  /** The name of this text from now on. */
  name(origin: string, source: string): string {
    const digest = digestOf(Int32Array.from({ length: source.length }, (_, i) => source.charCodeAt(i)))
    const name = `${origin}~${digest}`
    this.texts.set(name, source)
    return name
  }

  /** null for a bundled scenario. */
  text(name: string): string | null {
    return this.texts.get(name) ?? null
  }

  /** The request with the text that it needs. */
  complete(request: Request): Request {
    if (!('scenario' in request) || request.source !== undefined) return request
    const source = this.texts.get(request.scenario)
    return source === undefined ? request : { ...request, source }
  }
}

/** The same ports, to workers that know the texts. */
export function withTexts(ports: Ports, texts: EditedTexts): Ports {
  return { ...ports, stepper: client(ports.stepper, texts), searcher: client(ports.searcher, texts), help: () => helper(ports.help(), texts) }
}

function client(inner: Client, texts: EditedTexts): Client {
  return {
    request: (request) => inner.request(texts.complete(request)),
    get onProgress() {
      return inner.onProgress
    },
    set onProgress(call) {
      inner.onProgress = call
    },
    get onAhead() {
      return inner.onAhead
    },
    set onAhead(call) {
      inner.onAhead = call
    },
    get onTheWay() {
      return inner.onTheWay
    },
    set onTheWay(call) {
      inner.onTheWay = call
    },
  }
}

function helper(inner: Helper, texts: EditedTexts): Helper {
  return Object.defineProperties({ dispose: () => inner.dispose() } as Helper, Object.getOwnPropertyDescriptors(client(inner, texts)))
}
