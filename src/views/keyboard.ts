/** One listener for all keys of the page; the table is store/keys.ts. */
import { useEffect } from 'react'
import { bindingFor, type KeyBinding } from '../store/keys.ts'
import type { Page } from '../store/page.ts'

/** `allows`: keys of the table that are not for this page are left to the browser. */
export function useKeyboard(page: Page, allows: (binding: KeyBinding) => boolean = all): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || belongsToFocus(event)) return
      // What is typed for a dialog that is still being fetched is no command either.
      const { dialog, presenting, theme } = page.store.getState()
      if (dialog !== null) return
      const found = bindingFor(event, presenting || theme === 'projector')
      if (found === null || !allows(found.binding)) return
      event.preventDefault()
      found.binding.run(page, found.stroke)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [page, allows])
}

const all = () => true

/** Typing, an open dialog, and keys that the focused control uses itself. */
function belongsToFocus(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement
  if (target.closest?.('dialog, textarea, [contenteditable]') != null) return true
  if (target instanceof HTMLInputElement && target.type !== 'range') return true
  const key = event.key
  if (target instanceof HTMLSelectElement)
    return key.length === 1 || key.startsWith('Arrow') || key === 'Home' || key === 'End' || key.startsWith('Page')
  if (target instanceof HTMLInputElement) return key.startsWith('Arrow') || key === 'Home' || key === 'End' || key.startsWith('Page')
  if (key === ' ' || key === 'Enter') return target.closest?.('button, a, summary') != null
  if (key.startsWith('Arrow') || key === 'Home' || key === 'End') return target.closest?.('[role="tab"]') != null
  return false
}
