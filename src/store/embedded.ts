/** The page as it is inside another one. */
import { type EmbedOptions, embedOptions } from './embed-options.ts'
import { createEmbedding } from './embedding.ts'
import { framedAddress } from './framed-address.ts'
import { frame } from './framing.ts'
import { createPage, type Page } from './page.ts'
import type { Ports } from './ports.ts'

export function embeddedPage(ports: Ports, search: string): { readonly page: Page; readonly options: EmbedOptions } {
  const options = embedOptions(search)
  const page = createPage({ ...ports, framed: true, address: framedAddress(ports.address) })
  // Not remembered: the whole page keeps what its user likes.
  if (options.theme !== null) page.store.setState({ theme: options.theme })
  createEmbedding(page, options, frame)
  return { page, options }
}
