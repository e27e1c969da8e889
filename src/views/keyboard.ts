/** One listener for all keys of the page; the table is store/keys.ts. */
import { useEffect } from 'react'
import { bindingFor, type KeyBinding } from '../store/keys.ts'
import type { Page } from '../store/page.ts'

/** `allows`: keys of the table that are not for this page are left to the browser. */
export function useKeyboard(page: Page, allows: (binding: KeyBinding) => boolean = all): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || belongsToFocus(event)) return
      // What is typed for a dialog that is still being fetched is no command either; the list of commands begins with it.
      const { dialog, paletteText, presenting, theme } = page.store.getState()
      if (dialog !== null) {
        if (dialog !== 'palette' || !isText(event)) return
        event.preventDefault()
        return page.openPalette(paletteText + event.key)
      }
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

function isText({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return key.length === 1 && !ctrlKey && !metaKey && !altKey
}

/** Typing, an open dialog, and keys that the focused control uses itself. */
function belongsToFocus(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement
  if (target.closest?.('dialog, [contenteditable]') != null) return true
  const control = target.closest?.<HTMLElement>('input, textarea, select, button, a, summary, [role="tab"]')
  if (control == null) return false
  return keeps(kindOf(control), event.key)
}

/** What has the focus, as far as it uses keys itself. */
export type Control = 'text' | 'list' | 'slider' | 'radio' | 'tab' | 'button'

function kindOf(control: HTMLElement): Control {
  if (control instanceof HTMLTextAreaElement) return 'text'
  if (control instanceof HTMLSelectElement) return 'list'
  if (control instanceof HTMLInputElement) return INPUTS[control.type] ?? 'text'
  return control.role === 'tab' ? 'tab' : 'button'
}

/** Inputs into which nothing is typed; all others are text. */
const INPUTS: Readonly<Record<string, Control>> = {
  range: 'slider',
  radio: 'radio',
  checkbox: 'button',
  button: 'button',
  submit: 'button',
  reset: 'button',
  file: 'button',
}

/** `key` as the browser names it. Whatever a control does not use is the page's: a box that was ticked by mouse keeps the focus, and must not take the arrows away. */
export function keeps(control: Control, key: string): boolean {
  const acts = key === ' ' || key === 'Enter'
  const arrows = key.startsWith('Arrow')
  const ways = arrows || key === 'Home' || key === 'End'
  switch (control) {
    case 'text':
      return true
    case 'list':
      return key.length === 1 || ways || key.startsWith('Page')
    case 'slider':
      return ways || key.startsWith('Page')
    case 'radio':
      return acts || arrows
    case 'tab':
      return acts || ways
    case 'button':
      return acts
  }
}
