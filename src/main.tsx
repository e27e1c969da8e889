/** Wiring: two workers (one steps, one searches, so that stepping goes on meanwhile), the store, and the page in the document: whole, or inside another one. */
import { type ReactNode, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { browserPorts } from './store/browser.ts'
import { createPage } from './store/page.ts'
import { App } from './views/App.tsx'
import { WorkerClient } from './worker/client.ts'

const makeWorker = () => new Worker(new URL('./worker/main.ts', import.meta.url), { type: 'module' })

const makeClient = () => new WorkerClient(makeWorker)

const ports = browserPorts(makeClient(), makeClient(), makeClient)

/** After the parts that are fetched ahead. */
const OFFLINE_AFTER_MS = 3000

function show(page: ReactNode): void {
  createRoot(document.getElementById('root') as HTMLElement).render(<StrictMode>{page}</StrictMode>)
}

async function openEmbedded(): Promise<void> {
  const [{ embeddedPage }, { Embed }] = await Promise.all([import('./store/embedded.ts'), import('./views/embed/Embed.tsx')])
  const { page, options } = embeddedPage(ports, location.search)
  page.start()
  show(<Embed page={page} options={options} />)
}

// As docs/embedding.md has it: ?embed, or ?embed=1.
if ((new URLSearchParams(location.search).get('embed') ?? '0') !== '0') void openEmbedded()
else {
  const page = createPage(ports)
  if (location.hash.length <= 1) page.offerGuide()
  page.start()
  show(<App page={page} />)
  // When the page is there: it fetches everything once more. Where it is not allowed, or there is none, the page works as it does without.
  if (import.meta.env.PROD) setTimeout(() => void navigator.serviceWorker?.register('offline-worker.js').catch(() => {}), OFFLINE_AFTER_MS)
}
