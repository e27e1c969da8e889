import type { OpenDraft } from '../../store/editing.ts'
import { partNames, partText } from '../../store/finding.ts'

/** Names of the parts that differ from the bundled ones, those that one of the two lacks among them. */
export function changedParts({ parts, base }: OpenDraft): readonly string[] {
  if (base === null) return []
  const names = [...new Set([...partNames(base), ...partNames(parts)])]
  return names.filter((name) => partText(parts, name) !== partText(base, name))
}
