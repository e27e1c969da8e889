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

/** Rejects where that is not allowed; in a sandbox, the very question throws. The page works as it does without. */
async function keepForOffline(): Promise<void> {
  await navigator.serviceWorker?.register('offline-worker.js')
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
  // It fetches everything once more, which can wait until the page is there.
  if (import.meta.env.PROD) setTimeout(() => void keepForOffline().catch(() => {}), OFFLINE_AFTER_MS)
}
