/** The hazard matrix as the build has computed it (scripts/build.mjs): a file beside the page, read when somebody asks for it. */
import type { HazardMatrix, MatrixCell, MatrixRow } from '../../worker/protocol.ts'

export async function loadHazards(signal: AbortSignal): Promise<HazardMatrix | null> {
  try {
    const response = await fetch('hazards.json', { signal })
    return response.ok ? ((await response.json()) as HazardMatrix) : null
  } catch {
    return null
  }
}

export interface FamilyRows {
  readonly family: string
  readonly rows: readonly MatrixRow[]
}

/** In the order of the file. `whole`: only strategies as their authors meant them. */
export function byFamily(rows: readonly MatrixRow[], whole: boolean): readonly FamilyRows[] {
  const families = new Map<string, MatrixRow[]>()
  for (const row of rows) {
    if (whole && row.removed !== null) continue
    const list = families.get(row.family)
    if (list === undefined) families.set(row.family, [row])
    else list.push(row)
  }
  return [...families].map(([family, list]) => ({ family, rows: list }))
}

/** The scenario at its start, with this strategy. `param`: what chooses among its strategies; null where it has but one. */
export function strategyLink({ scenario, strategy }: MatrixRow, param: string | null): string {
  return `#v=1&s=${scenario}${param === null ? '' : `&p=${param}:${strategy}`}`
}

export interface CellWords {
  readonly sign: string
  readonly words: string
}

export function cellWords(cell: MatrixCell): CellWords {
  switch (cell.kind) {
    case 'none':
      return { sign: '', words: 'not checked: no property of the scenario stands for it' }
    case 'clean':
      return { sign: '✓', words: 'clean: every reachable state was visited' }
    case 'hidden':
      return { sign: '·', words: 'not seen, but runs end at another violation' }
    case 'cut':
      return { sign: '?', words: 'not known: the search was cut' }
    case 'violated':
      return {
        sign: `✕ ${cell.steps}`,
        words: `violated (${cell.property}) in ${cell.steps} steps${cell.circumstance === null ? '' : `: ${cell.circumstance}`}; opens the race`,
      }
  }
}
