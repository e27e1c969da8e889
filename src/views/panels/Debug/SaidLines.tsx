/** What was typed as in gdb, and what was answered, the latest in view. */
import { type ReactNode, useEffect, useRef } from 'react'
import { useFacts } from '../../page-context.ts'
import './console.css'

export function SaidLines(): ReactNode {
  const lines = useFacts((state) => state.said)
  const box = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: with every line
  useEffect(() => {
    if (box.current !== null) box.current.scrollTop = box.current.scrollHeight
  }, [lines])
  if (lines.length === 0) return null
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by key
    <div className="console" role="log" aria-label="Answers" ref={box} tabIndex={0}>
      {lines.map(({ key, tone, text }) => (
        <div key={key} data-tone={tone}>
          {text}
        </div>
      ))}
    </div>
  )
}
