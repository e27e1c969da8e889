/** Puts the theme on the document: the user's own, or the system's as long as the user has chosen none. */
import { useEffect } from 'react'
import { useFacts } from './page-context.ts'

export function useTheme(): void {
  const theme = useFacts((state) => state.theme)
  useEffect(() => {
    const system = matchMedia('(prefers-color-scheme: dark)')
    const apply = () => {
      document.documentElement.dataset.theme = theme === 'system' ? (system.matches ? 'dark' : 'light') : theme
    }
    apply()
    system.addEventListener('change', apply)
    return () => system.removeEventListener('change', apply)
  }, [theme])
}
