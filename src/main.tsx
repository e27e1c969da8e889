/** Wiring: two workers (one steps, one searches, so that stepping goes on meanwhile), the store, and the page in the document. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { browserPorts } from './store/browser.ts'
import { createPage } from './store/page.ts'
import { App } from './views/App.tsx'
import { WorkerClient } from './worker/client.ts'

const makeWorker = () => new Worker(new URL('./worker/main.ts', import.meta.url), { type: 'module' })

const makeClient = () => new WorkerClient(makeWorker)

const page = createPage(browserPorts(makeClient(), makeClient(), makeClient))
if (location.hash.length <= 1) page.offerGuide()
page.start()

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <App page={page} />
  </StrictMode>,
)
