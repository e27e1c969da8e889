/** The list of scenarios, by family, in the order of the catalog. */
import type { ScenarioInfo } from '../../worker/protocol.ts'

export interface Family {
  readonly family: string
  readonly scenarios: readonly ScenarioInfo[]
}

/** Only scenarios that hold every word of `filter`, anywhere in what the list shows. */
export function byFamily(catalog: readonly ScenarioInfo[], filter: string): readonly Family[] {
  const words = filter.toLowerCase().split(/\s+/)
  const families = new Map<string, ScenarioInfo[]>()
  for (const scenario of catalog) {
    const text = `${scenario.family} ${scenario.title} ${scenario.summary} ${scenario.id}`.toLowerCase()
    if (!words.every((word) => text.includes(word))) continue
    const family = families.get(scenario.family)
    if (family === undefined) families.set(scenario.family, [scenario])
    else family.push(scenario)
  }
  return [...families].map(([family, scenarios]) => ({ family, scenarios }))
}
