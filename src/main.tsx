/** Wiring: puts the page into the document. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <h1>Pokescope</h1>
  </StrictMode>,
)
