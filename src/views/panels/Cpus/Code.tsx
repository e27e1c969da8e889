/** The code around the place where a CPU stands, as it fetched it: its breakpoints, and what else can be done with a line. */
import { type MouseEvent, type ReactNode, useState } from 'react'
import { breakpointAt } from '../../../store/walking.ts'
import { bytePairs, shortAddress } from '../../format.ts'
import { useFacts, usePage } from '../../page-context.ts'
import { Selectable, useRoving, useTouched } from '../../parts/Selectable.tsx'
import type { CodeLine } from '../../snapshot.ts'
import { CodeMenu, type MenuAt } from './CodeMenu.tsx'
import './code.css'

export function Code({ lines, cpu }: { lines: readonly CodeLine[]; cpu: number }): ReactNode {
  const roving = useRoving<HTMLTableElement>()
  const [menu, setMenu] = useState<MenuAt | null>(null)
  return (
    <>
      <table className="code" {...roving}>
        <tbody>
          {lines.map((line) => (
            <CodeRow key={line.address} line={line} cpu={cpu} onMenu={setMenu} />
          ))}
        </tbody>
      </table>
      {menu !== null && <CodeMenu at={menu} cpu={cpu} onClose={() => setMenu(null)} />}
    </>
  )
}

function CodeRow({ line, cpu, onMenu }: { line: CodeLine; cpu: number; onMenu(menu: MenuAt): void }): ReactNode {
  const size = Math.max(1, line.bytes.length >> 1)
  const touched = useTouched(line.address, size)
  const openMenu = (event: MouseEvent) => {
    event.preventDefault()
    const focused = document.activeElement as HTMLElement | null
    const box = event.currentTarget.getBoundingClientRect()
    // The menu key has no place of its own: below the line then.
    const byKey = event.clientX === 0 && event.clientY === 0
    onMenu({ line, size, x: byKey ? box.left + 24 : event.clientX, y: byKey ? box.bottom : event.clientY, from: focused })
  }
  return (
    <tr aria-current={line.current ? 'step' : undefined} data-touched={touched} title={line.source ?? undefined} onContextMenu={openMenu}>
      <td className="gutter">
        <Gutter line={line} />
      </td>
      <td className="address">
        <Selectable
          address={line.address}
          size={size}
          cpu={cpu}
          title={line.address}
          label={`${line.text}: who wrote it, when CPU ${cpu} executed it`}
        >
          {shortAddress(line.address)}
        </Selectable>
      </td>
      <td className={`opcode is-${line.meaning ?? 'plain'}`} title={line.bytes}>
        {opcode(line.bytes)}
      </td>
      <td className={`text is-${line.meaning ?? 'plain'}`}>
        {line.text}
        {line.variants > 1 && <span className="ways"> {line.variants} ways</span>}
      </td>
    </tr>
  )
}

/** A press sets a breakpoint, another takes it away. */
function Gutter({ line }: { line: CodeLine }): ReactNode {
  const page = usePage()
  const found = useFacts((state) => breakpointAt(state, line.address))
  const more =
    found === undefined ? '' : `${found.cpu === null ? '' : `, CPU ${found.cpu}`}${found.condition === '' ? '' : `, if ${found.condition}`}`
  return (
    <button
      type="button"
      tabIndex={-1}
      className="selectable breakpoint"
      aria-pressed={found !== undefined}
      data-enabled={found?.enabled}
      data-asks={more !== ''}
      aria-label={`Breakpoint at ${line.text}, ${shortAddress(line.address)}${more}`}
      title={found === undefined ? 'Set a breakpoint (B); the menu key has more' : `Breakpoint ${found.id}${more}: take it away`}
      onClick={() => page.toggleBreakpoint(line.address)}
    >
      <span aria-hidden="true">●</span>
    </button>
  )
}

/** Long instructions would push the text away. */
function opcode(hex: string): string {
  const pairs = bytePairs(hex)
  return pairs.length <= 5 ? pairs.join(' ') : `${pairs.slice(0, 4).join(' ')} …`
}
