/** Stepping as debuggers do, both ways; breakpoints and watchpoints with what they stand at; who moves when playing; and the console. */
import type { ReactNode } from 'react'
import { Console } from './Console.tsx'
import './debug.css'
import { Playing } from './Playing.tsx'
import { Points } from './Points.tsx'
import { Walks } from './Walks.tsx'

export function Debug(): ReactNode {
  return (
    <div className="debug">
      <Walks />
      <Points />
      <Playing />
      <Console />
    </div>
  )
}
