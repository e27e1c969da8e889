/** The page as it is inside another one. */
import { type EmbedOptions, embedOptions } from './embed-options.ts'
import { createEmbedding } from './embedding.ts'
import { framedAddress } from './framed-address.ts'
import { frame } from './framing.ts'
import { createPage, type Page } from './page.ts'
import type { Memory, Ports } from './ports.ts'

export function embeddedPage(ports: Ports, search: string): { readonly page: Page; readonly options: EmbedOptions } {
  const options = embedOptions(search)
  const page = createPage({ ...ports, framed: true, memory: ownMemory(), address: framedAddress(ports.address) })
  if (options.theme !== null) page.store.setState({ theme: options.theme })
  createEmbedding(page, options, frame)
  return { page, options }
}

/** What the visitor likes on the whole page is not for other people's pages: a frame looks the same to everybody, and leaves nothing behind. */
function ownMemory(): Memory {
  const kept = new Map<string, string>()
  return { get: (key) => kept.get(key) ?? null, set: (key, value) => void kept.set(key, value) }
}
