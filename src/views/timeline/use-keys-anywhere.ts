import { useEffect, useRef } from 'react'
import { bindingFor } from '../../store/keys.ts'

/** The keys that act even where nothing has the focus: those that print something. */
export function actsAnywhere({ key }: { readonly key: string }): boolean {
  return key.length === 1 && key !== ' '
}

/** The lanes' keys while nothing has the focus, as far as the page has no use for them itself. */
export function useKeysAnywhere(wanted: boolean, onKey: (event: KeyboardEvent) => void): void {
  const live = useRef(onKey)
  live.current = onKey
  useEffect(() => {
    if (!wanted) return
    const listen = (event: KeyboardEvent) => {
      if (event.target === document.body && !event.defaultPrevented && actsAnywhere(event) && bindingFor(event) === null) live.current(event)
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [wanted])
}
