/** Puts the theme on the document: the user's own, or the system's as long as the user has chosen none. */
import { useEffect } from 'react'
import { useFacts } from './page-context.ts'

export function useTheme(): void {
  // A room gets the projector's colours, unless it was made dark on purpose.
  const theme = useFacts(({ theme, presenting }) => (presenting && theme !== 'dark' && theme !== 'contrast' ? 'projector' : theme))
  useEffect(() => {
    const system = matchMedia('(prefers-color-scheme: dark)')
    const contrast = matchMedia('(prefers-contrast: more)')
    const apply = () => {
      const wanted = contrast.matches ? 'contrast' : system.matches ? 'dark' : 'light'
      document.documentElement.dataset.theme = theme === 'system' ? wanted : theme
    }
    apply()
    for (const query of [system, contrast]) query.addEventListener('change', apply)
    return () => {
      for (const query of [system, contrast]) query.removeEventListener('change', apply)
    }
  }, [theme])
}
