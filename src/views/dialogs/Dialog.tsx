/** A modal dialog of the browser's own: it keeps the focus, closes with Esc, and gives the focus back. */
import { type ReactNode, useEffect, useRef } from 'react'
import { usePage } from '../page-context.ts'
import './dialog.css'

export function Dialog({ title, wide = false, children }: { title: string; wide?: boolean; children: ReactNode }): ReactNode {
  const page = usePage()
  const element = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = element.current
    dialog?.showModal()
    // The thing to do first has the focus; else the dialog as a whole, not its "close".
    const first = dialog?.querySelector<HTMLElement>('[data-first]') ?? dialog
    first?.focus()
    return () => dialog?.close()
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes; this is the click beside the dialog
    <dialog
      ref={element}
      tabIndex={-1}
      data-wide={wide}
      aria-labelledby="dialog-title"
      // At once: `close` comes a task later, and a key in between would be taken for one of the dialog.
      onCancel={() => page.closeDialog()}
      onClose={() => page.closeDialog()}
      onClick={(event) => {
        if (event.target === element.current) page.closeDialog()
      }}
    >
      <div className="dialog">
        <header>
          <h2 id="dialog-title">{title}</h2>
          <button type="button" className="quiet icon" aria-label="Close" onClick={() => page.closeDialog()}>
            ✕
          </button>
        </header>
        {children}
      </div>
    </dialog>
  )
}
