/** Files out of the page: downloads, pictures from drawings, and a trace handed over to Perfetto. */
import type { ExportFile, SaveAs } from './exporting.ts'

export async function save(file: ExportFile, as: SaveAs): Promise<void> {
  if (as === 'perfetto') await openInPerfetto(file, file.name)
  else if (as === 'png') download(file.name.replace(/\.svg$/, '.png'), await toPng(file.text))
  else download(file.name, new Blob([file.text], { type: file.type }))
}

function download(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** The drawing at twice its size, for slides. */
async function toPng(svg: string): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = 2 * image.width
    canvas.height = 2 * image.height
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('this browser cannot draw pictures')
    context.drawImage(image, 0, 0, canvas.width, canvas.height)
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
    if (blob === null) throw new Error('the picture is too large for this browser')
    return blob
  } finally {
    URL.revokeObjectURL(url)
  }
}

const PERFETTO = 'https://ui.perfetto.dev'
/** Perfetto answers once it has started; then it takes the trace. */
const ASK_EVERY_MS = 100
const PATIENCE_MS = 30_000

/** Opens Perfetto in a tab of its own and hands the trace over. It stays in the browser: Perfetto's page reads it, no server gets it. */
function openInPerfetto(file: ExportFile, title: string): Promise<void> {
  const tab = window.open(PERFETTO)
  if (tab === null) return Promise.reject(new Error('the browser did not allow another tab'))
  return new Promise((resolve, reject) => {
    const started = Date.now()
    const asking = setInterval(() => {
      if (tab.closed || Date.now() - started > PATIENCE_MS) end(() => reject(new Error('Perfetto did not answer')))
      else tab.postMessage('PING', PERFETTO)
    }, ASK_EVERY_MS)
    const answered = (event: MessageEvent) => {
      if (event.origin !== PERFETTO || event.data !== 'PONG') return
      tab.postMessage({ perfetto: { buffer: new TextEncoder().encode(file.text).buffer, title, fileName: file.name } }, PERFETTO)
      end(resolve)
    }
    const end = (how: () => void) => {
      clearInterval(asking)
      removeEventListener('message', answered)
      how()
    }
    addEventListener('message', answered)
  })
}
