/** A scenario file that is dropped on the page opens in the editor. */
import { useEffect } from 'react'
import type { Page } from '../store/page.ts'

export function useDroppedFiles(page: Page): void {
  useEffect(() => {
    const onDragOver = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files') === true) event.preventDefault()
    }
    const onDrop = (event: DragEvent) => {
      const file = event.dataTransfer?.files[0]
      if (file === undefined) return
      event.preventDefault()
      void file.text().then((text) => page.editText(text, file.name.replace(/\.json$/i, '')))
    }
    addEventListener('dragover', onDragOver)
    addEventListener('drop', onDrop)
    return () => {
      removeEventListener('dragover', onDragOver)
      removeEventListener('drop', onDrop)
    }
  }, [page])
}
